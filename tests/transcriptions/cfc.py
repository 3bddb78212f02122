"""Closed-form continuous-time cell, transcribed from raminmh/CfC: torch_cfc.py, CfcCell with one backbone layer and
the activation "lecun". The backbone's matrix over [input, hx] is W_z beside U_z; ff1, ff2, time_a, time_b are V_f, V_g,
V_a, V_b with their biases.

    z = 1.7159 tanh(0.666 (linear of [x, h]))
    t = sigmoid(time_a(z) ts + time_b(z))
    h_t = tanh(ff1(z)) (1 - t) + t tanh(ff2(z))
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",), "dt": ()}
PARAMETERS = {
    "W_z": ("p", "m"),
    "U_z": ("p", "n"),
    "b_z": ("p",),
    "V_f": ("n", "p"),
    "V_g": ("n", "p"),
    "V_a": ("n", "p"),
    "V_b": ("n", "p"),
    "b_f": ("n",),
    "b_g": ("n",),
    "b_a": ("n",),
    "b_b": ("n",),
}
OUTPUTS = {}


def linear(weights, bias, j, vector):
    total = bias[j]
    for k in range(len(vector)):
        total = total + weights[j][k] * vector[k]
    return total


def step(f, size, p, x, s):
    both = list(x["x"]) + list(s["h"])
    backbone = [list(p["W_z"][j]) + list(p["U_z"][j]) for j in range(size["p"])]
    z = []
    for j in range(size["p"]):
        z.append(17159 * f.one / 10000 * f.tanh(666 * f.one / 1000 * linear(backbone, p["b_z"], j, both)))
    h = []
    for j in range(size["n"]):
        first = f.tanh(linear(p["V_f"], p["b_f"], j, z))
        second = f.tanh(linear(p["V_g"], p["b_g"], j, z))
        t = f.sigmoid(linear(p["V_a"], p["b_a"], j, z) * x["dt"] + linear(p["V_b"], p["b_b"], j, z))
        h.append(first * (1 - t) + t * second)
    return {"h": h}, {}
