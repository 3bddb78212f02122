"""One channel of S4, recurrent, transcribed from Gu, Goel, Re 2021 (arXiv:2111.00396), equation 3, and annotated-s4.

    Ab = (I - step/2 A)^-1 (I + step/2 A),   Bb = (I - step/2 A)^-1 step B
    x_k = Ab x_(k-1) + Bb u_k,   y_k = C x_k + D u_k,   step = exp(log_step)

From memory, held against copies of srush/annotated-s4: ``discretize`` and ``scan_SSM``. Added are its layer's D and
log_step; A is any real matrix. The inverse itself is formed, as the code does it.
"""

STATES = {"x": ("n",)}
INPUTS = {"u": ()}
PARAMETERS = {"A": ("n", "n"), "B": ("n",), "C": ("n",), "D": (), "log_step": ()}
OUTPUTS = {"y": ()}


def inverse(matrix):
    n = len(matrix)
    rows = [[*matrix[i], *(1 if i == j else 0 for j in range(n))] for i in range(n)]
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(rows[r][c]))
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [a / rows[c][c] for a in rows[c]]
        for r in range(n):
            if r != c:
                rows[r] = [a - rows[r][c] * b for a, b in zip(rows[r], rows[c])]
    return [row[n:] for row in rows]


def step(f, size, p, x, s):
    n, A, dt = size["n"], p["A"], f.exp(p["log_step"])
    minus = [[(1 if i == j else 0) - dt / 2 * A[i][j] for j in range(n)] for i in range(n)]
    plus = [[(1 if i == j else 0) + dt / 2 * A[i][j] for j in range(n)] for i in range(n)]
    BL = inverse(minus)
    following = []
    for i in range(n):
        total = 0
        for j in range(n):
            Ab = sum(BL[i][k] * plus[k][j] for k in range(n))
            total = total + Ab * s["x"][j] + BL[i][j] * dt * p["B"][j] * x["u"]
        following.append(total)
    y = p["D"] * x["u"]
    for j in range(n):
        y = y + p["C"][j] * following[j]
    return {"x": following}, {"y": y}
