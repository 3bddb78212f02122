"""Li-GRU, transcribed from the first author's code (mravanelli/pytorch-kaldi, neural_networks.py, class liGRU).

    BN(a) = gamma * (a - mu) * k + b, with k = 1/sqrt(variance + epsilon)
    z = sigmoid(BN(W_z x) + U_z h)
    hcand = relu(BN(W_g x) + U_g h)
    h_t = z * h + (1 - z) * hcand

Batch normalisation as in evaluation, with running statistics; no dropout. The code's wh and uh are W_g and U_g.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_z": ("n", "m"),
    "U_z": ("n", "n"),
    "gamma_z": ("n",),
    "mu_z": ("n",),
    "k_z": ("n",),
    "b_z": ("n",),
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
    "gamma_g": ("n",),
    "mu_g": ("n",),
    "k_g": ("n",),
    "b_g": ("n",),
}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def normalised(gate, j, p, x):
    centred = dot(p[f"W_{gate}"][j], x) - p[f"mu_{gate}"][j]
    return p[f"gamma_{gate}"][j] * centred * p[f"k_{gate}"][j] + p[f"b_{gate}"][j]


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        z = f.sigmoid(normalised("z", j, p, x["x"]) + dot(p["U_z"][j], h))
        candidate = f.relu(normalised("g", j, p, x["x"]) + dot(p["U_g"][j], h))
        following.append(z * h[j] + (1 - z) * candidate)
    return {"h": following}, {}
