"""tau-GRU (Erichson et al. 2022), transcribed from torchrecurrent 0.2.5 (torchrecurrent/cells/taugru_cell.py).

    u = tanh(W_u h + U_u x + b_u)
    z = tanh(W_z h_late + U_z x + b_z)
    g = sigmoid(W_g h + U_g x + b_g), and a likewise
    h_t = (1 - g) * h + g * (u + a * z)

h_late is the state tau steps before the new one. The two biases of each product, which only ever appear as their sum,
are one here.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_u": ("n", "n"),
    "U_u": ("n", "m"),
    "b_u": ("n",),
    "W_z": ("n", "n"),
    "U_z": ("n", "m"),
    "b_z": ("n",),
    "W_g": ("n", "n"),
    "U_g": ("n", "m"),
    "b_g": ("n",),
    "W_a": ("n", "n"),
    "U_a": ("n", "m"),
    "b_a": ("n",),
}
OUTPUTS = {}
CONSTANTS = {"tau": 3}
PAST = {"h": 3}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def net(gate, j, p, x, h):
    return dot(p[f"W_{gate}"][j], h) + dot(p[f"U_{gate}"][j], x) + p[f"b_{gate}"][j]


def step(f, size, p, x, s):
    h, late, following = s["h"], s["h[-3]"], []
    for j in range(size["n"]):
        u = f.tanh(net("u", j, p, x["x"], h))
        z = f.tanh(net("z", j, p, x["x"], late))
        g = f.sigmoid(net("g", j, p, x["x"], h))
        a = f.sigmoid(net("a", j, p, x["x"], h))
        following.append((1 - g) * h[j] + g * (u + a * z))
    return {"h": following}, {}
