"""Residual RNN with the state outside, transcribed from Chang et al. 2019 (arXiv:1902.09689), section 3, forward Euler.

    h_t = h_(t-1) + epsilon tanh(U h_(t-1) + W x_t + b), epsilon = 1

The paper is quoted from memory.
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
        h.append(s["h"][j] + f.tanh(net))
    return {"h": h}, {}
