"""IndRNN, transcribed from Li et al. 2018 (arXiv:1803.04831), section 3: h_t = relu(W x_t + u * h_(t-1) + b).

The paper is quoted from memory, held against lmnt-com/haste: frameworks/pytorch/indrnn.py, which has tanh.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "u": ("n",), "b": ("n",)}
OUTPUTS = {}


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        net = p["u"][j] * s["h"][j] + p["b"][j]
        for k in range(size["m"]):
            net = net + p["W"][j][k] * x["x"][k]
        h.append(f.relu(net))
    return {"h": h}, {}
