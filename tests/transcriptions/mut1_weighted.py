"""MUT1 with a learned input weight, transcribed from RecurrentLayers.jl's code (src/cells/mut_cell.jl, MUT1Cell).

    z = sigmoid(W_z x + b_z)
    r = sigmoid(W_r x + U_r h + b_r)
    h_t = tanh(U_g (r * h) + b_g + tanh(W_g x + v_g)) * z + h * (1 - z)

The two biases of r, which only ever appear as their sum, are one here.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_z": ("n", "m"),
    "b_z": ("n",),
    "W_r": ("n", "m"),
    "U_r": ("n", "n"),
    "b_r": ("n",),
    "W_g": ("n", "m"),
    "v_g": ("n",),
    "U_g": ("n", "n"),
    "b_g": ("n",),
}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    n, h = size["n"], s["h"]
    reset = []
    for k in range(n):
        reset.append(f.sigmoid(dot(p["W_r"][k], x["x"]) + dot(p["U_r"][k], h) + p["b_r"][k]) * h[k])
    following = []
    for j in range(n):
        z = f.sigmoid(dot(p["W_z"][j], x["x"]) + p["b_z"][j])
        candidate = f.tanh(dot(p["U_g"][j], reset) + p["b_g"][j] + f.tanh(dot(p["W_g"][j], x["x"]) + p["v_g"][j]))
        following.append(candidate * z + h[j] * (1 - z))
    return {"h": following}, {}
