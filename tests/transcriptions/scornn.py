"""scoRNN, transcribed from SpartinStuff/scoRNN: scoRNN.py and makeW of scoRNN_copying.py, columns in place of rows.

    W = (I + A)^-1 (I - A) D,   A skew-symmetric, D of ones and as many minus ones
    h_t = relu(|res| + b) sign(res),   res = U x_t + W h_(t-1)

A is given by what stands above its diagonal.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"U": ("n", "m"), "A": ("n", "n"), "b": ("n",)}
OUTPUTS = {}


def solved(matrix, right):
    """The solution of a system by elimination; I + A has minors that are sums of squares, so no row is exchanged."""
    n = len(matrix)
    rows = [[*matrix[i], *right[i]] for i in range(n)]
    for c in range(n):
        for r in range(n):
            if r != c:
                factor = rows[r][c] / rows[c][c]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[c])]
    return [[value / rows[i][i] for value in rows[i][n:]] for i in range(n)]


def step(f, size, p, x, s):
    n = size["n"]
    plus, minus = [], []
    for i in range(n):
        skew = [p["A"][i][j] if j > i else -p["A"][j][i] if j < i else 0 * f.one for j in range(n)]
        plus.append([skew[j] + (1 if i == j else 0) for j in range(n)])
        minus.append([(1 if i == j else 0) - skew[j] for j in range(n)])
    w = solved(plus, minus)
    h = []
    for j in range(n):
        res = 0
        for k in range(size["m"]):
            res = res + p["U"][j][k] * x["x"][k]
        for k in range(n):
            res = res + w[j][k] * s["h"][k] * (1 if 2 * k < n else -1)
        size_ = f.max(res, -res)
        h.append(f.max(size_ + p["b"][j], 0 * f.one) * (res / size_))
    return {"h": h}, {}
