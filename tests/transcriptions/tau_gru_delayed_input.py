"""tau-GRU with delayed input, transcribed from the authors' tauGRU_Cell, marked v1.3, beside tauGRU and LEMCell.

    C = sigmoid(W3 h + U3 x)
    D = sigmoid(W4 h_late + U4 x_late)
    A = tanh(W1 h + U1 x)
    B = tanh(W2 h_late + U2 x_late)
    h_t = (1 - C) * h + C * (A + D * B)

h_late is the state tau steps before the new one, x_late the input tau steps ago; dt = alpha = beta = 1. The library's
u, z, g, a are A, B, C, D, and the numbers 1 to 4. Each pair of biases, which only ever appear as their sum, is one
here.
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
PAST = {"h": 3, "x": 3}


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
        z = f.tanh(net("z", j, p, x["x[-3]"], late))
        g = f.sigmoid(net("g", j, p, x["x"], h))
        a = f.sigmoid(net("a", j, p, x["x[-3]"], late))
        following.append((1 - g) * h[j] + g * (u + a * z))
    return {"h": following}, {}
