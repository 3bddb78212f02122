"""Fast weights, transcribed from Ba et al. 2016, section 3, with one inner step and layer normalisation.

A(t) = lambda A(t-1) + eta h(t) h(t)^T
h_0(t+1) = f(W h(t) + C x(t)),  h_1(t+1) = f(LN[W h(t) + C x(t) + A(t) h_0(t+1)])
"""

STATES = {"h": ("n",), "A": ("n", "n")}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W": ("n", "n"),
    "C": ("n", "m"),
}
OUTPUTS = {}
CONSTANTS = {"decay": 0.95, "rate": 0.5, "eps": 0.00001}
NAMES = {"rate": "eta"}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    n, h = size["n"], s["h"]
    fast = [[CONSTANTS["decay"] * s["A"][j][k] + CONSTANTS["rate"] * h[j] * h[k] for k in range(n)] for j in range(n)]
    edge = [a + b for a, b in zip(product(p["W"], h), product(p["C"], x["x"]))]
    recalled = product(fast, [f.relu(a) for a in edge])
    total = [a + b for a, b in zip(edge, recalled)]
    mean = sum(total) / n
    spread = f.sqrt(sum((a - mean) ** 2 for a in total) / n + CONSTANTS["eps"])
    return {"h": [f.relu((a - mean) / spread) for a in total], "A": fast}, {}
