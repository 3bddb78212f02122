"""Ordered-neurons LSTM, transcribed from yikangshen/Ordered-Neurons: ON_LSTM.py, ONLSTMCell with chunks of one unit.

    master_f = cumsum(softmax(.)),   master_i = 1 - cumsum(softmax(.)),   w = master_f * master_i
    f^ = f * w + (master_f - w),   i^ = i * w + (master_i - w)
    c_t = f^ * c_(t-1) + i^ * tanh(.),   h_t = o * tanh(c_t)

Every gate is W x + U h + b; the code's two biases are one.
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_f": ("n", "m"),
    "W_i": ("n", "m"),
    "W_o": ("n", "m"),
    "W_c": ("n", "m"),
    "W_mf": ("n", "m"),
    "W_mi": ("n", "m"),
    "U_f": ("n", "n"),
    "U_i": ("n", "n"),
    "U_o": ("n", "n"),
    "U_c": ("n", "n"),
    "U_mf": ("n", "n"),
    "U_mi": ("n", "n"),
    "b_f": ("n",),
    "b_i": ("n",),
    "b_o": ("n",),
    "b_c": ("n",),
    "b_mf": ("n",),
    "b_mi": ("n",),
}
OUTPUTS = {}


def cumsoftmax(f, values):
    weights = [f.exp(v) for v in values]
    total, found = 0, []
    for weight in weights:
        total = total + weight
        found.append(total)
    return [part / total for part in found]


def step(f, size, p, x, s):
    a = {}
    for gate in ("f", "i", "o", "c", "mf", "mi"):
        a[gate] = []
        for j in range(size["n"]):
            net = p[f"b_{gate}"][j]
            for k in range(size["m"]):
                net = net + p[f"W_{gate}"][j][k] * x["x"][k]
            for k in range(size["n"]):
                net = net + p[f"U_{gate}"][j][k] * s["h"][k]
            a[gate].append(net)
    master_f = cumsoftmax(f, a["mf"])
    master_i = [1 - v for v in cumsoftmax(f, a["mi"])]
    h, c = [], []
    for j in range(size["n"]):
        overlap = master_f[j] * master_i[j]
        forget = f.sigmoid(a["f"][j]) * overlap + (master_f[j] - overlap)
        enter = f.sigmoid(a["i"][j]) * overlap + (master_i[j] - overlap)
        c.append(forget * s["c"][j] + enter * f.tanh(a["c"][j]))
        h.append(f.sigmoid(a["o"][j]) * f.tanh(c[j]))
    return {"h": h, "c": c}, {}
