"""S4D, transcribed from state-spaces/s4: models/s4/s4d.py, S4DKernel, whose kernel is here unrolled as a recurrence.

A = -exp(log_A_real) + i A_imag, K_l = 2 Re sum_n C_n (exp(dt A_n) - 1) / A_n exp(dt A_n)^l
y_t = sum_l K_l u_(t-l) + D u_t, so with s_t = exp(dt A) s_(t-1) + u_t it is 2 Re sum_n C_n (…) s_t + D u_t
"""

STATES = {"s_re": ("H", "N"), "s_im": ("H", "N")}
INPUTS = {"u": ("H",)}
PARAMETERS = {
    "C_re": ("H", "N"),
    "C_im": ("H", "N"),
    "log_A_real": ("H", "N"),
    "A_imag": ("H", "N"),
    "log_dt": ("H",),
    "D": ("H",),
}
OUTPUTS = {"y": ("H",)}
SIZES = {"H": "m", "N": "n"}
NAMES = {"u": "x", "s_re": "H_re", "s_im": "H_im", "log_A_real": "alpha", "A_imag": "omega"}


def times(a, b):
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def step(f, size, p, x, s):
    re, im, y = [], [], []
    for h in range(size["H"]):
        dt, row_re, row_im, total = f.exp(p["log_dt"][h]), [], [], 0
        for n in range(size["N"]):
            pole = (-f.exp(p["log_A_real"][h][n]), p["A_imag"][h][n])
            size_of = f.exp(dt * pole[0])
            kept = (size_of * f.cos(dt * pole[1]), size_of * f.sin(dt * pole[1]))
            old = times(kept, (s["s_re"][h][n], s["s_im"][h][n]))
            new = (old[0] + x["u"][h], old[1])
            squares = pole[0] * pole[0] + pole[1] * pole[1]
            inverse = (pole[0] / squares, -pole[1] / squares)
            read = times(times((p["C_re"][h][n], p["C_im"][h][n]), (kept[0] - 1, kept[1])), inverse)
            total = total + times(read, new)[0]
            row_re.append(new[0])
            row_im.append(new[1])
        re.append(row_re)
        im.append(row_im)
        y.append(2 * total + p["D"][h] * x["u"][h])
    return {"s_re": re, "s_im": im}, {"y": y}
