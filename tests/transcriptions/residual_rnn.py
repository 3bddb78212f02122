"""Residual RNN, transcribed from google/flax: flax/linen/recurrent.py, SimpleCell with residual=True.

h_t = tanh(W x_t + b + U h_(t-1) + h_(t-1))
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "U": ("n", "n"), "b": ("n",)}
OUTPUTS = {}


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        net = p["b"][j]
        for k in range(size["m"]):
            net = net + p["W"][j][k] * x["x"][k]
        for k in range(size["n"]):
            net = net + p["U"][j][k] * s["h"][k]
        h.append(f.tanh(net + s["h"][j]))
    return {"h": h}, {}
