"""Highway layer, transcribed from Srivastava, Greff, Schmidhuber 2015 (arXiv:1505.00387), eq. 3, with H a tanh layer.

    y = H(x) * T(x) + x * (1 - T(x)), H(x) = tanh(W_H x + b_H), T(x) = sigmoid(W_T x + b_T)

The paper is quoted from memory, held against IDSIA/brainstorm: brainstorm/layers/highway_layer.py.
"""

STATES = {}
INPUTS = {"x": ("n",)}
PARAMETERS = {"W_H": ("n", "n"), "W_T": ("n", "n"), "b_H": ("n",), "b_T": ("n",)}
OUTPUTS = {"y": ("n",)}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    net_h, net_t = product(p["W_H"], x["x"]), product(p["W_T"], x["x"])
    y = []
    for j in range(size["n"]):
        transform = f.sigmoid(net_t[j] + p["b_T"][j])
        y.append(f.tanh(net_h[j] + p["b_H"][j]) * transform + x["x"][j] * (1 - transform))
    return {}, {"y": y}
