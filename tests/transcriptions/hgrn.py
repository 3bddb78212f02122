"""HGRN, transcribed from OpenNLPLab/HGRN: README.md, section Algorithm (the authors); h = p + i q, no output gate.

Re c_t = silu(W_cr x_t + b_cr), Im c_t = silu(W_ci x_t + b_ci)
mu_t = sigmoid(W_mu x_t + b_mu), lambda_t = gamma + (1 - gamma) mu_t
h_t = lambda_t exp(i theta) h_(t-1) + (1 - lambda_t) c_t
"""

STATES = {"p": ("n",), "q": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_cr": ("n", "m"),
    "W_ci": ("n", "m"),
    "W_mu": ("n", "m"),
    "b_cr": ("n",),
    "b_ci": ("n",),
    "b_mu": ("n",),
    "theta": ("n",),
}
OUTPUTS = {}
CONSTANTS = {"gamma": 0.5}
NAMES = {"W_cr": "W_p", "W_ci": "W_q", "W_mu": "W_f", "b_cr": "b_p", "b_ci": "b_q", "b_mu": "b_f"}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    net_r, net_i, net_mu = product(p["W_cr"], x["x"]), product(p["W_ci"], x["x"]), product(p["W_mu"], x["x"])
    re, im = [], []
    for j in range(size["n"]):
        gamma = CONSTANTS["gamma"]
        keep = gamma + (1 - gamma) * f.sigmoid(net_mu[j] + p["b_mu"][j])
        cos, sin = f.cos(p["theta"][j]), f.sin(p["theta"][j])
        old_re, old_im = s["p"][j], s["q"][j]
        re.append(keep * (cos * old_re - sin * old_im) + (1 - keep) * f.silu(net_r[j] + p["b_cr"][j]))
        im.append(keep * (cos * old_im + sin * old_re) + (1 - keep) * f.silu(net_i[j] + p["b_ci"][j]))
    return {"p": re, "q": im}, {}
