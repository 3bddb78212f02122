"""LSTM with zoneout, transcribed from Krueger et al. 2017, equations 7 and 8, and teganmaharaj/zoneout:
zoneout_tensorflow.py.

The cell gives (h_new, c_new) from the old (h, c); then h = d_h h_old + (1 - d_h) h_new, c = d_c c_old + (1 - d_c) c_new
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",), "d_c": ("n",), "d_h": ("n",)}
PARAMETERS = {
    **{f"W_{k}": ("n", "m") for k in "ifgo"},
    **{f"U_{k}": ("n", "n") for k in "ifgo"},
    **{f"b_{k}": ("n",) for k in "ifgo"},
}
OUTPUTS = {}
NAMES = {"d_c": "keep_c", "d_h": "keep_h"}


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
    net = nets(p, x["x"], s["h"])
    following, cell = [], []
    for j in range(size["n"]):
        new_c = f.sigmoid(net["f"][j]) * s["c"][j] + f.sigmoid(net["i"][j]) * f.tanh(net["g"][j])
        new_h = f.sigmoid(net["o"][j]) * f.tanh(new_c)
        cell.append(s["c"][j] + (1 - x["d_c"][j]) * (new_c - s["c"][j]))
        following.append(s["h"][j] + (1 - x["d_h"][j]) * (new_h - s["h"][j]))
    return {"h": following, "c": cell}, {}
