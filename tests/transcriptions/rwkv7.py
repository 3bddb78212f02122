"""RWKV-7 time mixing, one head, transcribed from BlinkDL/RWKV-LM: RWKV-v7/rwkv_v7_numpy.py, time_mixing, first layer.

    r, k, v = W x,   w = exp(-sigmoid(D_w tanh(A_w x) + b_w) / sqrt(e)),   a = sigmoid(D_a A_a x + b_a)
    kk = k k_k / |k k_k|,   k = k + k (a - 1) k_a
    S_t = S_(t-1) diag(w) - (S_(t-1) kk)(kk a)' + v k'
    y_t = S_t r + (sum of r k r_k) v

Left out: the mixing with the last input, group norm, the gate g and W_o. k_k, k_a and r_k are kappa, alpha and u.
"""

STATES = {"S": ("n", "d")}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_r": ("d", "m"),
    "W_k": ("d", "m"),
    "W_v": ("n", "m"),
    "A_w": ("r", "m"),
    "A_a": ("r", "m"),
    "D_w": ("d", "r"),
    "D_a": ("d", "r"),
    "b_w": ("d",),
    "b_a": ("d",),
    "k_k": ("d",),
    "k_a": ("d",),
    "r_k": ("d",),
}
OUTPUTS = {"y": ("n",)}
NAMES = {"W_r": "W_q", "k_k": "kappa", "k_a": "alpha", "r_k": "u", "y": "h"}


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def product(matrix, vector):
    return [inner(row, vector) for row in matrix]


def step(f, size, p, x, s):
    u, d, root = x["x"], size["d"], f.sqrt(f.exp(f.one))
    r, k, v = product(p["W_r"], u), product(p["W_k"], u), product(p["W_v"], u)
    low = [f.tanh(value) for value in product(p["A_w"], u)]
    w = [f.exp(-f.sigmoid(net + b) / root) for net, b in zip(product(p["D_w"], low), p["b_w"])]
    a = [f.sigmoid(net + b) for net, b in zip(product(p["D_a"], product(p["A_a"], u)), p["b_a"])]
    kk = [k[j] * p["k_k"][j] for j in range(d)]
    norm = f.sqrt(inner(kk, kk))
    kk = [value / norm for value in kk]
    k = [k[j] + k[j] * (a[j] - 1) * p["k_a"][j] for j in range(d)]
    bonus = sum(r[j] * k[j] * p["r_k"][j] for j in range(d))
    state, y = [], []
    for i in range(size["n"]):
        old = s["S"][i]
        removed = inner(old, kk)
        row = [old[j] * w[j] - removed * kk[j] * a[j] + v[i] * k[j] for j in range(d)]
        state.append(row)
        y.append(inner(row, r) + bonus * v[i])
    return {"S": state}, {"y": y}
