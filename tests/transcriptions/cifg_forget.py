"""LSTM whose learned gate is the forget gate, transcribed from TensorFlow 1, contrib/rnn/python/ops/rnn_cell.py,
CoupledInputForgetGateLSTMCell without peepholes, projection and layer norm.

    f = sigmoid(W_f x + U_f h + b_f)
    c_t = f * c_(t-1) + (1 - f) * tanh(W_g x + U_g h + b_g)
    h_t = sigmoid(W_o x + U_o h + b_o) * tanh(c_t)

The code's forget_bias, a number that it adds to b_f, is part of b_f here.
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_f": ("n", "m"),
    "U_f": ("n", "n"),
    "b_f": ("n",),
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
    "b_g": ("n",),
    "W_o": ("n", "m"),
    "U_o": ("n", "n"),
    "b_o": ("n",),
}
OUTPUTS = {}


def net(gate, j, size, p, x, s):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"U_{gate}"][j][k] * s["h"][k]
    return total


def step(f, size, p, x, s):
    h, c = [], []
    for j in range(size["n"]):
        keep = f.sigmoid(net("f", j, size, p, x, s))
        c.append(keep * s["c"][j] + (1 - keep) * f.tanh(net("g", j, size, p, x, s)))
        h.append(f.sigmoid(net("o", j, size, p, x, s)) * f.tanh(c[j]))
    return {"h": h, "c": c}, {}
