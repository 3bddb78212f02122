"""LSTM with coupled gates, transcribed from rnn_variants.py (cydonia999), SimplifiedLSTMCell with architecture CIFG and
without peepholes; Greff et al. 2017, section III: f = 1 - i.

    i = sigmoid(W_i x + U_i h + b_i)
    c_t = (1 - i) * c_(t-1) + i * tanh(W_g x + U_g h + b_g)
    h_t = sigmoid(W_o x + U_o h + b_o) * tanh(c_t)
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_i": ("n", "m"),
    "U_i": ("n", "n"),
    "b_i": ("n",),
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
        i = f.sigmoid(net("i", j, size, p, x, s))
        c.append((1 - i) * s["c"][j] + i * f.tanh(net("g", j, size, p, x, s)))
        h.append(f.sigmoid(net("o", j, size, p, x, s)) * f.tanh(c[j]))
    return {"h": h, "c": c}, {}
