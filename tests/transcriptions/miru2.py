"""MiRU-2, transcribed from RecurrentLayers.jl's MiRU2Cell (src/cells/miru_cell.jl), after Zyarah and Kudithipudi 2025.

    ht = tanh(W_g x + b_g + U_g (beta * h))
    h_t = lam * h + (1 - lam) * ht

RecurrentLayers.jl's theta is the paper's beta.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_g": ("n", "m"), "U_g": ("n", "n"), "b_g": ("n",)}
OUTPUTS = {}
CONSTANTS = {"lam": 0.5, "beta": 0.5}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    n, h, keep, beta = size["n"], s["h"], CONSTANTS["lam"], CONSTANTS["beta"]
    reset = []
    for k in range(n):
        reset.append(beta * h[k])
    following = []
    for j in range(n):
        candidate = f.tanh(dot(p["W_g"][j], x["x"]) + p["b_g"][j] + dot(p["U_g"][j], reset))
        following.append(keep * h[j] + (1 - keep) * candidate)
    return {"h": following}, {}
