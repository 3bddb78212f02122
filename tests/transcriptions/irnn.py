"""IRNN, transcribed from Le, Jaitly, Hinton 2015 (arXiv:1504.00941), section 2, and keras: examples/mnist_irnn.py.

    h_t = relu(W x_t + U h_(t-1) + b)

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
        h.append(f.relu(net))
    return {"h": h}, {}
