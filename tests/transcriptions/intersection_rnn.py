"""Intersection RNN, transcribed from TensorFlow 1.x (contrib/rnn/python/ops/rnn_cell.py, IntersectionRNNCell).

    h_in = tanh(W_h x + U_h h + b_h), y_in = relu(W_y x + U_y h + b_y)
    gh = sigmoid(W_gh x + U_gh h + b_gh), and gy likewise
    h_t = gh * h + (1 - gh) * h_in
    y_t = gy * x + (1 - gy) * y_in

The code adds a constant 1 to both gates; here it is part of their biases.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("n",)}
PARAMETERS = {
    "W_y": ("n", "n"),
    "U_y": ("n", "n"),
    "b_y": ("n",),
    "W_h": ("n", "n"),
    "U_h": ("n", "n"),
    "b_h": ("n",),
    "W_gy": ("n", "n"),
    "U_gy": ("n", "n"),
    "b_gy": ("n",),
    "W_gh": ("n", "n"),
    "U_gh": ("n", "n"),
    "b_gh": ("n",),
}
OUTPUTS = {"y": ("n",)}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def affine(gate, j, p, x, h):
    return dot(p[f"W_{gate}"][j], x) + dot(p[f"U_{gate}"][j], h) + p[f"b_{gate}"][j]


def step(f, size, p, x, s):
    h, following, out = s["h"], [], []
    for j in range(size["n"]):
        candidate = f.tanh(affine("h", j, p, x["x"], h))
        depth = f.relu(affine("y", j, p, x["x"], h))
        gh = f.sigmoid(affine("gh", j, p, x["x"], h))
        gy = f.sigmoid(affine("gy", j, p, x["x"], h))
        following.append(gh * h[j] + (1 - gh) * candidate)
        out.append(gy * x["x"][j] + (1 - gy) * depth)
    return {"h": following}, {"y": out}
