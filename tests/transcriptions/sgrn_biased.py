"""Simple gated recurrent network with biases, transcribed from RecurrentLayers.jl's code (src/cells/sgrn_cell.jl).

p = W x + b_p
f = sigmoid(p + U h + b)
h_t = tanh((1 - f) * p + f * h)
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "U": ("n", "n"), "b_p": ("n",), "b": ("n",)}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        projected = dot(p["W"][j], x["x"]) + p["b_p"][j]
        forget = f.sigmoid(projected + dot(p["U"][j], h) + p["b"][j])
        following.append(f.tanh((1 - forget) * projected + forget * h[j]))
    return {"h": following}, {}
