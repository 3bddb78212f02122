"""MiRU-1, transcribed from the docstring of RecurrentLayers.jl's MiRU1Cell, after Zyarah and Kudithipudi 2025.

r = sigmoid(W_r x + b_r + U_r h)
ht = tanh(W_g x + b_g + U_g (r * h))
h_t = lam * h + (1 - lam) * ht
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_r": ("n", "m"), "U_r": ("n", "n"), "b_r": ("n",), "W_g": ("n", "m"), "U_g": ("n", "n"), "b_g": ("n",)}
OUTPUTS = {}
CONSTANTS = {"lam": 0.5}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def affine(gate, j, p, x, h):
    return dot(p[f"W_{gate}"][j], x) + dot(p[f"U_{gate}"][j], h) + p[f"b_{gate}"][j]


def step(f, size, p, x, s):
    n, h, keep = size["n"], s["h"], CONSTANTS["lam"]
    reset = []
    for k in range(n):
        reset.append(f.sigmoid(affine("r", k, p, x["x"], h)) * h[k])
    following = []
    for j in range(n):
        following.append(keep * h[j] + (1 - keep) * f.tanh(affine("g", j, p, x["x"], reset)))
    return {"h": following}, {}
