"""Leaky-integrator RNN with the leak inside the activation, transcribed from pytorch-leaky-cell, RNNLeakyCell.forward.

The code inherits a bias that its forward pass never adds; here it stands beside the products.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "U": ("n", "n"), "b": ("n",)}
OUTPUTS = {}
CONSTANTS = {"alpha": 0.3}  # the leak rate, one over tau


def step(f, size, p, x, s):
    rate = CONSTANTS["alpha"]
    h = []
    for j in range(size["n"]):
        drive = p["b"][j]
        for k in range(size["m"]):
            drive = drive + p["W"][j][k] * x["x"][k]
        for k in range(size["n"]):
            drive = drive + p["U"][j][k] * s["h"][k]
        h.append(f.tanh((1 - rate) * s["h"][j] + rate * drive))
    return {"h": h}, {}
