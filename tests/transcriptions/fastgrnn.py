"""FastGRNN, transcribed from the authors' code (microsoft/EdgeML, edgeml_pytorch/graph/rnn.py, FastGRNNCell).

    z = sigmoid(W x + U h + b_z)
    c = tanh(W x + U h + b_g)
    h_t = z * h + (sigmoid(zeta) * (1 - z) + sigmoid(nu)) * c

With full W and U. The code's bias_gate is b_z, its bias_update b_g.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "U": ("n", "n"), "b_z": ("n",), "b_g": ("n",), "zeta": (), "nu": ()}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        common = dot(p["W"][j], x["x"]) + dot(p["U"][j], h)
        z = f.sigmoid(common + p["b_z"][j])
        c = f.tanh(common + p["b_g"][j])
        following.append(z * h[j] + (f.sigmoid(p["zeta"]) * (1 - z) + f.sigmoid(p["nu"])) * c)
    return {"h": following}, {}
