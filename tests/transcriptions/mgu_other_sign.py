"""Minimal gated unit whose gate keeps, transcribed from RecurrentLayers.jl's code (src/cells/mgu_cell.jl).

    f = sigmoid(W_f x + U_f h + b_f)
    ht = tanh(W_g x + U_g (f * h) + b_g)
    h_t = f * h + (1 - f) * ht

The two biases of each product, which only ever appear as their sum, are one here.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_f": ("n", "m"), "U_f": ("n", "n"), "b_f": ("n",), "W_g": ("n", "m"), "U_g": ("n", "n"), "b_g": ("n",)}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    n, h = size["n"], s["h"]
    forget, forgotten = [], []
    for k in range(n):
        forget.append(f.sigmoid(dot(p["W_f"][k], x["x"]) + dot(p["U_f"][k], h) + p["b_f"][k]))
        forgotten.append(forget[k] * h[k])
    following = []
    for j in range(n):
        candidate = f.tanh(dot(p["W_g"][j], x["x"]) + dot(p["U_g"][j], forgotten) + p["b_g"][j])
        following.append(forget[j] * h[j] + (1 - forget[j]) * candidate)
    return {"h": following}, {}
