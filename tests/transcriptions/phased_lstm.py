"""Phased LSTM, transcribed from dannyneil/public_plstm: plstm.py, PLSTMLayer in training (off_slope = 0.001).

    e = mod(time + shift, |tau|),   mid = r_on tau / 2,   end = r_on tau
    k = e / mid where e <= mid,   (end - e) / mid where mid < e <= end,   else 0.001 e / tau
    c~, h~ by an LSTM with peepholes, of which that of o sees c~
    c_t = k c~ + (1 - k) c_(t-1),   h_t = k h~ + (1 - k) h_(t-1)

The paper (quoted from memory) subtracts the shift, this code adds it: the shift here is the negative of the cell's.
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",), "clock": ()}
PARAMETERS = {
    "W_i": ("n", "m"),
    "W_f": ("n", "m"),
    "W_g": ("n", "m"),
    "W_o": ("n", "m"),
    "U_i": ("n", "n"),
    "U_f": ("n", "n"),
    "U_g": ("n", "n"),
    "U_o": ("n", "n"),
    "b_i": ("n",),
    "b_f": ("n",),
    "b_g": ("n",),
    "b_o": ("n",),
    "p_i": ("n",),
    "p_f": ("n",),
    "p_o": ("n",),
    "tau": ("n",),
    "shift": ("n",),
    "r_on": ("n",),
}
OUTPUTS = {}
CONSTANTS = {"alpha": 0.001}
NAMES = {"shift": "-shift"}


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def openness(f, time, shift, period, on):
    moved = time + shift
    in_cycle = moved - period * f.floor(moved / period)
    mid, end = on * period / 2, on * period
    if in_cycle <= mid:
        return in_cycle / mid
    if in_cycle <= end:
        return (end - in_cycle) / mid
    return f.one / 1000 * (in_cycle / period)


def step(f, size, p, x, s):
    h, c = [], []
    for j in range(size["n"]):
        a = {}
        for gate in ("i", "f", "g", "o"):
            a[gate] = inner(p[f"W_{gate}"][j], x["x"]) + inner(p[f"U_{gate}"][j], s["h"]) + p[f"b_{gate}"][j]
        enter = f.sigmoid(a["i"] + s["c"][j] * p["p_i"][j])
        forget = f.sigmoid(a["f"] + s["c"][j] * p["p_f"][j])
        cell = forget * s["c"][j] + enter * f.tanh(a["g"])
        hidden = f.sigmoid(a["o"] + cell * p["p_o"][j]) * f.tanh(cell)
        k = openness(f, x["clock"], p["shift"][j], p["tau"][j], p["r_on"][j])
        c.append(k * cell + (1 - k) * s["c"][j])
        h.append(k * hidden + (1 - k) * s["h"][j])
    return {"h": h, "c": c}, {}
