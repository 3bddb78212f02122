"""LSTM with forget gate (Gers, Schmidhuber, Cummins 2000), transcribed from torch's documentation of nn.LSTM.

    i = sigmoid(W_ii x + b_ii + W_hi h + b_hi), and f and o likewise
    g = tanh(W_ig x + b_ig + W_hg h + b_hg)
    c_t = f * c_(t-1) + i * g
    h_t = o * tanh(c_t)

The two biases of each gate, which only ever appear as their sum, are one here.
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_ii": ("n", "m"),
    "W_hi": ("n", "n"),
    "b_i": ("n",),
    "W_if": ("n", "m"),
    "W_hf": ("n", "n"),
    "b_f": ("n",),
    "W_ig": ("n", "m"),
    "W_hg": ("n", "n"),
    "b_g": ("n",),
    "W_io": ("n", "m"),
    "W_ho": ("n", "n"),
    "b_o": ("n",),
}
OUTPUTS = {}
NAMES = {
    "W_ii": "W_i",
    "W_hi": "U_i",
    "W_if": "W_f",
    "W_hf": "U_f",
    "W_ig": "W_g",
    "W_hg": "U_g",
    "W_io": "W_o",
    "W_ho": "U_o",
}


def net(gate, j, size, p, x, s):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_i{gate}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"W_h{gate}"][j][k] * s["h"][k]
    return total


def step(f, size, p, x, s):
    h, c = [], []
    for j in range(size["n"]):
        i = f.sigmoid(net("i", j, size, p, x, s))
        forget = f.sigmoid(net("f", j, size, p, x, s))
        g = f.tanh(net("g", j, size, p, x, s))
        o = f.sigmoid(net("o", j, size, p, x, s))
        c.append(forget * s["c"][j] + i * g)
        h.append(o * f.tanh(c[j]))
    return {"h": h, "c": c}, {}
