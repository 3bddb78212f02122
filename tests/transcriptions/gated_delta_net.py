"""Gated DeltaNet, transcribed from Yang, Kautz, Hatamizadeh 2024 (arXiv:2412.06464), equation 10, and its code.

    S_t = alpha_t S_(t-1) (I - beta_t k_t k_t') + beta_t v_t k_t'
    h_t = S_t q_t / sqrt(d)

From NVlabs/GatedDeltaNet: lit_gpt/gated_delta_net.py, with its Mamba gate and without convolutions:

    q, k = silu(W_q x), silu(W_k x), each divided by its Euclidean norm;  v = silu(W_v x)
    alpha = exp(-exp(A) softplus(w_a x + b_a)), beta = sigmoid(w_beta x + b_beta)

The equation is quoted from memory, held against flash-linear-attention: fla/ops/gated_delta_rule/naive.py.
"""

STATES = {"S": ("n", "d")}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_q": ("d", "m"),
    "W_k": ("d", "m"),
    "W_v": ("n", "m"),
    "w_a": ("m",),
    "w_beta": ("m",),
    "b_a": (),
    "b_beta": (),
    "A": (),
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


def dot(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def unit(f, values):
    square = 0
    for value in values:
        square = square + value * value
    return [value / f.sqrt(square) for value in values]


def step(f, size, p, x, s):
    q = unit(f, [f.silu(a) for a in product(p["W_q"], x["x"])])
    k = unit(f, [f.silu(a) for a in product(p["W_k"], x["x"])])
    v = [f.silu(a) for a in product(p["W_v"], x["x"])]
    alpha = f.exp(-f.exp(p["A"]) * f.softplus(dot(p["w_a"], x["x"]) + p["b_a"]))
    beta = f.sigmoid(dot(p["w_beta"], x["x"]) + p["b_beta"])
    memory, h = [], []
    for i in range(size["n"]):
        old = dot(s["S"][i], k)
        memory.append([alpha * (s["S"][i][j] - beta * old * k[j]) + beta * v[i] * k[j] for j in range(size["d"])])
        h.append(dot(memory[i], q) / f.sqrt(size["d"] * f.one))
    return {"S": memory}, {"h": h}
