"""Linear recurrent unit, transcribed from NicolasZucchet/minimal-LRU: lru/model.py; h = p + i q.

lambda = exp(-exp(nu_log) + i exp(theta_log))
h_t = lambda * h_(t-1) + exp(gamma_log) * (B_re + i B_im) u_t
y_t = Re((C_re + i C_im) h_t) + D * u_t
"""

STATES = {"p": ("n",), "q": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "B_re": ("n", "m"),
    "B_im": ("n", "m"),
    "C_re": ("m", "n"),
    "C_im": ("m", "n"),
    "D": ("m",),
    "nu_log": ("n",),
    "theta_log": ("n",),
    "gamma_log": ("n",),
}
OUTPUTS = {"y": ("m",)}
NAMES = {
    "B_re": "B_p",
    "B_im": "B_q",
    "C_re": "C_p",
    "C_im": "C_q",
    "nu_log": "nu",
    "theta_log": "theta",
    "gamma_log": "gamma",
}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    written_re, written_im = product(p["B_re"], x["x"]), product(p["B_im"], x["x"])
    re, im = [], []
    for j in range(size["n"]):
        modulus, phase = f.exp(-f.exp(p["nu_log"][j])), f.exp(p["theta_log"][j])
        lambda_re, lambda_im = modulus * f.cos(phase), modulus * f.sin(phase)
        gamma = f.exp(p["gamma_log"][j])
        re.append(lambda_re * s["p"][j] - lambda_im * s["q"][j] + gamma * written_re[j])
        im.append(lambda_re * s["q"][j] + lambda_im * s["p"][j] + gamma * written_im[j])
    y = []
    for i in range(size["m"]):
        total = p["D"][i] * x["x"][i]
        for j in range(size["n"]):
            total = total + p["C_re"][i][j] * re[j] - p["C_im"][i][j] * im[j]
        y.append(total)
    return {"p": re, "q": im}, {"y": y}
