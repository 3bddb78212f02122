"""GRU without biases (Chung et al. 2014), transcribed from GroundHog (groundhog/layers/rec_layers.py, RecurrentLayer).

    z = sigmoid(W_z x + U_z h)
    r = sigmoid(W_r x + U_r h)
    ht = tanh(W_g x + U_g (r * h))
    h_t = z * ht + (1 - z) * h

The layer is given the products with x (state_below, gater_below, reseter_below); its W_hh, G_hh, R_hh are U_g, U_z,
U_r.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_z": ("n", "m"),
    "U_z": ("n", "n"),
    "W_r": ("n", "m"),
    "U_r": ("n", "n"),
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def affine(gate, j, p, x, h):
    return dot(p[f"W_{gate}"][j], x) + dot(p[f"U_{gate}"][j], h)


def step(f, size, p, x, s):
    n, h = size["n"], s["h"]
    reset = []
    for k in range(n):
        reset.append(f.sigmoid(affine("r", k, p, x["x"], h)) * h[k])
    following = []
    for j in range(n):
        z = f.sigmoid(affine("z", j, p, x["x"], h))
        candidate = f.tanh(affine("g", j, p, x["x"], reset))
        following.append((1 - z) * h[j] + z * candidate)
    return {"h": following}, {}
