"""LSTM without peepholes, transcribed from the equations of torch.nn.LSTM, which it is; Greff et al. 2017, section III.

    z = tanh(W_z x + R_z y + b_z)
    i = sigmoid(W_i x + R_i y + b_i),    f and o likewise
    c_t = z * i + c_(t-1) * f
    y_t = tanh(c_t) * o

y is h here, and z is what W_g, U_g and b_g (the paper's W_z, R_z, b_z) give.
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
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
    "b_g": ("n",),
    "W_o": ("n", "m"),
    "U_o": ("n", "n"),
    "b_o": ("n",),
}
OUTPUTS = {}


def net(gate, j, size, p, x, s):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"U_{gate}"][j][k] * s["h"][k]
    return total


def step(f, size, p, x, s):
    h, c = [], []
    for j in range(size["n"]):
        z = f.tanh(net("g", j, size, p, x, s))
        i = f.sigmoid(net("i", j, size, p, x, s))
        keep = f.sigmoid(net("f", j, size, p, x, s))
        o = f.sigmoid(net("o", j, size, p, x, s))
        c.append(z * i + s["c"][j] * keep)
        h.append(f.tanh(c[j]) * o)
    return {"h": h, "c": c}, {}
