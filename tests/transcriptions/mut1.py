"""MUT1, transcribed from Jozefowicz et al. 2015, as Keras 0.x gives it (class JZS1, m = n).

z = sigmoid(W_z x + b_z)
r = sigmoid(W_r x + U_r h + b_r)
h_t = tanh(U_g (r * h) + tanh(x) + b_g) * z + h * (1 - z)
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("n",)}
PARAMETERS = {
    "W_z": ("n", "n"),
    "b_z": ("n",),
    "W_r": ("n", "n"),
    "U_r": ("n", "n"),
    "b_r": ("n",),
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
        candidate = f.tanh(dot(p["U_g"][j], reset) + f.tanh(x["x"][j]) + p["b_g"][j])
        following.append(candidate * z + h[j] * (1 - z))
    return {"h": following}, {}
