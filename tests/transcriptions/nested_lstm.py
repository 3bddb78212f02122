"""Nested LSTM of depth 2, transcribed from hannw/nlstm: rnn_cell.py, NLSTMCell._recurrence, its forget bias in b_f.

i, f, o = sigmoid(W x + U h + b),   g = tanh(W x + U h + b)
inner input i g, inner hidden state f c: an LSTM of these with the cell d, weights A, B and a, gives c_t
h_t = o tanh(c_t)
"""

STATES = {"h": ("n",), "c": ("n",), "d": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_i": ("n", "m"),
    "W_f": ("n", "m"),
    "W_g": ("n", "m"),
    "W_o": ("n", "m"),
    "U_i": ("n", "n"),
    "U_f": ("n", "n"),
    "U_g": ("n", "n"),
    "U_o": ("n", "n"),
    "b_i": ("n",),
    "b_f": ("n",),
    "b_g": ("n",),
    "b_o": ("n",),
    "A_i": ("n", "n"),
    "A_f": ("n", "n"),
    "A_g": ("n", "n"),
    "A_o": ("n", "n"),
    "B_i": ("n", "n"),
    "B_f": ("n", "n"),
    "B_g": ("n", "n"),
    "B_o": ("n", "n"),
    "a_i": ("n",),
    "a_f": ("n",),
    "a_g": ("n",),
    "a_o": ("n",),
}
OUTPUTS = {}


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def gates(f, weights, below, before):
    found = {}
    for gate in ("i", "f", "g", "o"):
        squash = f.tanh if gate == "g" else f.sigmoid
        rows = zip(*weights[gate])
        found[gate] = [squash(inner(w, below) + inner(u, before) + b) for w, u, b in rows]
    return found


def step(f, size, p, x, s):
    n, names = size["n"], ("i", "f", "g", "o")
    outer = gates(f, {k: (p[f"W_{k}"], p[f"U_{k}"], p[f"b_{k}"]) for k in names}, x["x"], s["h"])
    entering = [outer["i"][j] * outer["g"][j] for j in range(n)]
    past = [outer["f"][j] * s["c"][j] for j in range(n)]
    inside = gates(f, {k: (p[f"A_{k}"], p[f"B_{k}"], p[f"a_{k}"]) for k in names}, entering, past)
    d = [inside["f"][j] * s["d"][j] + inside["i"][j] * inside["g"][j] for j in range(n)]
    c = [inside["o"][j] * f.tanh(d[j]) for j in range(n)]
    return {"h": [outer["o"][j] * f.tanh(c[j]) for j in range(n)], "c": c, "d": d}, {}
