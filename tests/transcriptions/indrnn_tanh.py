"""IndRNN with tanh, transcribed from lmnt-com/haste: frameworks/pytorch/indrnn.py.

h_t = tanh(W x_t + b + h_(t-1) * u)
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "u": ("n",), "b": ("n",)}
OUTPUTS = {}


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        net = p["u"][j] * s["h"][j] + p["b"][j]
        for k in range(size["m"]):
            net = net + p["W"][j][k] * x["x"][k]
        h.append(f.tanh(net))
    return {"h": h}, {}
