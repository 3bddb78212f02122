"""Feed-forward gate, transcribed from Shazeer 2020 (arXiv:2002.05202), section 2, the GLU without biases.

    y = sigmoid(U x) * (W x)

The paper is quoted from memory.
"""

STATES = {}
INPUTS = {"x": ("m",)}
PARAMETERS = {"U": ("n", "m"), "W": ("n", "m")}
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
    gate, value = product(p["U"], x["x"]), product(p["W"], x["x"])
    return {}, {"y": [f.sigmoid(gate[j]) * value[j] for j in range(size["n"])]}
