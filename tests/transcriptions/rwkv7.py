"""RWKV-7 time mixing, transcribed from BlinkDL/RWKV-LM: RWKV-v7/rwkv_v7_numpy.py, time_mixing, for one head.

Without the shift (x for every xr, xw, …), group norm, gate and Wo:

    r = Wr x, w = exp(-sigmoid(tanh(x Ww1) Ww2 + w_bias) / sqrt(e)), k = Wk x, v = Wv x, a = sigmoid(x Wa1 Wa2 + a_bias)
    kk = k k_k, k += k (a - 1) k_a, kk /= |kk|
    S = S diag(w) - (S kk) (kk a)' + v k', y = S r + (r k r_k).sum() v
"""

STATES = {"S": ("V", "K")}
INPUTS = {"x": ("M",)}
PARAMETERS = {
    "Wr": ("K", "M"),
    "Wk": ("K", "M"),
    "Wv": ("V", "M"),
    "Ww1": ("M", "R"),
    "Ww2": ("R", "K"),
    "w_bias": ("K",),
    "Wa1": ("M", "R"),
    "Wa2": ("R", "K"),
    "a_bias": ("K",),
    "k_k": ("K",),
    "k_a": ("K",),
    "r_k": ("K",),
}
OUTPUTS = {"y": ("V",)}
SIZES = {"V": "n", "K": "d", "M": "m", "R": "r"}
NAMES = {
    "Wr": "W_q",
    "Wk": "W_k",
    "Wv": "W_v",
    "Ww1": "A_w.T",
    "Ww2": "D_w.T",
    "w_bias": "b_w",
    "Wa1": "A_a.T",
    "Wa2": "D_a.T",
    "a_bias": "b_a",
    "k_k": "kappa",
    "k_a": "alpha",
    "r_k": "u",
    "y": "h",
}


def before(matrix, vector):
    return [sum((w * v for w, v in zip(row, vector)), 0) for row in matrix]


def behind(vector, matrix):
    return [sum((v * row[k] for v, row in zip(vector, matrix)), 0) for k in range(len(matrix[0]))]


def step(f, size, p, x, s):
    keys, values = range(size["K"]), range(size["V"])
    r, k, v = (before(p[name], x["x"]) for name in ("Wr", "Wk", "Wv"))
    hidden = [f.tanh(h) for h in behind(x["x"], p["Ww1"])]
    root = f.sqrt(f.exp(f.one))
    w = [f.exp(-f.sigmoid(h + b) / root) for h, b in zip(behind(hidden, p["Ww2"]), p["w_bias"])]
    a = [f.sigmoid(h + b) for h, b in zip(behind(behind(x["x"], p["Wa1"]), p["Wa2"]), p["a_bias"])]
    kk = [k[j] * p["k_k"][j] for j in keys]
    length = f.sqrt(sum((e * e for e in kk), 0))
    kk = [e / length for e in kk]
    k = [k[j] + k[j] * (a[j] - 1) * p["k_a"][j] for j in keys]
    removed = before(s["S"], kk)
    state = [[s["S"][i][j] * w[j] - removed[i] * kk[j] * a[j] + v[i] * k[j] for j in keys] for i in values]
    bonus = sum((r[j] * k[j] * p["r_k"][j] for j in keys), 0)
    y = [read + bonus * v[i] for i, read in enumerate(before(state, r))]
    return {"S": state}, {"y": y}
