"""Multiplicative LSTM, transcribed from the authors' matlab/mLSTMeval.m (benkrause/mLSTM), ForwardPass: fweights and
mweights are W_m and U_m here, iweights and weights the other W and U; writeind, keepind, readind, hidind are i, f, o,
g.

    mult = (W_m x) * (U_m h_(t-1))
    i, f, o = sigmoid(W x + U mult + b),    g = W_g x + U_g mult
    c_t = g * i + c_(t-1) * f
    h_t = tanh(c_t * o + b_h)
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_m": ("n", "m"),
    "U_m": ("n", "n"),
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
    "U_g": ("n", "n"),
    "b_h": ("n",),
}
OUTPUTS = {}


def product(matrix, j, vector):
    total = 0
    for k in range(len(vector)):
        total = total + matrix[j][k] * vector[k]
    return total


def intermediate(size, p, x, s):
    m = []
    for j in range(size["n"]):
        m.append(product(p["W_m"], j, x["x"]) * product(p["U_m"], j, s["h"]))
    return m


def step(f, size, p, x, s):
    mult = intermediate(size, p, x, s)
    h, c = [], []
    for j in range(size["n"]):
        a = {}
        for gate in ("g", "i", "f", "o"):
            a[gate] = product(p[f"W_{gate}"], j, x["x"]) + product(p[f"U_{gate}"], j, mult)
        write, keep, read = (f.sigmoid(a[gate] + p[f"b_{gate}"][j]) for gate in ("i", "f", "o"))
        c.append(a["g"] * write + s["c"][j] * keep)
        h.append(f.tanh(c[j] * read + p["b_h"][j]))
    return {"h": h, "c": c}, {}
