"""Recurrently neuromodulated bistable cell, transcribed from the authors' code (nvecoven/BRC, class NBRC).

    a = 1 + tanh(W_a x + U_a h + b_a)
    c = sigmoid(W_c x + U_c h + b_c)
    h_t = c * h + (1 - c) * tanh(W_h x + a * h)

The code's z is the paper's c, its r the paper's a.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_a": ("n", "m"),
    "W_c": ("n", "m"),
    "W_h": ("n", "m"),
    "U_a": ("n", "n"),
    "U_c": ("n", "n"),
    "b_a": ("n",),
    "b_c": ("n",),
}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def affine(gate, j, p, x, h):
    return dot(p[f"W_{gate}"][j], x) + dot(p[f"U_{gate}"][j], h) + p[f"b_{gate}"][j]


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        a = 1 + f.tanh(affine("a", j, p, x["x"], h))
        c = f.sigmoid(affine("c", j, p, x["x"], h))
        following.append(c * h[j] + (1 - c) * f.tanh(dot(p["W_h"][j], x["x"]) + a * h[j]))
    return {"h": following}, {}
