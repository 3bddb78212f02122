"""Recurrent additive network whose gates see the cell state, transcribed from jpeg729/pytorch_bits, nn/ran.py (there
with a bias in the content, left out here).

    content = W_c x
    i, f = sigmoid(W x + U c_(t-1) + b)
    c_t = i * content + f * c_(t-1)
    h_t = tanh(c_t)
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_c": ("n", "m"),
    "W_i": ("n", "m"),
    "U_i": ("n", "n"),
    "b_i": ("n",),
    "W_f": ("n", "m"),
    "U_f": ("n", "n"),
    "b_f": ("n",),
}
OUTPUTS = {}


def net(gate, j, size, p, x, recurrent):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"U_{gate}"][j][k] * recurrent[k]
    return total


def step(f, size, p, x, s):
    h, c = [], []
    for j in range(size["n"]):
        content = 0
        for k in range(size["m"]):
            content = content + p["W_c"][j][k] * x["x"][k]
        i = f.sigmoid(net("i", j, size, p, x, s["c"]))
        keep = f.sigmoid(net("f", j, size, p, x, s["c"]))
        c.append(i * content + keep * s["c"][j])
        h.append(f.tanh(c[j]))
    return {"h": h, "c": c}, {}
