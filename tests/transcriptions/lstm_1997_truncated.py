"""LSTM of 1997, truncated, from Project-Aquarius-White/simple-1997-lstm-reproduction: src/aquarius_lstm/cell.py.

y_in, y_out = sigmoid(W x + U y + b),   net_c = W x + U y + b,   y = y_(t-1) without a derivative
s_t = s_(t-1) + y_in g(net_c),   y_t = y_out h(s_t)
g = 4 sigmoid - 2,   h = 2 sigmoid - 1
"""

STATES = {"y": ("n",), "s": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_in": ("n", "m"),
    "W_out": ("n", "m"),
    "W_c": ("n", "m"),
    "U_in": ("n", "n"),
    "U_out": ("n", "n"),
    "U_c": ("n", "n"),
    "b_in": ("n",),
    "b_out": ("n",),
    "b_c": ("n",),
}
OUTPUTS = {}
NAMES = {
    "y": "h",
    "s": "c",
    "W_in": "W_i",
    "W_out": "W_o",
    "W_c": "W_g",
    "U_in": "U_i",
    "U_out": "U_o",
    "U_c": "U_g",
    "b_in": "b_i",
    "b_out": "b_o",
    "b_c": "b_g",
}


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def step(f, size, p, x, s):
    frozen = [f.stop(value) for value in s["y"]]
    y, state = [], []
    for j in range(size["n"]):
        net = {}
        for part in ("in", "out", "c"):
            net[part] = inner(p[f"W_{part}"][j], x["x"]) + inner(p[f"U_{part}"][j], frozen) + p[f"b_{part}"][j]
        state.append(s["s"][j] + f.sigmoid(net["in"]) * (4 * f.sigmoid(net["c"]) - 2))
        y.append(f.sigmoid(net["out"]) * (2 * f.sigmoid(state[j]) - 1))
    return {"y": y, "s": state}, {}
