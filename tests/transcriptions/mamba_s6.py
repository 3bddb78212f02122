"""Selective state space, transcribed from Gu, Dao 2023 (arXiv:2312.00752), algorithm 2, and its selective_scan_ref.

    B = W_B x, C = W_C x, Delta = softplus(b + P W_s x), A = -exp(A_log)
    H_t = exp(Delta A) * H_(t-1) + (Delta x) B'
    y_t = H_t C + D * x

selective_scan_ref is in state-spaces/mamba: mamba_ssm/ops/selective_scan_interface.py.
The algorithm is quoted from memory, held against selective_scan_ref.
"""

STATES = {"H": ("m", "n")}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "A_log": ("m", "n"),
    "W_B": ("n", "m"),
    "W_C": ("n", "m"),
    "P": ("m", "r"),
    "W_s": ("r", "m"),
    "b": ("m",),
    "D": ("m",),
}
OUTPUTS = {"y": ("m",)}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    u = x["x"]
    write, read = product(p["W_B"], u), product(p["W_C"], u)
    delta = [f.softplus(a + b) for a, b in zip(product(p["P"], product(p["W_s"], u)), p["b"])]
    following, y = [], []
    for i in range(size["m"]):
        row, total = [], p["D"][i] * u[i]
        for j in range(size["n"]):
            row.append(f.exp(-delta[i] * f.exp(p["A_log"][i][j])) * s["H"][i][j] + delta[i] * write[j] * u[i])
            total = total + row[j] * read[j]
        following.append(row)
        y.append(total)
    return {"H": following}, {"y": y}
