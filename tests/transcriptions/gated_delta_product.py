"""Gated DeltaProduct, transcribed from flash-linear-attention: fla/ops/gated_delta_product/naive.py, two householders.

    h = h exp(g);   for each of two:   h = h + beta (v - k h) k'   (rows: the state there is K times V, here transposed)
    o = q h

From fla/layers/gated_deltaproduct.py, without convolutions, norm and output gate:

    q, k, v = silu(W x), q and k divided by their Euclidean norm, q scaled by 1/sqrt(d)
    beta = 2 sigmoid(w x),   g = -exp(A) softplus(w_a x + b_a)
"""

STATES = {"S": ("n", "d")}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_q": ("d", "m"),
    "W_k_1": ("d", "m"),
    "W_k_2": ("d", "m"),
    "W_v_1": ("n", "m"),
    "W_v_2": ("n", "m"),
    "w_a": ("m",),
    "w_beta_1": ("m",),
    "w_beta_2": ("m",),
    "b_a": (),
    "A": (),
}
OUTPUTS = {"h": ("n",)}


def dot(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def silu_of(f, matrix, vector):
    return [f.silu(dot(row, vector)) for row in matrix]


def unit(f, values):
    length = f.sqrt(dot(values, values))
    return [value / length for value in values]


def step(f, size, p, x, s):
    u = x["x"]
    q = unit(f, silu_of(f, p["W_q"], u))
    decay = f.exp(-f.exp(p["A"]) * f.softplus(dot(p["w_a"], u) + p["b_a"]))
    memory = [[decay * entry for entry in row] for row in s["S"]]
    for number in ("1", "2"):
        k = unit(f, silu_of(f, p[f"W_k_{number}"], u))
        v = silu_of(f, p[f"W_v_{number}"], u)
        beta = 2 * f.sigmoid(dot(p[f"w_beta_{number}"], u))
        memory = [
            [entry + beta * (v[i] - dot(row, k)) * k[j] for j, entry in enumerate(row)] for i, row in enumerate(memory)
        ]
    return {"S": memory}, {"h": [dot(row, q) / f.sqrt(size["d"] * f.one) for row in memory]}
