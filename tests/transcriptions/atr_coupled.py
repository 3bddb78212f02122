"""ATR with coupled gates, transcribed from the first author's code (bzhangGo/zero, rnns/atr.py, twin=False).

    f = sigmoid(W x - U h)
    h_t = (1 - f) * W x + f * h

The bias of the code's product with h is left out, as in the code's own docstring.
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
        projected = dot(p["W"][j], x["x"])
        forget = f.sigmoid(projected - dot(p["U"][j], h))
        following.append((1 - forget) * projected + forget * h[j])
    return {"h": following}, {}
