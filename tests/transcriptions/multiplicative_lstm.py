"""Multiplicative LSTM, transcribed from the authors' chainer/mLSTMWN.py (benkrause/mLSTM) with Chainer's function lstm;
Krause et al. 2016, section 3. Wmx, Wmh are W_m, U_m here, Whx and Whm the other W and U.

    m = (W_m x) * (U_m h_(t-1))
    i, f, o = sigmoid(W x + U m + b),    g = tanh(W_g x + U_g m + b_g)
    c_t = f * c_(t-1) + i * g
    h_t = o * tanh(c_t)
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
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
    "b_g": ("n",),
    "W_o": ("n", "m"),
    "U_o": ("n", "n"),
    "b_o": ("n",),
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
    m = intermediate(size, p, x, s)
    h, c = [], []
    for j in range(size["n"]):
        a = {}
        for gate in ("g", "i", "f", "o"):
            a[gate] = product(p[f"W_{gate}"], j, x["x"]) + p[f"b_{gate}"][j] + product(p[f"U_{gate}"], j, m)
        c.append(f.sigmoid(a["f"]) * s["c"][j] + f.sigmoid(a["i"]) * f.tanh(a["g"]))
        h.append(f.sigmoid(a["o"]) * f.tanh(c[j]))
    return {"h": h, "c": c}, {}
