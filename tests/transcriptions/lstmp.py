"""LSTM with projection, transcribed from torch's documentation of nn.LSTM with proj_size (W_hr is P here); Sak et al.
2014, equations 7 to 13, without peepholes and without the projection that is not fed back.

    i, f, o = sigmoid(W x + U h + b),    g = tanh(W_g x + U_g h + b_g)
    c_t = f * c_(t-1) + i * g
    h_t = P (o * tanh(c_t))
"""

STATES = {"h": ("r",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_i": ("n", "m"),
    "U_i": ("n", "r"),
    "b_i": ("n",),
    "W_f": ("n", "m"),
    "U_f": ("n", "r"),
    "b_f": ("n",),
    "W_g": ("n", "m"),
    "U_g": ("n", "r"),
    "b_g": ("n",),
    "W_o": ("n", "m"),
    "U_o": ("n", "r"),
    "b_o": ("n",),
    "P": ("r", "n"),
}
OUTPUTS = {}


def net(gate, j, size, p, x, s):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][j][k] * x["x"][k]
    for k in range(size["r"]):
        total = total + p[f"U_{gate}"][j][k] * s["h"][k]
    return total


def step(f, size, p, x, s):
    c, inner = [], []
    for j in range(size["n"]):
        i = f.sigmoid(net("i", j, size, p, x, s))
        keep = f.sigmoid(net("f", j, size, p, x, s))
        o = f.sigmoid(net("o", j, size, p, x, s))
        c.append(keep * s["c"][j] + i * f.tanh(net("g", j, size, p, x, s)))
        inner.append(o * f.tanh(c[j]))
    h = []
    for k in range(size["r"]):
        total = 0
        for j in range(size["n"]):
            total = total + p["P"][k][j] * inner[j]
        h.append(total)
    return {"h": h, "c": c}, {}
