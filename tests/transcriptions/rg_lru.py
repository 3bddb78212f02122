"""RG-LRU, transcribed from google-deepmind/recurrentgemma: recurrentgemma/torch/layers.py, class RGLRU, without resets.

gate_x = sigmoid(W_i x + b_i), gate_a = sigmoid(W_r x + b_r)
log a = -8 gate_a softplus(a_param)
h = a h + sqrt(1 - a^2) (gate_x x)
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("n",)}
PARAMETERS = {"W_r": ("n", "n"), "W_i": ("n", "n"), "b_r": ("n",), "b_i": ("n",), "a_param": ("n",)}
OUTPUTS = {}
CONSTANTS = {"c": 8.0}
NAMES = {"a_param": "l"}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    net_x, net_a = product(p["W_i"], x["x"]), product(p["W_r"], x["x"])
    h = []
    for j in range(size["n"]):
        gate_x, gate_a = f.sigmoid(net_x[j] + p["b_i"][j]), f.sigmoid(net_a[j] + p["b_r"][j])
        a = f.exp(-CONSTANTS["c"] * gate_a * f.softplus(p["a_param"][j]))
        h.append(a * s["h"][j] + f.sqrt(1 - a * a) * gate_x * x["x"][j])
    return {"h": h}, {}
