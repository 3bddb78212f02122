"""Update gate RNN, transcribed from TensorFlow's contrib cell (contrib/rnn/python/ops/rnn_cell.py, UGRNNCell).

    c = tanh(W_c x + U_c h + b_c)
    g = sigmoid(W_g x + U_g h + b_g)
    h_t = g * h + (1 - g) * c

The code adds a constant 1 to the gate; here it is part of its bias.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_c": ("n", "m"), "U_c": ("n", "n"), "b_c": ("n",), "W_g": ("n", "m"), "U_g": ("n", "n"), "b_g": ("n",)}
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
        c = f.tanh(affine("c", j, p, x["x"], h))
        g = f.sigmoid(affine("g", j, p, x["x"], h))
        following.append(g * h[j] + (1 - g) * c)
    return {"h": following}, {}
