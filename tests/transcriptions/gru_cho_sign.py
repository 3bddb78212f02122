"""GRU whose update gate keeps (Cho et al. 2014, version 3), transcribed from Keras's GRU with reset_after=False.

    r = sigmoid(W_r x + U_r h + b_r)
    z = sigmoid(W_z x + U_z h + b_z)
    ht = tanh(W_g x + U_g (r * h) + b_g)
    h_t = z * h + (1 - z) * ht

Keras's and the library's z are the share that stays; the paper's equations 5-8 are these without biases.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_z": ("n", "m"),
    "U_z": ("n", "n"),
    "b_z": ("n",),
    "W_r": ("n", "m"),
    "U_r": ("n", "n"),
    "b_r": ("n",),
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
    "b_g": ("n",),
}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def affine(gate, j, p, x, h):
    return dot(p[f"W_{gate}"][j], x) + dot(p[f"U_{gate}"][j], h) + p[f"b_{gate}"][j]


def step(f, size, p, x, s):
    n, h = size["n"], s["h"]
    reset = []
    for k in range(n):
        reset.append(f.sigmoid(affine("r", k, p, x["x"], h)) * h[k])
    following = []
    for j in range(n):
        z = f.sigmoid(affine("z", j, p, x["x"], h))
        candidate = f.tanh(affine("g", j, p, x["x"], reset))
        following.append(z * h[j] + (1 - z) * candidate)
    return {"h": following}, {}
