"""DeltaNet, transcribed from flash-linear-attention: fla/ops/delta_rule/naive.py and fla/layers/delta_net.py.

    q, k = silu(W_q x), silu(W_k x), each divided by its Euclidean norm;  v = silu(W_v x)
    beta = a sigmoid(w_beta x + b_beta)
    S += beta (v - S k) k'
    h = S q / sqrt(d)

a is 1, or 2 where the layer allows negative eigenvalues. S is the transpose of the code's state.
"""

STATES = {"S": ("n", "d")}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_q": ("d", "m"),
    "W_k": ("d", "m"),
    "W_v": ("n", "m"),
    "w_beta": ("m",),
    "b_beta": (),
}
OUTPUTS = {"h": ("n",)}
CONSTANTS = {"a": 1.0}


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
    beta = CONSTANTS["a"] * f.sigmoid(dot(p["w_beta"], x["x"]) + p["b_beta"])
    memory, h = [], []
    for i in range(size["n"]):
        error = v[i] - dot(s["S"][i], k)
        memory.append([s["S"][i][j] + beta * error * k[j] for j in range(size["d"])])
        h.append(dot(memory[i], q) / f.sqrt(size["d"] * f.one))
    return {"S": memory}, {"h": h}
