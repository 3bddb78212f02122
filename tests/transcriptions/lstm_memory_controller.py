"""Memory-controller LSTM, transcribed from torchrecurrent 0.2.5, mclstm_cell.py (the docstring); Ben-Ari and
Shwartz-Ziv 2017.

    f, i, o, m = sigmoid(W x + U v_(t-1) + b),    n = tanh(W_n x + U_n v_(t-1) + b_n)
    c_t = f * c_(t-1) + i * n
    h_t = o * tanh(c_t),    v_t = m * tanh(c_t)

m, the gate of what is told to the cell itself, has the index r here, and n has g.
"""

STATES = {"v": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
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
    "W_r": ("n", "m"),
    "U_r": ("n", "n"),
    "b_r": ("n",),
}
OUTPUTS = {"h": ("n",)}


def net(gate, j, size, p, x, s):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"U_{gate}"][j][k] * s["v"][k]
    return total


def step(f, size, p, x, s):
    h, v, c = [], [], []
    for j in range(size["n"]):
        keep = f.sigmoid(net("f", j, size, p, x, s))
        i = f.sigmoid(net("i", j, size, p, x, s))
        c.append(keep * s["c"][j] + i * f.tanh(net("g", j, size, p, x, s)))
        h.append(f.sigmoid(net("o", j, size, p, x, s)) * f.tanh(c[j]))
        v.append(f.sigmoid(net("r", j, size, p, x, s)) * f.tanh(c[j]))
    return {"v": v, "c": c}, {"h": h}
