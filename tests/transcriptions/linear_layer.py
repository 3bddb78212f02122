"""Linear layer, transcribed from torch's documentation of nn.Linear: y = W x + b."""

STATES = {}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "b": ("n",)}
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
    net = product(p["W"], x["x"])
    return {}, {"y": [net[j] + p["b"][j] for j in range(size["n"])]}
