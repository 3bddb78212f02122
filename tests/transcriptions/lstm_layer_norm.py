"""LSTM with layer normalisation, transcribed from Ba, Kiros, Hinton 2016, equations 20 to 22, and from the function ln
of the authors' layers.py (ryankiros/layer-norm; eps = 1e-5 under the root, the variance divided by the count).

    (f, i, o, g) = LN(W_h h; a_1, b_1) + LN(W_x x; a_2, b_2) + b,   one mean and one variance for all 4n entries
    c_t = sigmoid(f) * c_(t-1) + sigmoid(i) * tanh(g)
    h_t = sigmoid(o) * tanh(LN(c_t; a_3, b_3))
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_i": ("n", "m"),
    "U_i": ("n", "n"),
    "b_i": ("n",),
    "W_f": ("n", "m"),
    "U_f": ("n", "n"),
    "b_f": ("n",),
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
    "b_g": ("n",),
    "W_o": ("n", "m"),
    "U_o": ("n", "n"),
    "b_o": ("n",),
    "a1_i": ("n",),
    "a1_f": ("n",),
    "a1_g": ("n",),
    "a1_o": ("n",),
    "b1_i": ("n",),
    "b1_f": ("n",),
    "b1_g": ("n",),
    "b1_o": ("n",),
    "a2_i": ("n",),
    "a2_f": ("n",),
    "a2_g": ("n",),
    "a2_o": ("n",),
    "b2_i": ("n",),
    "b2_f": ("n",),
    "b2_g": ("n",),
    "b2_o": ("n",),
    "a3": ("n",),
    "b3": ("n",),
}
OUTPUTS = {}
CONSTANTS = {"eps": 1e-5}
GATES = ("f", "i", "o", "g")
NAMES = {
    "a1_i": "alpha_i",
    "a1_f": "alpha_f",
    "a1_g": "alpha_g",
    "a1_o": "alpha_o",
    "b1_i": "beta_i",
    "b1_f": "beta_f",
    "b1_g": "beta_g",
    "b1_o": "beta_o",
    "a2_i": "kappa_i",
    "a2_f": "kappa_f",
    "a2_g": "kappa_g",
    "a2_o": "kappa_o",
    "b2_i": "rho_i",
    "b2_f": "rho_f",
    "b2_g": "rho_g",
    "b2_o": "rho_o",
    "a3": "alpha_c",
    "b3": "beta_c",
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
    a = {}
    for place, gate in enumerate(GATES):
        a[gate] = []
        for j in range(n):
            from_h = p[f"a1_{gate}"][j] * before[place * n + j] + p[f"b1_{gate}"][j]
            from_x = p[f"a2_{gate}"][j] * below[place * n + j] + p[f"b2_{gate}"][j]
            a[gate].append(from_h + from_x + p[f"b_{gate}"][j])
    c = [f.sigmoid(a["f"][j]) * s["c"][j] + f.sigmoid(a["i"][j]) * f.tanh(a["g"][j]) for j in range(n)]
    centred = standard(f, c, eps)
    h = [f.sigmoid(a["o"][j]) * f.tanh(p["a3"][j] * centred[j] + p["b3"][j]) for j in range(n)]
    return {"h": h, "c": c}, {}
