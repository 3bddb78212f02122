"""Antisymmetric RNN, transcribed from Chang, Chen, Haber, Chi 2019 (arXiv:1902.09689), section 3, with diffusion.

    h_t = h_(t-1) + epsilon tanh((W - W' - gamma I) h_(t-1) + V x_t + b)

The paper is quoted from memory, held against RecurrentLayers.jl: src/cells/antisymmetricrnn_cell.jl.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"V": ("n", "m"), "W": ("n", "n"), "b": ("n",)}
OUTPUTS = {}
CONSTANTS = {"epsilon": 0.01, "gamma": 0.01}


def step(f, size, p, x, s):
    h = []
    for i in range(size["n"]):
        net = p["b"][i] - CONSTANTS["gamma"] * s["h"][i]
        for k in range(size["m"]):
            net = net + p["V"][i][k] * x["x"][k]
        for j in range(size["n"]):
            net = net + (p["W"][i][j] - p["W"][j][i]) * s["h"][j]
        h.append(s["h"][i] + CONSTANTS["epsilon"] * f.tanh(net))
    return {"h": h}, {}
