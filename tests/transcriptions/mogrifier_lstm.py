"""Mogrifier LSTM, five rounds, transcribed from fawazsammani/mogrifier-lstm-pytorch: mog_lstm.py, without its biases.

x <- 2 sigmoid(Q_i h) * x   for i = 1, 3, 5,   h <- 2 sigmoid(R_i x) * h   for i = 2, 4,   in turn
then an LSTM of the x and h that come out; c is not changed by the rounds
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "Q_1": ("m", "n"),
    "Q_3": ("m", "n"),
    "Q_5": ("m", "n"),
    "R_2": ("n", "m"),
    "R_4": ("n", "m"),
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
}
OUTPUTS = {}


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def step(f, size, p, x, s):
    below, before = x["x"], s["h"]
    for turn in range(1, 6):
        if turn % 2 == 0:
            before = [2 * f.sigmoid(inner(row, below)) * v for row, v in zip(p[f"R_{turn}"], before)]
        else:
            below = [2 * f.sigmoid(inner(row, before)) * v for row, v in zip(p[f"Q_{turn}"], below)]
    a = {}
    for gate in ("i", "f", "g", "o"):
        rows = zip(p[f"W_{gate}"], p[f"U_{gate}"], p[f"b_{gate}"])
        a[gate] = [inner(w, below) + inner(u, before) + b for w, u, b in rows]
    h, c = [], []
    for j in range(size["n"]):
        c.append(f.sigmoid(a["f"][j]) * s["c"][j] + f.sigmoid(a["i"][j]) * f.tanh(a["g"][j]))
        h.append(f.sigmoid(a["o"][j]) * f.tanh(c[j]))
    return {"h": h, "c": c}, {}
