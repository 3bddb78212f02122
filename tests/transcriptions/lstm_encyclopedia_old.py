"""Peephole LSTM of the encyclopedia (Wikipedia, Long short-term memory), as older revisions have it.

    f = sigmoid(W_f x + U_f c_(t-1) + b_f),    i and o likewise
    c_t = f * c_(t-1) + i * tanh(W_c x + b_c)
    h_t = tanh(o * c_t)

W_c and b_c are W_g and b_g here.
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_i": ("n", "m"),
    "U_i": ("n", "n"),
    "b_i": ("n",),
    "W_f": ("n", "m"),
    "U_f": ("n", "n"),
    "b_f": ("n",),
    "W_o": ("n", "m"),
    "U_o": ("n", "n"),
    "b_o": ("n",),
    "W_g": ("n", "m"),
    "b_g": ("n",),
}
OUTPUTS = {}


def gate(letter, j, size, p, x, s):
    total = p[f"b_{letter}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{letter}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"U_{letter}"][j][k] * s["c"][k]
    return total


def step(f, size, p, x, s):
    h, c = [], []
    for j in range(size["n"]):
        keep = f.sigmoid(gate("f", j, size, p, x, s))
        i = f.sigmoid(gate("i", j, size, p, x, s))
        o = f.sigmoid(gate("o", j, size, p, x, s))
        candidate = p["b_g"][j]
        for k in range(size["m"]):
            candidate = candidate + p["W_g"][j][k] * x["x"][k]
        c.append(keep * s["c"][j] + i * f.tanh(candidate))
        h.append(f.tanh(o * c[j]))
    return {"h": h, "c": c}, {}
