"""GRU-D, transcribed from Che et al. 2018, equations 3 to 13, in the names of nn_utils/grud_layers.py (an author).

gamma = exp(-max(0, W delta + b)), for x with a diagonal W
x^ = m x + (1 - m)(gamma_x x_last + (1 - gamma_x) x_mean),  h^ = gamma_h h
z, r = sigmoid(W x^ + U h^ + V m + b),  hh = tanh(W x^ + U (r h^) + V m + b),  h = (1 - z) h^ + z hh
"""

STATES = {"h": ("n",), "x_keep": ("m",)}
INPUTS = {"x": ("m",), "m": ("m",), "delta": ("m",)}
PARAMETERS = {
    "x_mean": ("m",),
    "decay_x": ("m",),
    "bias_x": ("m",),
    "decay_h": ("n", "m"),
    "bias_h": ("n",),
    **{f"W_{k}": ("n", "m") for k in "zrc"},
    **{f"U_{k}": ("n", "n") for k in "zrc"},
    **{f"V_{k}": ("n", "m") for k in "zrc"},
    **{f"b_{k}": ("n",) for k in "zrc"},
}
OUTPUTS = {}
NAMES = {
    "x_keep": "last",
    "m": "mask",
    "delta": "gap",
    "x_mean": "average",
    "decay_x": "w_x",
    "bias_x": "b_x",
    "decay_h": "W_h",
    "bias_h": "b_h",
}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    def decay(a):
        return f.exp(-(a if a > 0 else 0 * a))

    x_keep, x_hat = [], []
    for d in range(size["m"]):
        value, m, old = x["x"][d], x["m"][d], s["x_keep"][d]
        gamma = decay(p["decay_x"][d] * x["delta"][d] + p["bias_x"][d])
        x_keep.append(m * value + (1 - m) * old)
        x_hat.append(m * value + (1 - m) * (gamma * old + (1 - gamma) * p["x_mean"][d]))
    fading = product(p["decay_h"], x["delta"])
    h_hat = [decay(a + b) * h for a, b, h in zip(fading, p["bias_h"], s["h"])]

    def net(k, state):
        parts = product(p[f"W_{k}"], x_hat), product(p[f"U_{k}"], state), product(p[f"V_{k}"], x["m"]), p[f"b_{k}"]
        return [a + b + c + d for a, b, c, d in zip(*parts)]

    z, r = ([f.sigmoid(a) for a in net(k, h_hat)] for k in "zr")
    hh = [f.tanh(a) for a in net("c", [a * b for a, b in zip(r, h_hat)])]
    h = [(1 - z[j]) * h_hat[j] + z[j] * hh[j] for j in range(size["n"])]
    return {"h": h, "x_keep": x_keep}, {}
