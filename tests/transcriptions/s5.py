"""S5 layer, transcribed from lindermanlab/S5: s5/ssm.py (discretize_zoh, apply_ssm with conj_sym); z = z_re + i z_im.

Lambda_bar = exp(Lambda Delta), B_bar = 1/Lambda (Lambda_bar - 1) B
z_t = Lambda_bar * z_(t-1) + B_bar u_t, y_t = 2 Re(C z_t) + D * u_t
"""

STATES = {"z_re": ("P",), "z_im": ("P",)}
INPUTS = {"u": ("H",)}
PARAMETERS = {
    "Lambda_re": ("P",),
    "Lambda_im": ("P",),
    "B_re": ("P", "H"),
    "B_im": ("P", "H"),
    "C_re": ("H", "P"),
    "C_im": ("H", "P"),
    "D": ("H",),
    "log_step": ("P",),
}
OUTPUTS = {"y": ("H",)}
SIZES = {"P": "n", "H": "m"}
NAMES = {"u": "x"}


def step(f, size, p, x, s):
    u, re, im = x["u"], [], []
    for j in range(size["P"]):
        delta = f.exp(p["log_step"][j])
        a, b = p["Lambda_re"][j], p["Lambda_im"][j]
        bar_re, bar_im = f.exp(a * delta) * f.cos(b * delta), f.exp(a * delta) * f.sin(b * delta)
        # (Lambda_bar - 1) / Lambda
        gain_re = ((bar_re - 1) * a + bar_im * b) / (a * a + b * b)
        gain_im = (bar_im * a - (bar_re - 1) * b) / (a * a + b * b)
        in_re = in_im = 0
        for k in range(size["H"]):
            in_re = in_re + (gain_re * p["B_re"][j][k] - gain_im * p["B_im"][j][k]) * u[k]
            in_im = in_im + (gain_re * p["B_im"][j][k] + gain_im * p["B_re"][j][k]) * u[k]
        re.append(bar_re * s["z_re"][j] - bar_im * s["z_im"][j] + in_re)
        im.append(bar_re * s["z_im"][j] + bar_im * s["z_re"][j] + in_im)
    y = []
    for i in range(size["H"]):
        total = 0
        for j in range(size["P"]):
            total = total + p["C_re"][i][j] * re[j] - p["C_im"][i][j] * im[j]
        y.append(2 * total + p["D"][i] * u[i])
    return {"z_re": re, "z_im": im}, {"y": y}
