"""LSTM with layer normalisation gate by gate, transcribed from TensorFlow 1, contrib/rnn/python/ops/rnn_cell.py,
LayerNormBasicLSTMCell without dropout (contrib's layer_norm: eps = 1e-12 under the root, the variance divided by the
count; forget_bias = 1).

    i, j, f, o = LN(W x + U h), each with a norm of its own: gain alpha, shift beta
    c_t = LN(c_(t-1) * sigmoid(f + 1) + sigmoid(i) * tanh(j))
    h_t = tanh(c_t) * sigmoid(o)

j is g here.
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_i": ("n", "m"),
    "U_i": ("n", "n"),
    "W_f": ("n", "m"),
    "U_f": ("n", "n"),
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
    "W_o": ("n", "m"),
    "U_o": ("n", "n"),
    "alpha_i": ("n",),
    "alpha_f": ("n",),
    "alpha_g": ("n",),
    "alpha_o": ("n",),
    "alpha_c": ("n",),
    "beta_i": ("n",),
    "beta_f": ("n",),
    "beta_g": ("n",),
    "beta_o": ("n",),
    "beta_c": ("n",),
}
OUTPUTS = {}
CONSTANTS = {"eps": 1e-12}


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


def norm(f, values, name, p):
    scaled = []
    for j, value in enumerate(standard(f, values, f.one / 10**12)):
        scaled.append(p[f"alpha_{name}"][j] * value + p[f"beta_{name}"][j])
    return scaled


def step(f, size, p, x, s):
    n = size["n"]
    a = {}
    for gate in ("i", "g", "f", "o"):
        below, before = product(p[f"W_{gate}"], x["x"]), product(p[f"U_{gate}"], s["h"])
        a[gate] = norm(f, [below[j] + before[j] for j in range(n)], gate, p)
    c = []
    for j in range(n):
        c.append(s["c"][j] * f.sigmoid(a["f"][j] + 1) + f.sigmoid(a["i"][j]) * f.tanh(a["g"][j]))
    c = norm(f, c, "c", p)
    return {"h": [f.tanh(c[j]) * f.sigmoid(a["o"][j]) for j in range(n)], "c": c}, {}
