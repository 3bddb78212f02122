"""Unitary evolution RNN, from amarshah/complex_RNN: models.py, complex_RNN, without its scale; h = re + i im.

    D x = exp(i theta) x,   R x = x - 2 (x . v) conj(v) / |v|^2   (rows: x (I - 2 v v* / |v|^2)),   P x rolls x by one
    lin = D_3 R_2 D_2 P R_1 D_1 h_(t-1) + V x_t
    h_t = lin max(|lin| + b, 0) / (|lin| + 1e-5)

The code draws a permutation once where P is. Its states are rows: the cell's v, of a column's I - 2 v v* / |v|^2, is
the conjugate of this one.
"""

STATES = {"re": ("n",), "im": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "V_re": ("n", "m"),
    "V_im": ("n", "m"),
    "theta_1": ("n",),
    "theta_2": ("n",),
    "theta_3": ("n",),
    "b": ("n",),
    "v_1_re": ("n",),
    "v_1_im": ("n",),
    "v_2_re": ("n",),
    "v_2_im": ("n",),
}
OUTPUTS = {}
CONSTANTS = {"eps": 1e-5}
NAMES = {"re": "h_re", "im": "h_im", "v_1_im": "-v_1_im", "v_2_im": "-v_2_im"}


def turned(f, re, im, theta):
    new_re = [a * f.cos(t) - b * f.sin(t) for a, b, t in zip(re, im, theta)]
    new_im = [a * f.sin(t) + b * f.cos(t) for a, b, t in zip(re, im, theta)]
    return new_re, new_im


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def reflected(re, im, v_re, v_im):
    square = inner(v_re, v_re) + inner(v_im, v_im)
    along_re = inner(re, v_re) - inner(im, v_im)
    along_im = inner(re, v_im) + inner(im, v_re)
    new_re = [a - 2 / square * (along_re * v + along_im * w) for a, v, w in zip(re, v_re, v_im)]
    new_im = [b - 2 / square * (along_im * v - along_re * w) for b, v, w in zip(im, v_re, v_im)]
    return new_re, new_im


def step(f, size, p, x, s):
    re, im = turned(f, s["re"], s["im"], p["theta_1"])
    re, im = reflected(re, im, p["v_1_re"], p["v_1_im"])
    re, im = [re[-1], *re[:-1]], [im[-1], *im[:-1]]
    re, im = turned(f, re, im, p["theta_2"])
    re, im = reflected(re, im, p["v_2_re"], p["v_2_im"])
    re, im = turned(f, re, im, p["theta_3"])
    following_re, following_im = [], []
    for j in range(size["n"]):
        a = re[j] + inner(p["V_re"][j], x["x"])
        b = im[j] + inner(p["V_im"][j], x["x"])
        modulus = f.sqrt(a**2 + b**2)
        rescale = f.max(modulus + p["b"][j], 0 * f.one) / (modulus + f.one / 100000)
        following_re.append(a * rescale)
        following_im.append(b * rescale)
    return {"re": following_re, "im": following_im}, {}
