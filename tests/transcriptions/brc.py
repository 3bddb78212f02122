"""Bistable recurrent cell, transcribed from the authors' code (nvecoven/BRC, cells/cells.py, class BRC).

    a = 1 + tanh(W_a x + w_a * h + b_a)
    c = sigmoid(W_c x + w_c * h + b_c)
    h_t = c * h + (1 - c) * tanh(W_h x + a * h)

The code's z is the paper's c, its r the paper's a.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_a": ("n", "m"),
    "W_c": ("n", "m"),
    "W_h": ("n", "m"),
    "w_a": ("n",),
    "w_c": ("n",),
    "b_a": ("n",),
    "b_c": ("n",),
}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        a = 1 + f.tanh(dot(p["W_a"][j], x["x"]) + p["w_a"][j] * h[j] + p["b_a"][j])
        c = f.sigmoid(dot(p["W_c"][j], x["x"]) + p["w_c"][j] * h[j] + p["b_c"][j])
        following.append(c * h[j] + (1 - c) * f.tanh(dot(p["W_h"][j], x["x"]) + a * h[j]))
    return {"h": following}, {}
