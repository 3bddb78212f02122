"""Retention, transcribed from Sun et al. 2023 (arXiv:2307.08621), equation 6; one head, gamma = 1 - 2^-5, no rotation.

    S_n = gamma S_(n-1) + k_n' v_n
    h_n = q_n S_n

The scaling of keys by 1 / sqrt(d) is that of microsoft/torchscale: multiscale_retention.py. S here is the transpose.
The paper is quoted from memory, held against fla-org's fla/ops/retention/naive.py, which scales queries.
"""

STATES = {"S": ("n", "d")}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_q": ("d", "m"), "W_k": ("d", "m"), "W_v": ("n", "m")}
OUTPUTS = {"h": ("n",)}
CONSTANTS = {"gamma": 0.96875}


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
    memory = [[CONSTANTS["gamma"] * s["S"][i][j] + v[i] * k[j] for j in range(d)] for i in range(size["n"])]
    return {"S": memory}, {"h": product(memory, q)}
