"""GLU, transcribed from Dauphin, Fan, Auli, Grangier 2017 (arXiv:1612.08083), eq. 1, at one position.

    y = (W x + b) * sigmoid(V x + c)

The paper is quoted from memory.
"""

STATES = {}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "V": ("n", "m"), "b": ("n",), "c": ("n",)}
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
    value, gate = product(p["W"], x["x"]), product(p["V"], x["x"])
    y = []
    for j in range(size["n"]):
        y.append((value[j] + p["b"][j]) * f.sigmoid(gate[j] + p["c"][j]))
    return {}, {"y": y}
