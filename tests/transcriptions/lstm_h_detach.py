"""LSTM with h-detach, transcribed from bhargav104/h-detach: copying.py (h = h.detach()) and lstm_cell.py, one bias.

h -> h without a derivative, at steps where detach is 1
i, f, o = sigmoid(W x + U h + b),   g = tanh(W x + U h + b)
c_t = c * f + i * g,   h_t = o * tanh(c_t)
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",), "detach": ()}
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
}
OUTPUTS = {}


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def step(f, size, p, x, s):
    before = [f.stop(value) if x["detach"] == 1 else value for value in s["h"]]
    h, c = [], []
    for j in range(size["n"]):
        a = {}
        for gate in ("i", "f", "g", "o"):
            a[gate] = inner(p[f"W_{gate}"][j], x["x"]) + inner(p[f"U_{gate}"][j], before) + p[f"b_{gate}"][j]
        c.append(s["c"][j] * f.sigmoid(a["f"]) + f.sigmoid(a["i"]) * f.tanh(a["g"]))
        h.append(f.sigmoid(a["o"]) * f.tanh(c[j]))
    return {"h": h, "c": c}, {}
