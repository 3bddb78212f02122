"""Strongly-typed GRU, transcribed from RecurrentLayers.jl: src/cells/trnn_cell.jl, TGRUCell (after arXiv:1602.02218).

z_t = V_z x_(t-1) + W_z x_t + b_z
f_t = sigmoid(V_f x_(t-1) + W_f x_t + b_f)
o_t = tanh(V_o x_(t-1) + W_o x_t + b_o)
h_t = f_t * h_(t-1) + z_t * o_t
"""

STATES = {"h": ("n",)}
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
OUTPUTS = {}


def net(name, j, size, p, x):
    total = p[f"b_{name}"][j]
    for k in range(size["m"]):
        total = total + p[f"V_{name}"][j][k] * x["x[-1]"][k] + p[f"W_{name}"][j][k] * x["x"][k]
    return total


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        forget, o = f.sigmoid(net("f", j, size, p, x)), f.tanh(net("o", j, size, p, x))
        h.append(forget * s["h"][j] + net("z", j, size, p, x) * o)
    return {"h": h}, {}
