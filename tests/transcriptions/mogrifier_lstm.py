"""Mogrifier LSTM, transcribed from fawazsammani/mogrifier-lstm-pytorch: README.md, MogrifierLSTMCell, without the
biases of its rounds.

for i in range(5): the rounds 1, 3, 5 x = 2 sigmoid(Q h) * x, the rounds 2, 4 h = 2 sigmoid(R x) * h; then an LSTM step
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "Q_1": ("m", "n"),
    "Q_3": ("m", "n"),
    "Q_5": ("m", "n"),
    "R_2": ("n", "m"),
    "R_4": ("n", "m"),
    **{f"W_{k}": ("n", "m") for k in "ifgo"},
    **{f"U_{k}": ("n", "n") for k in "ifgo"},
    **{f"b_{k}": ("n",) for k in "ifgo"},
}
OUTPUTS = {}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def nets(p, x, h):
    found = {}
    for k in "ifgo":
        net_x, net_h = product(p[f"W_{k}"], x), product(p[f"U_{k}"], h)
        found[k] = [a + b + c for a, b, c in zip(net_x, net_h, p[f"b_{k}"])]
    return found


def step(f, size, p, x, s):
    x, h = x["x"], s["h"]
    for turn in range(1, 6):
        if turn % 2 == 0:
            h = [2 * f.sigmoid(a) * v for a, v in zip(product(p[f"R_{turn}"], x), h)]
        else:
            x = [2 * f.sigmoid(a) * v for a, v in zip(product(p[f"Q_{turn}"], h), x)]
    net = nets(p, x, h)
    following, cell = [], []
    for j in range(size["n"]):
        kept = s["c"][j] * f.sigmoid(net["f"][j])
        cell.append(kept + f.sigmoid(net["i"][j]) * f.tanh(net["g"][j]))
        following.append(f.sigmoid(net["o"][j]) * f.tanh(cell[j]))
    return {"h": following, "c": cell}, {}
