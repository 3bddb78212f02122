"""MinimalRNN, the gate on the old code, transcribed from RecurrentLayers.jl's code (src/cells/minimalrnn_cell.jl).

    z_t = tanh(W_z x + b_z)
    u = sigmoid(U_h h + U_z z_(t-1) + b_u)
    h_t = u * h + (1 - u) * z_t

The two biases of u, which only ever appear as their sum, are one here.
"""

STATES = {"h": ("n",), "z": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_z": ("n", "m"), "b_z": ("n",), "U_h": ("n", "n"), "U_z": ("n", "n"), "b_u": ("n",)}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    n, h = size["n"], s["h"]
    code = []
    for k in range(n):
        code.append(f.tanh(dot(p["W_z"][k], x["x"]) + p["b_z"][k]))
    following = []
    for j in range(n):
        u = f.sigmoid(dot(p["U_h"][j], h) + dot(p["U_z"][j], s["z"]) + p["b_u"][j])
        following.append(u * h[j] + (1 - u) * code[j])
    return {"h": following, "z": code}, {}
