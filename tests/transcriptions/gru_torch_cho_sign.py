"""GRU of cuDNN and PyTorch, transcribed from the docstring of torch.nn.GRU.

    r = sigmoid(W_r x + U_r h + b_r)
    z = sigmoid(W_z x + U_z h + b_z)
    n = tanh(W_g x + b_g + r * (U_g h + v_g))
    h_t = (1 - z) * n + z * h

The two biases of r and of z, which only ever appear as their sum, are one here; torch's b_in and b_hn are b_g and v_g.
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
    "v_g": ("n",),
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
    h, following = s["h"], []
    for j in range(size["n"]):
        r = f.sigmoid(affine("r", j, p, x["x"], h))
        z = f.sigmoid(affine("z", j, p, x["x"], h))
        new = f.tanh(dot(p["W_g"][j], x["x"]) + p["b_g"][j] + r * (dot(p["U_g"][j], h) + p["v_g"][j]))
        following.append((1 - z) * new + z * h[j])
    return {"h": following}, {}
