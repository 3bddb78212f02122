"""QRNN of its authors, transcribed from salesforce/pytorch-qrnn: torchqrnn/qrnn.py (window 2) and forget_mult.py.

    Z, F, O = linear layer on x_t and x_(t-1), then tanh, sigmoid and sigmoid
    c_t = F * Z + (1 - F) * c_(t-1)
    h_t = O * c_t

V is the part of the layer that sees x_(t-1).
"""

STATES = {"c": ("n",)}
INPUTS = {"x": ("m",)}
PAST = {"x": 1}
PARAMETERS = {
    "V_z": ("n", "m"),
    "V_f": ("n", "m"),
    "V_o": ("n", "m"),
    "W_z": ("n", "m"),
    "W_f": ("n", "m"),
    "W_o": ("n", "m"),
    "b_z": ("n",),
    "b_f": ("n",),
    "b_o": ("n",),
}
OUTPUTS = {"h": ("n",)}


def net(name, j, size, p, x):
    total = p[f"b_{name}"][j]
    for k in range(size["m"]):
        total = total + p[f"V_{name}"][j][k] * x["x[-1]"][k] + p[f"W_{name}"][j][k] * x["x"][k]
    return total


def step(f, size, p, x, s):
    c, h = [], []
    for j in range(size["n"]):
        z = f.tanh(net("z", j, size, p, x))
        forget = f.sigmoid(net("f", j, size, p, x))
        o = f.sigmoid(net("o", j, size, p, x))
        c.append(forget * z + (1 - forget) * s["c"][j])
        h.append(o * c[j])
    return {"c": c}, {"h": h}
