"""Simple recurrent network with logistic units, transcribed from Elman 1990, figure 2 and its text.

    h_t = logistic(W x_t + U h_(t-1) + b)

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
        h.append(f.sigmoid(net))
    return {"h": h}, {}
