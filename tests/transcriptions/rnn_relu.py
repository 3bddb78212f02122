"""Simple recurrent network with ReLU, transcribed from torch's documentation of nn.RNN with nonlinearity="relu".

    h_t = relu(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)

The two biases, which only ever appear as their sum, are one here; W is W_ih, U is W_hh.
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
        h.append(f.relu(net))
    return {"h": h}, {}
