"""Gated DeltaProduct with two steps a token, one head, transcribed from flash-linear-attention.

Siems et al. 2025 (arXiv:2502.10297); fla/layers/gated_deltaproduct.py without short convolutions (q, k, v = silu(W x)),
output gate, norm and projection, and fla/ops/gated_delta_product/naive.py:

    S := exp(g) S,  g = -exp(A) softplus(w_a x + b_a)
    for j = 1, 2:  S := S + beta_j (v_j - S k_j) k_j',  beta_j = 2 sigmoid(w_beta_j x)
    h = S q / sqrt(d)

q and k are divided by their Euclidean norms (the code adds 1e-6 under the root, left out here). The code's S is the
transpose of this one.
"""

STATES = {"S": ("n", "d")}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_q": ("d", "m"),
    "W_k_1": ("d", "m"),
    "W_k_2": ("d", "m"),
    "W_v_1": ("n", "m"),
    "W_v_2": ("n", "m"),
    "w_beta_1": ("m",),
    "w_beta_2": ("m",),
    "w_a": ("m",),
    "b_a": (),
    "A": (),
}
OUTPUTS = {"h": ("n",)}


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def projected(f, matrix, vector):
    return [f.silu(inner(row, vector)) for row in matrix]


def normed(f, vector):
    length = f.sqrt(inner(vector, vector))
    return [value / length for value in vector]


def step(f, size, p, x, s):
    u, n, d = x["x"], size["n"], size["d"]
    q = normed(f, projected(f, p["W_q"], u))
    decay = f.exp(-f.exp(p["A"]) * f.softplus(inner(p["w_a"], u) + p["b_a"]))
    S = [[decay * value for value in row] for row in s["S"]]
    for turn in ("1", "2"):
        k = normed(f, projected(f, p[f"W_k_{turn}"], u))
        v = projected(f, p[f"W_v_{turn}"], u)
        beta = 2 * f.sigmoid(inner(p[f"w_beta_{turn}"], u))
        for i in range(n):
            change = v[i] - inner(S[i], k)
            S[i] = [S[i][j] + change * k[j] * beta for j in range(d)]
    return {"S": S}, {"h": [inner(row, q) / f.sqrt(d * f.one) for row in S]}
