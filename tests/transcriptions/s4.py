"""S4, one channel, transcribed from state-spaces/s4: models/s4/s4.py, SSMKernelDense.bilinear, and srush/annotated-s4.

dA = solve(I - dt/2 A, I + dt/2 A),   dB = dt solve(I - dt/2 A, B),   dt = exp(log_dt)
x_t = dA x_(t-1) + dB u_t
y_t = C x_t + D u_t
"""

STATES = {"state": ("n",)}
INPUTS = {"u": ()}
PARAMETERS = {"A": ("n", "n"), "B": ("n",), "C": ("n",), "D": (), "log_dt": ()}
OUTPUTS = {"y": ()}
NAMES = {"state": "x", "log_dt": "log_step"}


def determinant(matrix):
    if not matrix:
        return 1
    total = 0
    for k, entry in enumerate(matrix[0]):
        minor = [row[:k] + row[k + 1 :] for row in matrix[1:]]
        total = total + (-1) ** k * entry * determinant(minor)
    return total


def cramer(matrix, right):
    """The solution of a system for a vector, each entry a quotient of determinants."""
    whole = determinant(matrix)
    found = []
    for k in range(len(right)):
        replaced = [[*row[:k], value, *row[k + 1 :]] for row, value in zip(matrix, right)]
        found.append(determinant(replaced) / whole)
    return found


def step(f, size, p, x, s):
    n, half = size["n"], f.exp(p["log_dt"]) / 2
    backwards = [[(1 if i == j else 0) - half * p["A"][i][j] for j in range(n)] for i in range(n)]
    moved = []
    for i in range(n):
        total = s["state"][i]
        for j in range(n):
            total = total + half * p["A"][i][j] * s["state"][j]
        moved.append(total)
    free, driven = cramer(backwards, moved), cramer(backwards, p["B"])
    state = [free[i] + 2 * half * driven[i] * x["u"] for i in range(n)]
    y = p["D"] * x["u"]
    for i in range(n):
        y = y + p["C"][i] * state[i]
    return {"state": state}, {"y": y}
