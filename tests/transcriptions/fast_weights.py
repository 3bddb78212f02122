"""Fast weights, one inner step, after Ba, Hinton, Mnih, Leibo, Ionescu 2016, equations 1 and 2, layer-normalised.

    A(t) = lambda A(t-1) + eta h(t) h(t)'
    h_0(t+1) = relu(W h(t) + C x(t)),   h_1(t+1) = relu(LN(W h(t) + C x(t) + A(t) h_0(t+1)))

The paper is quoted from memory: ports of it differ. FastWeightsRNNCell (a TensorFlow cell of the same constants) puts
h_0(t+1) into A before it reads it, and has a bias, a gain and a shift. LN divides by the root of the variance + 1e-5.
"""

STATES = {"h": ("n",), "A": ("n", "n")}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "n"), "C": ("n", "m")}
OUTPUTS = {}
CONSTANTS = {"lambda": 0.95, "eta": 0.5, "eps": 1e-5}
NAMES = {"lambda": "decay"}


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def normalised(f, values):
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    return [(value - mean) / f.sqrt(variance + f.one / 100000) for value in values]


def step(f, size, p, x, s):
    n, zero = size["n"], 0 * f.one
    fast = [[19 * f.one / 20 * s["A"][j][k] + s["h"][j] * s["h"][k] / 2 for k in range(n)] for j in range(n)]
    slow = [inner(p["W"][j], s["h"]) + inner(p["C"][j], x["x"]) for j in range(n)]
    first = [f.max(value, zero) for value in slow]
    summed = [slow[j] + inner(fast[j], first) for j in range(n)]
    return {"h": [f.max(value, zero) for value in normalised(f, summed)], "A": fast}, {}
