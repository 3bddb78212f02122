"""Unitary RNN, transcribed from amarshah/complex_RNN: models.py, complex_RNN, without its scale.

step1 = D1 h, step3 = reflection 1, step4 = permutation (here entry j moves to j + 1), step5 = D2,
step7 = reflection 2, step8 = D3; modulus = |step8 + V x|
h = (step8 + V x) max(modulus + b, 0) / (modulus + 1e-5)
"""

STATES = {"h_re": ("N",), "h_im": ("N",)}
INPUTS = {"x": ("M",)}
PARAMETERS = {
    "V_re": ("N", "M"),
    "V_im": ("N", "M"),
    "hidden_bias": ("N",),
    "theta_0": ("N",),
    "theta_1": ("N",),
    "theta_2": ("N",),
    "reflection_0_re": ("N",),
    "reflection_0_im": ("N",),
    "reflection_1_re": ("N",),
    "reflection_1_im": ("N",),
}
OUTPUTS = {}
SIZES = {"N": "n", "M": "m"}
NAMES = {
    "hidden_bias": "b",
    "theta_0": "theta_1",
    "theta_1": "theta_2",
    "theta_2": "theta_3",
    "reflection_0_re": "v_1_re",
    "reflection_0_im": "v_1_im",
    "reflection_1_re": "v_2_re",
    "reflection_1_im": "v_2_im",
}
CONSTANTS = {"eps": 1e-5}


def step(f, size, p, x, s):
    every = range(size["N"])

    def times_diag(re, im, angles):
        cos, sin = [f.cos(a) for a in angles], [f.sin(a) for a in angles]
        return (
            [re[j] * cos[j] - im[j] * sin[j] for j in every],
            [re[j] * sin[j] + im[j] * cos[j] for j in every],
        )

    def times_reflection(re, im, v_re, v_im):
        square = sum((v_re[j] * v_re[j] + v_im[j] * v_im[j] for j in every), 0)
        # v* h
        dot_re = sum((v_re[j] * re[j] + v_im[j] * im[j] for j in every), 0)
        dot_im = sum((v_re[j] * im[j] - v_im[j] * re[j] for j in every), 0)
        return (
            [re[j] - 2 * (v_re[j] * dot_re - v_im[j] * dot_im) / square for j in every],
            [im[j] - 2 * (v_re[j] * dot_im + v_im[j] * dot_re) / square for j in every],
        )

    re, im = times_diag(s["h_re"], s["h_im"], p["theta_0"])
    re, im = times_reflection(re, im, p["reflection_0_re"], p["reflection_0_im"])
    re, im = [re[j - 1] for j in every], [im[j - 1] for j in every]
    re, im = times_diag(re, im, p["theta_1"])
    re, im = times_reflection(re, im, p["reflection_1_re"], p["reflection_1_im"])
    re, im = times_diag(re, im, p["theta_2"])
    following_re, following_im = [], []
    for j in every:
        a = re[j] + sum((p["V_re"][j][k] * x["x"][k] for k in range(size["M"])), 0)
        b = im[j] + sum((p["V_im"][j][k] * x["x"][k] for k in range(size["M"])), 0)
        modulus = f.sqrt(a * a + b * b)
        rescale = f.max(modulus + p["hidden_bias"][j], 0) / (modulus + f.one / 100000)
        following_re.append(a * rescale)
        following_im.append(b * rescale)
    return {"h_re": following_re, "h_im": following_im}, {}
