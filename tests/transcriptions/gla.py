"""Gated linear attention, transcribed from Yang et al. (arXiv:2312.06635), equation 3 and section 4.4; one head.

    alpha_t = sigmoid(W_a x_t + b_a)^(1 / tau)
    S_t = S_(t-1) diag(alpha_t) + v_t k_t'
    h_t = S_t q_t

The scaling of keys by 1 / sqrt(d) is that of berlino/gated_linear_attention: gla.py. The paper's S is the transpose.
The paper is quoted from memory, held against flash-linear-attention: fla/ops/gla/naive.py.
"""

STATES = {"S": ("n", "d")}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_q": ("d", "m"),
    "W_k": ("d", "m"),
    "W_a": ("d", "m"),
    "b_a": ("d",),
    "W_v": ("n", "m"),
}
OUTPUTS = {"h": ("n",)}
CONSTANTS = {"tau": 16.0}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    d = size["d"]
    q = product(p["W_q"], x["x"])
    k = [a / f.sqrt(d * f.one) for a in product(p["W_k"], x["x"])]
    v = product(p["W_v"], x["x"])
    decay = []
    for a, b in zip(product(p["W_a"], x["x"]), p["b_a"]):
        decay.append(f.exp(f.log_sigmoid(a + b) / CONSTANTS["tau"]))
    memory = [[s["S"][i][j] * decay[j] + v[i] * k[j] for j in range(d)] for i in range(size["n"])]
    return {"S": memory}, {"h": product(memory, q)}
