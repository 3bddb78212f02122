"""STAR (Turkoglu et al. 2019), transcribed from the docstring of RecurrentLayers.jl's STARCell.

z = tanh(W_z x + b_z)
k = sigmoid(W_k x + U_k h + b_k)
h_t = tanh((1 - k) * h + k * z)
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_z": ("n", "m"), "b_z": ("n",), "W_k": ("n", "m"), "U_k": ("n", "n"), "b_k": ("n",)}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        z = f.tanh(dot(p["W_z"][j], x["x"]) + p["b_z"][j])
        k = f.sigmoid(dot(p["W_k"][j], x["x"]) + dot(p["U_k"][j], h) + p["b_k"][j])
        following.append(f.tanh((1 - k) * h[j] + k * z))
    return {"h": following}, {}
