"""Simplified state space layer, transcribed from lindermanlab/S5: s5/ssm.py, discretize_zoh and apply_ssm (conj_sym).

    step = exp(log_step),   Lambda_bar = exp(Lambda step),   B_bar = (1/Lambda)(Lambda_bar - 1) B
    z_t = Lambda_bar z_(t-1) + B_bar u_t
    y_t = 2 Re(C z_t) + D u_t

Numbers are pairs, real and imaginary part.
"""

STATES = {"re": ("n",), "im": ("n",)}
INPUTS = {"u": ("m",)}
PARAMETERS = {
    "Lambda_re": ("n",),
    "Lambda_im": ("n",),
    "B_re": ("n", "m"),
    "B_im": ("n", "m"),
    "C_re": ("m", "n"),
    "C_im": ("m", "n"),
    "log_step": ("n",),
    "D": ("m",),
}
OUTPUTS = {"y": ("m",)}
NAMES = {"re": "z_re", "im": "z_im", "u": "x"}


def times(a, b):
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def over(a, b):
    square = b[0] * b[0] + b[1] * b[1]
    return (a[0] * b[0] + a[1] * b[1]) / square, (a[1] * b[0] - a[0] * b[1]) / square


def step(f, size, p, x, s):
    z = []
    for j in range(size["n"]):
        length = f.exp(p["log_step"][j])
        rate = (p["Lambda_re"][j], p["Lambda_im"][j])
        size_, angle = f.exp(rate[0] * length), rate[1] * length
        kept = (size_ * f.cos(angle), size_ * f.sin(angle))
        factor = over((kept[0] - 1, kept[1]), rate)
        driven = [0, 0]
        for k in range(size["m"]):
            weight = times(factor, (p["B_re"][j][k], p["B_im"][j][k]))
            driven = [driven[0] + weight[0] * x["u"][k], driven[1] + weight[1] * x["u"][k]]
        old = times(kept, (s["re"][j], s["im"][j]))
        z.append((old[0] + driven[0], old[1] + driven[1]))
    y = []
    for i in range(size["m"]):
        total = 0
        for j in range(size["n"]):
            total = total + times((p["C_re"][i][j], p["C_im"][i][j]), z[j])[0]
        y.append(2 * total + p["D"][i] * x["u"][i])
    return {"re": [v[0] for v in z], "im": [v[1] for v in z]}, {"y": y}
