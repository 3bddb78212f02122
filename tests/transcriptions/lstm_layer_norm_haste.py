"""LSTM with layer normalisation and one bias, transcribed from haste, frameworks/pytorch/layer_norm_lstm.py,
LayerNormLSTMScript (torch's layer_norm: eps = 1e-5 under the root, the variance divided by the count).

    v = LN(U h; gamma_1) + LN(W x; gamma_0) + b,    one mean and one variance for all 4n entries
    i, g, f, o = v
    c_t = sigmoid(f) * c_(t-1) + sigmoid(i) * tanh(g)
    h_t = sigmoid(o) * tanh(LN(c_t; gamma_h, beta_h))
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_i": ("n", "m"),
    "U_i": ("n", "n"),
    "b_i": ("n",),
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
    "b_g": ("n",),
    "W_f": ("n", "m"),
    "U_f": ("n", "n"),
    "b_f": ("n",),
    "W_o": ("n", "m"),
    "U_o": ("n", "n"),
    "b_o": ("n",),
    "gamma0_i": ("n",),
    "gamma0_g": ("n",),
    "gamma0_f": ("n",),
    "gamma0_o": ("n",),
    "gamma1_i": ("n",),
    "gamma1_g": ("n",),
    "gamma1_f": ("n",),
    "gamma1_o": ("n",),
    "gamma_h": ("n",),
    "beta_h": ("n",),
}
OUTPUTS = {}
CONSTANTS = {"eps": 1e-5}
GATES = ("i", "g", "f", "o")
NAMES = {
    "gamma1_i": "alpha_i",
    "gamma1_f": "alpha_f",
    "gamma1_g": "alpha_g",
    "gamma1_o": "alpha_o",
    "gamma0_i": "kappa_i",
    "gamma0_f": "kappa_f",
    "gamma0_g": "kappa_g",
    "gamma0_o": "kappa_o",
    "gamma_h": "alpha_c",
    "beta_h": "beta_c",
}


def standard(f, values, eps):
    count = len(values)
    mean = sum(values) / count
    variance = sum((v - mean) ** 2 for v in values) / count
    return [(v - mean) / f.sqrt(variance + eps) for v in values]


def product(matrix, vector):
    rows = []
    for row in matrix:
        total = 0
        for k in range(len(vector)):
            total = total + row[k] * vector[k]
        rows.append(total)
    return rows


def step(f, size, p, x, s):
    n, eps = size["n"], f.one / 100000
    below, before = [], []
    for gate in GATES:
        below = below + product(p[f"W_{gate}"], x["x"])
        before = before + product(p[f"U_{gate}"], s["h"])
    below, before = standard(f, below, eps), standard(f, before, eps)
    v = {}
    for place, gate in enumerate(GATES):
        v[gate] = []
        for j in range(n):
            from_h = p[f"gamma1_{gate}"][j] * before[place * n + j]
            from_x = p[f"gamma0_{gate}"][j] * below[place * n + j]
            v[gate].append(from_h + from_x + p[f"b_{gate}"][j])
    c = [f.sigmoid(v["f"][j]) * s["c"][j] + f.sigmoid(v["i"][j]) * f.tanh(v["g"][j]) for j in range(n)]
    centred = standard(f, c, eps)
    h = [f.sigmoid(v["o"][j]) * f.tanh(p["gamma_h"][j] * centred[j] + p["beta_h"][j]) for j in range(n)]
    return {"h": h, "c": c}, {}
