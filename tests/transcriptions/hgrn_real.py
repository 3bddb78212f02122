"""Real HGRN, transcribed from flash-linear-attention: fla/layers/hgrn.py and fla/ops/hgrn/naive.py; no output gate.

f = gamma + (1 - gamma) sigmoid(W_f x)
i = silu(W_c x) (1 - f)
h = f h + i
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_c": ("n", "m"), "W_f": ("n", "m")}
OUTPUTS = {}
CONSTANTS = {"gamma": 0.5}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    written, kept = product(p["W_c"], x["x"]), product(p["W_f"], x["x"])
    h = []
    for j in range(size["n"]):
        forget = CONSTANTS["gamma"] + (1 - CONSTANTS["gamma"]) * f.sigmoid(kept[j])
        h.append(forget * s["h"][j] + f.silu(written[j]) * (1 - forget))
    return {"h": h}, {}
