"""RWKV-6 time mixing, transcribed from BlinkDL/ChatRWKV: RWKV_v6_demo.py, time_mixing; one head, no token shift.

    w = exp(-exp(b + D tanh(A x)))
    x = r (diag(u) k v + s)
    s = k v + diag(w) s

r, k and v are W_q x, W_k x and W_v x; time_decay is b, td_w1 and td_w2 are A and D, time_first is u. S is s transposed.
"""

STATES = {"S": ("n", "d")}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_q": ("d", "m"),
    "W_k": ("d", "m"),
    "W_v": ("n", "m"),
    "A": ("r", "m"),
    "D": ("d", "r"),
    "b": ("d",),
    "u": ("d",),
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
    d, n = size["d"], size["n"]
    r, k, v = product(p["W_q"], x["x"]), product(p["W_k"], x["x"]), product(p["W_v"], x["x"])
    low = [f.tanh(a) for a in product(p["A"], x["x"])]
    w = [f.exp(-f.exp(p["b"][j] + a)) for j, a in enumerate(product(p["D"], low))]
    h = []
    for i in range(n):
        total = 0
        for j in range(d):
            total = total + r[j] * (p["u"][j] * k[j] * v[i] + s["S"][i][j])
        h.append(total)
    return {"S": [[k[j] * v[i] + w[j] * s["S"][i][j] for j in range(d)] for i in range(n)]}, {"h": h}
