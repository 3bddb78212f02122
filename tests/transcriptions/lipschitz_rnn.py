"""Lipschitz RNN, transcribed from erichson/LipschitzRNN: models.py, model "LipschitzRNN" (alpha = 1).

    A = beta (B - B') + (1 - beta) (B + B') - gamma I
    W = beta (C - C') + (1 - beta) (C + C') - gamma I
    h_t = h_(t-1) + eps h_(t-1) A + eps tanh(h_(t-1) W + E x_t),   h a row

The code's rows make A and W the transposes of a column's: B and C are M and C transposed. The bias is that of E.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"B": ("n", "n"), "C": ("n", "n"), "E": ("n", "m"), "z": ("n",)}
OUTPUTS = {}
CONSTANTS = {"eps": 0.01, "beta": 0.8, "gamma": 0.01}
NAMES = {"B": "M.T", "C": "C.T", "E": "U", "z": "b", "eps": "epsilon"}


def constrained(matrix, beta, gamma):
    found = []
    for i in range(len(matrix)):
        row = []
        for j in range(len(matrix)):
            value = beta * (matrix[i][j] - matrix[j][i]) + (1 - beta) * (matrix[i][j] + matrix[j][i])
            row.append(value - gamma if i == j else value)
        found.append(row)
    return found


def step(f, size, p, x, s):
    beta, gamma, eps = 4 * f.one / 5, f.one / 100, f.one / 100
    left, right = constrained(p["B"], beta, gamma), constrained(p["C"], beta, gamma)
    h = []
    for j in range(size["n"]):
        linear, net = 0, p["z"][j]
        for k in range(size["m"]):
            net = net + p["E"][j][k] * x["x"][k]
        for i in range(size["n"]):
            linear = linear + s["h"][i] * left[i][j]
            net = net + s["h"][i] * right[i][j]
        h.append(s["h"][j] + eps * linear + eps * f.tanh(net))
    return {"h": h}, {}
