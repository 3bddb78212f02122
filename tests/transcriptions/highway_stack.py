"""Highway network of three layers, transcribed from Srivastava, Greff, Schmidhuber 2015 (arXiv:1505.00387), eq. 3.

    y = H(x) * T(x) + x * (1 - T(x)), H(x) = tanh(W_H x + b_H), T(x) = sigmoid(W_T x + b_T)

Each layer has parameters of its own and takes the y of the layer below for its x.
The paper is quoted from memory, held against IDSIA/brainstorm: brainstorm/layers/highway_layer.py.
"""

STATES = {}
INPUTS = {"x": ("n",)}
PARAMETERS = {
    "W_H_1": ("n", "n"),
    "W_H_2": ("n", "n"),
    "W_H_3": ("n", "n"),
    "W_T_1": ("n", "n"),
    "W_T_2": ("n", "n"),
    "W_T_3": ("n", "n"),
    "b_H_1": ("n",),
    "b_H_2": ("n",),
    "b_H_3": ("n",),
    "b_T_1": ("n",),
    "b_T_2": ("n",),
    "b_T_3": ("n",),
}
OUTPUTS = {"y": ("n",)}
CONSTANTS = {"L": 3}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    y = x["x"]
    for layer in range(1, int(CONSTANTS["L"]) + 1):
        net_h, net_t = product(p[f"W_H_{layer}"], y), product(p[f"W_T_{layer}"], y)
        below, y = y, []
        for j in range(size["n"]):
            transform = f.sigmoid(net_t[j] + p[f"b_T_{layer}"][j])
            y.append(f.tanh(net_h[j] + p[f"b_H_{layer}"][j]) * transform + below[j] * (1 - transform))
    return {}, {"y": y}
