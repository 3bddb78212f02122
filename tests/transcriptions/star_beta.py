"""STAR in its authors' code, transcribed from 0zgur0/STAR_Network, star.py.

    f = W_f x + U_f h + b_f
    j = W_z x + b_z
    h_t = tanh(sigmoid(f) * h + (1 - sigmoid(f - beta)) * tanh(j)), beta = 1

The code's gate is the share that stays, the library's k the share that is replaced: what enters it changes its sign
(`NAMES`).
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_z": ("n", "m"), "b_z": ("n",), "W_f": ("n", "m"), "U_f": ("n", "n"), "b_f": ("n",)}
OUTPUTS = {}
CONSTANTS = {"beta": 1}
NAMES = {"W_f": "-W_k", "U_f": "-U_k", "b_f": "-b_k"}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    h, following, beta = s["h"], [], CONSTANTS["beta"]
    for j in range(size["n"]):
        to_f = dot(p["W_f"][j], x["x"]) + dot(p["U_f"][j], h) + p["b_f"][j]
        observed = f.tanh(dot(p["W_z"][j], x["x"]) + p["b_z"][j])
        following.append(f.tanh(f.sigmoid(to_f) * h[j] + (1 - f.sigmoid(to_f - beta)) * observed))
    return {"h": following}, {}
