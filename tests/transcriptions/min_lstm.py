"""minLSTM, transcribed from Feng et al. 2024 (arXiv:2410.01201), section 3.2, with biases.

    f_t = sigmoid(Linear(x_t)), i_t = sigmoid(Linear(x_t)), candidate = Linear(x_t)
    f'_t = f_t / (f_t + i_t), i'_t = i_t / (f_t + i_t)
    h_t = f'_t * h_(t-1) + i'_t * candidate

The paper is quoted from memory, held against YecanLee/min-LSTM-torch: minLSTMcell.py.
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
        candidate = net("h", j, size, p, x)
        h.append(forget / (forget + i) * s["h"][j] + i / (forget + i) * candidate)
    return {"h": h}, {}
