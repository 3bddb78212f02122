"""Strongly-typed RNN, transcribed from RecurrentLayers.jl: src/cells/trnn_cell.jl, TRNNCell (after arXiv:1602.02218).

z_t = W_z x_t + b_z
f_t = sigmoid(W_f x_t + b_f)
h_t = f_t * h_(t-1) + (1 - f_t) * z_t
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_z": ("n", "m"), "W_f": ("n", "m"), "b_z": ("n",), "b_f": ("n",)}
OUTPUTS = {}


def net(name, j, size, p, x):
    total = p[f"b_{name}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{name}"][j][k] * x["x"][k]
    return total


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        forget = f.sigmoid(net("f", j, size, p, x))
        h.append(forget * s["h"][j] + (1 - forget) * net("z", j, size, p, x))
    return {"h": h}, {}
