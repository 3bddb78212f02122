"""FastRNN with plain weights, transcribed from Kusupati et al. 2018 (arXiv:1901.02358), eq. 2, with tanh.

    c_t = tanh(W x_t + U h_(t-1) + b)
    h_t = alpha c_t + beta h_(t-1)

The paper is quoted from memory, held against microsoft/EdgeML's FastRNNCell, whose weights are sigmoids.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "U": ("n", "n"), "b": ("n",), "alpha": (), "beta": ()}
OUTPUTS = {}


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        net = p["b"][j]
        for k in range(size["m"]):
            net = net + p["W"][j][k] * x["x"][k]
        for k in range(size["n"]):
            net = net + p["U"][j][k] * s["h"][k]
        h.append(p["alpha"] * f.tanh(net) + p["beta"] * s["h"][j])
    return {"h": h}, {}
