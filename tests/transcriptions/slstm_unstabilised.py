"""sLSTM without stabiliser, transcribed from Beck et al. 2024, section 2.2, with the logistic forget gate.

i = exp(W_i x + U_i h + b_i),    f = sigmoid(...),    o = sigmoid(...),    z = tanh(...)
c_t = f c_(t-1) + i z
n_t = f n_(t-1) + i
h_t = o c_t / n_t
"""

STATES = {"h": ("n",), "c": ("n",), "n": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_z": ("n", "m"),
    "U_z": ("n", "n"),
    "b_z": ("n",),
    "W_i": ("n", "m"),
    "U_i": ("n", "n"),
    "b_i": ("n",),
    "W_f": ("n", "m"),
    "U_f": ("n", "n"),
    "b_f": ("n",),
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
    h, c, n = [], [], []
    for j in range(size["n"]):
        z = f.tanh(net("z", j, size, p, x, s))
        i = f.exp(net("i", j, size, p, x, s))
        keep = f.sigmoid(net("f", j, size, p, x, s))
        o = f.sigmoid(net("o", j, size, p, x, s))
        c.append(keep * s["c"][j] + i * z)
        n.append(keep * s["n"][j] + i)
        h.append(o * c[j] / n[j])
    return {"h": h, "c": c, "n": n}, {}
