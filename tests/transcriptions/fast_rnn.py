"""FastRNN, transcribed from microsoft/EdgeML: pytorch/edgeml_pytorch/graph/rnn.py, FastRNNCell, with tanh.

c = tanh(W x + U h + b)
h = sigmoid(beta) h + sigmoid(alpha) c
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "U": ("n", "n"), "b": ("n",), "alpha": (), "beta": ()}
OUTPUTS = {}
NAMES = {"alpha": "a", "beta": "e"}


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        net = p["b"][j]
        for k in range(size["m"]):
            net = net + p["W"][j][k] * x["x"][k]
        for k in range(size["n"]):
            net = net + p["U"][j][k] * s["h"][k]
        h.append(f.sigmoid(p["beta"]) * s["h"][j] + f.sigmoid(p["alpha"]) * f.tanh(net))
    return {"h": h}, {}
