"""QRNN with f-pooling, transcribed from Bradbury, Merity, Xiong, Socher 2016 (arXiv:1611.01576), equations 2 and 3.

    z_t = tanh(V_z x_(t-1) + W_z x_t), f_t = sigmoid(V_f x_(t-1) + W_f x_t)
    h_t = f_t * h_(t-1) + (1 - f_t) * z_t

The paper writes W^1 for V and W^2 for W.
The paper is quoted from memory.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PAST = {"x": 1}
PARAMETERS = {
    "V_z": ("n", "m"),
    "V_f": ("n", "m"),
    "W_z": ("n", "m"),
    "W_f": ("n", "m"),
}
OUTPUTS = {}


def net(name, j, size, p, x):
    total = 0
    for k in range(size["m"]):
        total = total + p[f"V_{name}"][j][k] * x["x[-1]"][k] + p[f"W_{name}"][j][k] * x["x"][k]
    return total


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        forget = f.sigmoid(net("f", j, size, p, x))
        h.append(forget * s["h"][j] + (1 - forget) * f.tanh(net("z", j, size, p, x)))
    return {"h": h}, {}
