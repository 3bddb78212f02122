"""JANET, transcribed from the author's aux_code/rnn_cells.py (JosvanderWesthuizen/janet), CustomLSTMCell with
forget_only, where beta = 1.

    c_t = sigmoid(f) * c_(t-1) + (1 - sigmoid(f - beta)) * tanh(j),    h_t = c_t

with f and j affine in x and h. State and output are the same vector, so there is one state.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_f": ("n", "m"),
    "U_f": ("n", "n"),
    "b_f": ("n",),
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
    "b_g": ("n",),
}
OUTPUTS = {}
CONSTANTS = {"beta": 1.0}


def net(gate, j, size, p, x, s):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"U_{gate}"][j][k] * s["h"][k]
    return total


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        gate = net("f", j, size, p, x, s)
        candidate = f.tanh(net("g", j, size, p, x, s))
        h.append(f.sigmoid(gate) * s["h"][j] + (1 - f.sigmoid(gate - 1)) * candidate)
    return {"h": h}, {}
