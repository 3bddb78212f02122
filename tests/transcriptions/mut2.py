"""MUT2, transcribed from Jozefowicz et al. 2015, as Keras 0.x gives it (class JZS2, m = n).

z = sigmoid(W_z x + U_z h + b_z)
r = sigmoid(x + U_r h + b_r)
h_t = tanh(U_g (r * h) + W_g x + b_g) * z + h * (1 - z)
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("n",)}
PARAMETERS = {
    "W_z": ("n", "n"),
    "U_z": ("n", "n"),
    "b_z": ("n",),
    "U_r": ("n", "n"),
    "b_r": ("n",),
    "W_g": ("n", "n"),
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
        reset.append(f.sigmoid(x["x"][k] + dot(p["U_r"][k], h) + p["b_r"][k]) * h[k])
    following = []
    for j in range(n):
        z = f.sigmoid(dot(p["W_z"][j], x["x"]) + dot(p["U_z"][j], h) + p["b_z"][j])
        candidate = f.tanh(dot(p["U_g"][j], reset) + dot(p["W_g"][j], x["x"]) + p["b_g"][j])
        following.append(candidate * z + h[j] * (1 - z))
    return {"h": following}, {}
