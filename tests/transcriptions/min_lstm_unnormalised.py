"""minLSTM before its gates are normalised, transcribed from Feng et al. 2024 (arXiv:2410.01201), section 3.2.

    f_t = sigmoid(Linear(x_t)), i_t = sigmoid(Linear(x_t)), candidate = Linear(x_t)
    h_t = f_t * h_(t-1) + i_t * candidate

The paper is quoted from memory.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_f": ("n", "m"),
    "W_i": ("n", "m"),
    "W_h": ("n", "m"),
    "b_f": ("n",),
    "b_i": ("n",),
    "b_h": ("n",),
}
OUTPUTS = {}
NAMES = {"W_h": "W_g", "b_h": "b_g"}


def net(name, j, size, p, x):
    total = p[f"b_{name}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{name}"][j][k] * x["x"][k]
    return total


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        forget, i = f.sigmoid(net("f", j, size, p, x)), f.sigmoid(net("i", j, size, p, x))
        h.append(forget * s["h"][j] + i * net("h", j, size, p, x))
    return {"h": h}, {}
