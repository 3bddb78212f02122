"""Li-GRU without normalisation, transcribed from pytorch-kaldi (neural_networks.py, class liGRU) without batch norm.

z = sigmoid(W_z x + b_z + U_z h)
hcand = relu(W_g x + b_g + U_g h)
h_t = z * h + (1 - z) * hcand
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_z": ("n", "m"), "U_z": ("n", "n"), "b_z": ("n",), "W_g": ("n", "m"), "U_g": ("n", "n"), "b_g": ("n",)}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def affine(gate, j, p, x, h):
    return dot(p[f"W_{gate}"][j], x) + dot(p[f"U_{gate}"][j], h) + p[f"b_{gate}"][j]


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        z = f.sigmoid(affine("z", j, p, x["x"], h))
        candidate = f.relu(affine("g", j, p, x["x"], h))
        following.append(z * h[j] + (1 - z) * candidate)
    return {"h": following}, {}
