"""MGU1, transcribed from a public Keras class MGU1, after Heck and Salem 2017.

f = sigmoid(U_f h + b_f)
ht = tanh(W_g x + U_g (f * h) + b_g)
h_t = (1 - f) * h + f * ht
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"U_f": ("n", "n"), "b_f": ("n",), "W_g": ("n", "m"), "U_g": ("n", "n"), "b_g": ("n",)}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    n, h = size["n"], s["h"]
    forget, forgotten = [], []
    for k in range(n):
        forget.append(f.sigmoid(dot(p["U_f"][k], h) + p["b_f"][k]))
        forgotten.append(forget[k] * h[k])
    following = []
    for j in range(n):
        candidate = f.tanh(dot(p["W_g"][j], x["x"]) + dot(p["U_g"][j], forgotten) + p["b_g"][j])
        following.append((1 - forget[j]) * h[j] + forget[j] * candidate)
    return {"h": following}, {}
