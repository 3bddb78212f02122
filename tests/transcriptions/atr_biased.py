"""ATR with biases, transcribed from RecurrentLayers.jl's code (src/cells/atr_cell.jl).

p = W x + b_p
q = U h + b_q
i = sigmoid(p + q), f = sigmoid(p - q)
h_t = i * p + f * h
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "U": ("n", "n"), "b_p": ("n",), "b_q": ("n",)}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        a = dot(p["W"][j], x["x"]) + p["b_p"][j]
        b = dot(p["U"][j], h) + p["b_q"][j]
        following.append(f.sigmoid(a + b) * a + f.sigmoid(a - b) * h[j])
    return {"h": following}, {}
