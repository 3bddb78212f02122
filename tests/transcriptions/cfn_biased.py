"""Chaos-free network with an input bias, transcribed from pytorch_bits (nn/cfn.py) and RecurrentLayers.jl's code.

    theta = sigmoid(U_theta h + W_theta x + b_theta), and eta likewise
    h_t = theta * tanh(h) + eta * tanh(W_g x + b_g)

The two biases of each gate, which only ever appear as their sum, are one here.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_theta": ("n", "m"),
    "U_theta": ("n", "n"),
    "b_theta": ("n",),
    "W_eta": ("n", "m"),
    "U_eta": ("n", "n"),
    "b_eta": ("n",),
    "W_g": ("n", "m"),
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
    h, following = s["h"], []
    for j in range(size["n"]):
        theta = f.sigmoid(affine("theta", j, p, x["x"], h))
        eta = f.sigmoid(affine("eta", j, p, x["x"], h))
        following.append(theta * f.tanh(h[j]) + eta * f.tanh(dot(p["W_g"][j], x["x"]) + p["b_g"][j]))
    return {"h": following}, {}
