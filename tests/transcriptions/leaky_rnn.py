"""Leaky-integrator RNN, transcribed from reservoirpy's documentation of nodes.Reservoir, equation "internal".

    h_t = (1 - alpha) h_(t-1) + alpha tanh(W x_t + U h_(t-1) + b)

Without noise and feedback; f is tanh.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "U": ("n", "n"), "b": ("n",)}
OUTPUTS = {}
CONSTANTS = {"alpha": 0.3}


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        net = p["b"][j]
        for k in range(size["m"]):
            net = net + p["W"][j][k] * x["x"][k]
        for k in range(size["n"]):
            net = net + p["U"][j][k] * s["h"][k]
        h.append((1 - CONSTANTS["alpha"]) * s["h"][j] + CONSTANTS["alpha"] * f.tanh(net))
    return {"h": h}, {}
