"""Simple recurrent unit, transcribed from Lei et al. 2018 (arXiv:1709.02755v5), equations 1-4; highway scaled by alpha.

    f_t = sigmoid(W_f x_t + v_f * c_(t-1) + b_f)
    c_t = f_t * c_(t-1) + (1 - f_t) * (W_c x_t)
    r_t = sigmoid(W_r x_t + v_r * c_(t-1) + b_r)
    h_t = r_t * c_t + (1 - r_t) * alpha x_t

The paper is quoted from memory (its first W has no index), held against asappresearch/sru: sru/ops.py,
elementwise_recurrence_naive.
"""

STATES = {"c": ("n",)}
INPUTS = {"x": ("n",)}
PARAMETERS = {
    "W_c": ("n", "n"),
    "W_f": ("n", "n"),
    "W_r": ("n", "n"),
    "v_f": ("n",),
    "v_r": ("n",),
    "b_f": ("n",),
    "b_r": ("n",),
}
OUTPUTS = {"h": ("n",)}
CONSTANTS = {"alpha": 1.7320508075688772}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    u, net_f, net_r = product(p["W_c"], x["x"]), product(p["W_f"], x["x"]), product(p["W_r"], x["x"])
    c, h = [], []
    for j in range(size["n"]):
        old = s["c"][j]
        forget = f.sigmoid(net_f[j] + p["v_f"][j] * old + p["b_f"][j])
        r = f.sigmoid(net_r[j] + p["v_r"][j] * old + p["b_r"][j])
        c.append(forget * old + (1 - forget) * u[j])
        h.append(r * c[j] + (1 - r) * CONSTANTS["alpha"] * x["x"][j])
    return {"c": c}, {"h": h}
