"""Simple recurrent network with a tanh layer (Elman 1990), transcribed from torch's documentation of nn.RNN.

    h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)

The two biases, which only ever appear as their sum, are one here.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_ih": ("n", "m"), "W_hh": ("n", "n"), "b": ("n",)}
OUTPUTS = {}
NAMES = {"W_ih": "W", "W_hh": "U"}


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        net = p["b"][j]
        for k in range(size["m"]):
            net = net + p["W_ih"][j][k] * x["x"][k]
        for k in range(size["n"]):
            net = net + p["W_hh"][j][k] * s["h"][k]
        h.append(f.tanh(net))
    return {"h": h}, {}
