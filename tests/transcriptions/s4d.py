"""Diagonal state space, transcribed from state-spaces/s4: models/s4/s4d.py, S4DKernel and S4D.forward before GELU.

    dt = exp(log_dt),   A = -exp(log_A_real) + i A_imag
    K_l = 2 Re sum_n C (exp(dt A) - 1)/A exp(dt A)^l,   y = K convolved with u, + D u

As a recurrence: H_t = exp(dt A) H_(t-1) + u_t for each feature and n, y_t = 2 Re sum_n C (exp(dt A) - 1)/A H_t + D u_t.
"""

STATES = {"re": ("m", "n"), "im": ("m", "n")}
INPUTS = {"u": ("m",)}
PARAMETERS = {
    "C_re": ("m", "n"),
    "C_im": ("m", "n"),
    "log_A_real": ("m", "n"),
    "A_imag": ("m", "n"),
    "log_dt": ("m",),
    "D": ("m",),
}
OUTPUTS = {"y": ("m",)}
NAMES = {"re": "H_re", "im": "H_im", "u": "x", "log_A_real": "alpha", "A_imag": "omega"}


def times(a, b):
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def over(a, b):
    square = b[0] * b[0] + b[1] * b[1]
    return (a[0] * b[0] + a[1] * b[1]) / square, (a[1] * b[0] - a[0] * b[1]) / square


def step(f, size, p, x, s):
    re, im, y = [], [], []
    for i in range(size["m"]):
        u, dt, total = x["u"][i], f.exp(p["log_dt"][i]), 0
        row_re, row_im = [], []
        for j in range(size["n"]):
            pole = (-f.exp(p["log_A_real"][i][j]), p["A_imag"][i][j])
            length = f.exp(dt * pole[0])
            factor = (length * f.cos(dt * pole[1]), length * f.sin(dt * pole[1]))
            kept = times(factor, (s["re"][i][j], s["im"][i][j]))
            following = (kept[0] + u, kept[1])
            hold = over((factor[0] - 1, factor[1]), pole)
            read = times((p["C_re"][i][j], p["C_im"][i][j]), hold)
            total = total + times(read, following)[0]
            row_re.append(following[0])
            row_im.append(following[1])
        re.append(row_re)
        im.append(row_im)
        y.append(2 * total + p["D"][i] * u)
    return {"re": re, "im": im}, {"y": y}
