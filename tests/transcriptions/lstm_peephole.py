"""LSTM with peepholes, transcribed from IDSIA/brainstorm, brainstorm/layers/lstm_layer.py, forward_pass; Greff et al.
2017, section II.

    z = tanh(W_z x + R_z y + b_z)
    i = sigmoid(W_i x + R_i y + p_i * c_(t-1) + b_i),    f likewise
    c_t = i * z + f * c_(t-1)
    o = sigmoid(W_o x + R_o y + p_o * c_t + b_o),    y_t = o * tanh(c_t)

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
    "p_i": ("n",),
    "p_f": ("n",),
    "p_o": ("n",),
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
        old = s["c"][j]
        z = f.tanh(net("g", j, size, p, x, s))
        i = f.sigmoid(net("i", j, size, p, x, s) + p["p_i"][j] * old)
        keep = f.sigmoid(net("f", j, size, p, x, s) + p["p_f"][j] * old)
        new = keep * old + i * z
        o = f.sigmoid(net("o", j, size, p, x, s) + p["p_o"][j] * new)
        c.append(new)
        h.append(o * f.tanh(new))
    return {"h": h, "c": c}, {}
