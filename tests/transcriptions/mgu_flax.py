"""Minimal gated unit of Flax, transcribed from the docstring of flax.linen.MGUCell (0.12.8).

    f = sigmoid(W_f x + b_f + U_f h)
    n = tanh(W_g x + b_g + f * (U_g h + v_g))
    h_t = (1 - f) * n + f * h

Flax's b_in and b_hn are b_g and v_g.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_f": ("n", "m"),
    "U_f": ("n", "n"),
    "b_f": ("n",),
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
    "b_g": ("n",),
    "v_g": ("n",),
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
        forget = f.sigmoid(dot(p["W_f"][j], x["x"]) + p["b_f"][j] + dot(p["U_f"][j], h))
        inner = dot(p["U_g"][j], h) + p["v_g"][j]
        new = f.tanh(dot(p["W_g"][j], x["x"]) + p["b_g"][j] + forget * inner)
        following.append((1 - forget) * new + forget * h[j])
    return {"h": following}, {}
