"""Phased LSTM, transcribed from Neil, Pfeiffer, Liu 2016, equations 6 to 11, and dannyneil/public_plstm: plstm.py.

phi = ((t - s) mod tau) / tau
k = 2 phi / r_on where phi < r_on / 2,  2 - 2 phi / r_on where phi < r_on,  else alpha phi
c~ = f c + i g,  c = k c~ + (1 - k) c_prev,  h~ = o tanh(c~),  h = k h~ + (1 - k) h_prev
peepholes: i and f see c_prev, o sees c~
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",), "time": ()}
PARAMETERS = {
    **{f"W_{k}": ("n", "m") for k in "ifgo"},
    **{f"U_{k}": ("n", "n") for k in "ifgo"},
    **{f"b_{k}": ("n",) for k in "ifgo"},
    "p_i": ("n",),
    "p_f": ("n",),
    "p_o": ("n",),
    "tau": ("n",),
    "s": ("n",),
    "r_on": ("n",),
}
OUTPUTS = {}
CONSTANTS = {"alpha": 0.001}
NAMES = {"time": "clock", "s": "shift"}


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
        tau, on, old = p["tau"][j], p["r_on"][j], s["c"][j]
        since = x["time"] - p["s"][j]
        phi = (since - tau * f.floor(since / tau)) / tau
        if phi < on / 2:
            k = 2 * phi / on
        elif phi < on:
            k = 2 - 2 * phi / on
        else:
            k = CONSTANTS["alpha"] * phi
        keep, take = f.sigmoid(net["f"][j] + p["p_f"][j] * old), f.sigmoid(net["i"][j] + p["p_i"][j] * old)
        candidate = keep * old + take * f.tanh(net["g"][j])
        given = f.sigmoid(net["o"][j] + p["p_o"][j] * candidate) * f.tanh(candidate)
        cell.append(k * candidate + (1 - k) * old)
        following.append(k * given + (1 - k) * s["h"][j])
    return {"h": following, "c": cell}, {}
