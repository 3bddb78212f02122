"""LSTM with h-detach, transcribed from bhargav104/h-detach: copying.py and lstm_cell.py (the authors).

Where a random number is at most p_detach: h = h.detach(); then an LSTM step on (h, c).
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",), "cut": ()}
PARAMETERS = {
    **{f"W_{k}": ("n", "m") for k in "ifgo"},
    **{f"U_{k}": ("n", "n") for k in "ifgo"},
    **{f"b_{k}": ("n",) for k in "ifgo"},
}
OUTPUTS = {}
NAMES = {"cut": "detach"}


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
    h = [f.stop(v) if x["cut"] == 1 else v for v in s["h"]]
    net = nets(p, x["x"], h)
    following, cell = [], []
    for j in range(size["n"]):
        kept = s["c"][j] * f.sigmoid(net["f"][j])
        cell.append(kept + f.sigmoid(net["i"][j]) * f.tanh(net["g"][j]))
        following.append(f.sigmoid(net["o"][j]) * f.tanh(cell[j]))
    return {"h": following, "c": cell}, {}
