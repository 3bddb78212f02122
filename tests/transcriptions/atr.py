"""ATR, transcribed from the docstring of the first author's code (bzhangGo/zero, rnns/atr.py).

p = W x
q = U h
i = sigmoid(p + q)
f = sigmoid(p - q)
h_t = i * p + f * h
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "U": ("n", "n")}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        a, b = dot(p["W"][j], x["x"]), dot(p["U"][j], h)
        following.append(f.sigmoid(a + b) * a + f.sigmoid(a - b) * h[j])
    return {"h": following}, {}
