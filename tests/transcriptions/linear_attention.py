"""Linear attention, transcribed from Katharopoulos et al. 2020 (arXiv:2006.16236), equations 16-20; phi = elu + 1.

    s_i = s_(i-1) + phi(W_k x_i) (W_v x_i)'
    z_i = z_(i-1) + phi(W_k x_i)
    y_i = phi(W_q x_i)' s_i / (phi(W_q x_i)' z_i)

S here is the transpose of s; y is the output h.
The paper is quoted from memory, held against idiap/fast-transformers: RecurrentLinearAttention.
"""

STATES = {"S": ("n", "d"), "z": ("d",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_q": ("d", "m"), "W_k": ("d", "m"), "W_v": ("n", "m")}
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
    d = size["d"]
    q = [f.elu(a) + 1 for a in product(p["W_q"], x["x"])]
    k = [f.elu(a) + 1 for a in product(p["W_k"], x["x"])]
    v = product(p["W_v"], x["x"])
    memory = [[s["S"][i][j] + v[i] * k[j] for j in range(d)] for i in range(size["n"])]
    z = [s["z"][j] + k[j] for j in range(d)]
    normaliser = product([z], q)[0]
    return {"S": memory, "z": z}, {"h": [a / normaliser for a in product(memory, q)]}
