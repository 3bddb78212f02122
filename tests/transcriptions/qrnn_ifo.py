"""QRNN with ifo-pooling, transcribed from Bradbury, Merity, Xiong, Socher 2016 (arXiv:1611.01576), equations 2 and 5.

    z_t = tanh(V_z x_(t-1) + W_z x_t), i_t = sigmoid(V_i x_(t-1) + W_i x_t), and f and o like i
    c_t = f_t * c_(t-1) + i_t * z_t
    h_t = o_t * c_t

The paper writes W^1 for V and W^2 for W.
The paper is quoted from memory.
"""

STATES = {"c": ("n",)}
INPUTS = {"x": ("m",)}
PAST = {"x": 1}
PARAMETERS = {
    "V_z": ("n", "m"),
    "V_i": ("n", "m"),
    "V_f": ("n", "m"),
    "V_o": ("n", "m"),
    "W_z": ("n", "m"),
    "W_i": ("n", "m"),
    "W_f": ("n", "m"),
    "W_o": ("n", "m"),
}
OUTPUTS = {"h": ("n",)}


def net(name, j, size, p, x):
    total = 0
    for k in range(size["m"]):
        total = total + p[f"V_{name}"][j][k] * x["x[-1]"][k] + p[f"W_{name}"][j][k] * x["x"][k]
    return total


def step(f, size, p, x, s):
    c, h = [], []
    for j in range(size["n"]):
        z = f.tanh(net("z", j, size, p, x))
        forget = f.sigmoid(net("f", j, size, p, x))
        i = f.sigmoid(net("i", j, size, p, x))
        o = f.sigmoid(net("o", j, size, p, x))
        c.append(forget * s["c"][j] + i * z)
        h.append(o * c[j])
    return {"c": c}, {"h": h}
