"""Light recurrent unit, transcribed from lucidrains/light-recurrent-unit-pytorch (light_recurrent_unit.py).

    f = sigmoid(W_f x + U_f h + b_f)
    h_t = (1 - f) * h + f * tanh(W_g x)

The code's lerp(h, a, f) is h + f * (a - h).
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_f": ("n", "m"), "U_f": ("n", "n"), "b_f": ("n",), "W_g": ("n", "m")}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        forget = f.sigmoid(dot(p["W_f"][j], x["x"]) + dot(p["U_f"][j], h) + p["b_f"][j])
        candidate = f.tanh(dot(p["W_g"][j], x["x"]))
        following.append((1 - forget) * h[j] + forget * candidate)
    return {"h": following}, {}
