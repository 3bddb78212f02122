"""SCRN, transcribed from Mikolov, Joulin, Chopra, Mathieu, Ranzato 2015 (arXiv:1412.7753), section 3, without readout.

    s_t = (1 - alpha) B x_t + alpha s_(t-1)
    h_t = sigmoid(P s_t + A x_t + R h_(t-1))

The paper is quoted from memory, held against RecurrentLayers.jl: src/cells/scrn_cell.jl, docstring.
"""

STATES = {"h": ("n",), "s": ("p",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"A": ("n", "m"), "B": ("p", "m"), "P": ("n", "p"), "R": ("n", "n")}
OUTPUTS = {}
CONSTANTS = {"alpha": 0.95}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    alpha = CONSTANTS["alpha"]
    context = [(1 - alpha) * new + alpha * old for new, old in zip(product(p["B"], x["x"]), s["s"])]
    slow, fast, own = product(p["P"], context), product(p["A"], x["x"]), product(p["R"], s["h"])
    return {"h": [f.sigmoid(slow[j] + fast[j] + own[j]) for j in range(size["n"])], "s": context}, {}
