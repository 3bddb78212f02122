"""NAS cell with sums only, transcribed from torchrecurrent 0.2.5, nas_cell.py, forward (RecurrentLayers.jl's code is
the same); its two biases, which only ever appear as their sum, are one here.
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_1": ("n", "m"),
    "U_1": ("n", "n"),
    "b_1": ("n",),
    "W_2": ("n", "m"),
    "U_2": ("n", "n"),
    "b_2": ("n",),
    "W_3": ("n", "m"),
    "U_3": ("n", "n"),
    "b_3": ("n",),
    "W_4": ("n", "m"),
    "U_4": ("n", "n"),
    "b_4": ("n",),
    "W_5": ("n", "m"),
    "U_5": ("n", "n"),
    "b_5": ("n",),
    "W_6": ("n", "m"),
    "U_6": ("n", "n"),
    "b_6": ("n",),
    "W_7": ("n", "m"),
    "U_7": ("n", "n"),
    "b_7": ("n",),
    "W_8": ("n", "m"),
    "U_8": ("n", "n"),
    "b_8": ("n",),
}
OUTPUTS = {}


def product(matrix, j, vector):
    total = 0
    for k in range(len(vector)):
        total = total + matrix[j][k] * vector[k]
    return total


def step(f, size, p, x, s):
    h, c = [], []
    for j in range(size["n"]):
        wx = [product(p[f"W_{k}"], j, x["x"]) for k in range(1, 9)]
        uh = [product(p[f"U_{k}"], j, s["h"]) + p[f"b_{k}"][j] for k in range(1, 9)]
        first = [
            f.sigmoid(wx[0] + uh[0]),
            f.relu(wx[1] + uh[1]),
            f.sigmoid(wx[2] + uh[2]),
            f.relu(wx[3] + uh[3]),
            f.tanh(wx[4] + uh[4]),
            f.sigmoid(wx[5] + uh[5]),
            f.tanh(wx[6] + uh[6]),
            f.sigmoid(wx[7] + uh[7]),
        ]
        second = [
            f.tanh(first[0] * first[1]),
            f.tanh(first[2] + first[3]),
            f.tanh(first[4] * first[5]),
            f.sigmoid(first[6] + first[7]),
        ]
        injected = f.tanh(second[0] + s["c"][j])
        c.append(injected * second[1])
        h.append(f.tanh(c[j] * f.tanh(second[2] + second[3])))
    return {"h": h, "c": c}, {}
