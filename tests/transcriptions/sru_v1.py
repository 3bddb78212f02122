"""Simple recurrent unit of 2017, transcribed from Lei, Zhang (arXiv:1709.02755v1), equations 3-7, with g = tanh.

    f_t = sigmoid(W_f x_t + b_f), r_t = sigmoid(W_r x_t + b_r)
    c_t = f_t * c_(t-1) + (1 - f_t) * (W_c x_t)
    h_t = r_t * tanh(c_t) + (1 - r_t) * x_t

The paper is quoted from memory (its first W has no index), held against SRU in eamartin/parallelizing_linear_rnns:
layers.py, which has no tanh.
"""

STATES = {"c": ("n",)}
INPUTS = {"x": ("n",)}
PARAMETERS = {
    "W_c": ("n", "n"),
    "W_f": ("n", "n"),
    "W_r": ("n", "n"),
    "b_f": ("n",),
    "b_r": ("n",),
}
OUTPUTS = {"h": ("n",)}


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
        forget, r = f.sigmoid(net_f[j] + p["b_f"][j]), f.sigmoid(net_r[j] + p["b_r"][j])
        c.append(forget * s["c"][j] + (1 - forget) * u[j])
        h.append(r * f.tanh(c[j]) + (1 - r) * x["x"][j])
    return {"c": c}, {"h": h}
