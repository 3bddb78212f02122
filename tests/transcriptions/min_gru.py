"""minGRU, transcribed from Feng et al. 2024 (arXiv:2410.01201), section 3.1, with biases.

    z_t = sigmoid(Linear(x_t)), candidate = Linear(x_t)
    h_t = (1 - z_t) * h_(t-1) + z_t * candidate

The paper is quoted from memory, held against lucidrains/minGRU-pytorch: minGRU_pytorch/minGRU.py, but for g.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_z": ("n", "m"), "W_h": ("n", "m"), "b_z": ("n",), "b_h": ("n",)}
OUTPUTS = {}


def net(name, j, size, p, x):
    total = p[f"b_{name}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{name}"][j][k] * x["x"][k]
    return total


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        z = f.sigmoid(net("z", j, size, p, x))
        h.append((1 - z) * s["h"][j] + z * net("h", j, size, p, x))
    return {"h": h}, {}
