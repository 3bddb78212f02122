"""Scaled Cayley orthogonal RNN, transcribed from Helfrich, Willmott, Ye 2018 (arXiv:1707.09520) and the authors' code.

    h_t = modReLU(U x_t + W h_(t-1)),   W = (I + K)^-1 (I - K) D with K skew-symmetric
    modReLU(z) = sign(z) max(|z| + b, 0)

From SpartinStuff/scoRNN: scoRNN.py (cell, modReLU) and scoRNN_adding.py (makeW), which write them for rows. D ends in
n_neg_ones entries -1, there 85 of 170, as many here as n/2 has whole. What the sources leave open is as in the cell:
K is given by what A has above the diagonal. First (I - K) D h is formed, then (I + K) y = (I - K) D h solved.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"U": ("n", "m"), "A": ("n", "n"), "b": ("n",)}
OUTPUTS = {}


def solve(matrix, right):
    n = len(right)
    rows = [[*matrix[i], right[i]] for i in range(n)]
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(rows[r][c]))
        rows[c], rows[pivot] = rows[pivot], rows[c]
        for r in range(c + 1, n):
            factor = rows[r][c] / rows[c][c]
            rows[r] = [a - factor * b for a, b in zip(rows[r], rows[c])]
    found = [0] * n
    for r in reversed(range(n)):
        rest = sum(rows[r][k] * found[k] for k in range(r + 1, n))
        found[r] = (rows[r][n] - rest) / rows[r][r]
    return found


def step(f, size, p, x, s):
    n, A = size["n"], p["A"]
    n_neg_ones = n // 2
    signed = [*s["h"][: n - n_neg_ones], *(-value for value in s["h"][n - n_neg_ones :])]
    plus, right = [], []
    for i in range(n):
        skew = [A[i][j] if i < j else -A[j][i] if i > j else 0 for j in range(n)]
        plus.append([skew[j] + (1 if i == j else 0) for j in range(n)])
        right.append(signed[i] - sum(skew[j] * signed[j] for j in range(n)))
    turned = solve(plus, right)
    following = []
    for i in range(n):
        z = turned[i]
        for k in range(size["m"]):
            z = z + p["U"][i][k] * x["x"][k]
        length = f.relu(abs(z) + p["b"][i])
        following.append(length if z > 0 else -length)
    return {"h": following}, {}
