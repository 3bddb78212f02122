"""LSTM with zoneout, transcribed from teganmaharaj/zoneout: zoneout_tensorflow.py, ZoneoutWrapper around an LSTM.

    c~, h~ by the LSTM, h~ from c~
    c_t = mask (c~ - c_(t-1)) + c_(t-1),   h_t = mask (h~ - h_(t-1)) + h_(t-1)

The code's mask (of dropout, with its scale taken back) is 1 where a unit is new: 1 - keep_c and 1 - keep_h.
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",), "keep_c": ("n",), "keep_h": ("n",)}
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
}
OUTPUTS = {}


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def step(f, size, p, x, s):
    h, c = [], []
    for j in range(size["n"]):
        a = {}
        for gate in ("i", "f", "g", "o"):
            a[gate] = inner(p[f"W_{gate}"][j], x["x"]) + inner(p[f"U_{gate}"][j], s["h"]) + p[f"b_{gate}"][j]
        cell = f.sigmoid(a["f"]) * s["c"][j] + f.sigmoid(a["i"]) * f.tanh(a["g"])
        hidden = f.sigmoid(a["o"]) * f.tanh(cell)
        c.append((1 - x["keep_c"][j]) * (cell - s["c"][j]) + s["c"][j])
        h.append((1 - x["keep_h"][j]) * (hidden - s["h"][j]) + s["h"][j])
    return {"h": h, "c": c}, {}
