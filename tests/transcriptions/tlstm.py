"""Strongly-typed LSTM, transcribed from torchrecurrent 0.2.5, trnn_cell.py, TLSTM (the docstring); Balduzzi and Ghifary
2016. The squashing tau of o is tanh.

    z = V_z x_(t-1) + W_z x_t + b_z
    f = sigmoid(V_f x_(t-1) + W_f x_t + b_f)
    o = tau(V_o x_(t-1) + W_o x_t + b_o)
    c_t = f * c_(t-1) + (1 - f) * z
    h_t = c_t * o
"""

STATES = {"c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_z": ("n", "m"),
    "b_z": ("n",),
    "W_f": ("n", "m"),
    "b_f": ("n",),
    "W_o": ("n", "m"),
    "b_o": ("n",),
    "V_z": ("n", "m"),
    "V_f": ("n", "m"),
    "V_o": ("n", "m"),
}
OUTPUTS = {"h": ("n",)}
PAST = {"x": 1}


def net(gate, j, size, p, x):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"V_{gate}"][j][k] * x["x[-1]"][k] + p[f"W_{gate}"][j][k] * x["x"][k]
    return total


def step(f, size, p, x, s):
    h, c = [], []
    for j in range(size["n"]):
        z = net("z", j, size, p, x)
        keep = f.sigmoid(net("f", j, size, p, x))
        o = f.tanh(net("o", j, size, p, x))
        c.append(keep * s["c"][j] + (1 - keep) * z)
        h.append(c[j] * o)
    return {"c": c}, {"h": h}
