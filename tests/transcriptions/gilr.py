"""GILR, transcribed from Martin, Cundy 2018 (arXiv:1709.04057), section 3.1, with tau = tanh.

g_t = sigmoid(U x_t + b_g), i_t = tanh(V x_t + b_z)
h_t = g_t * h_(t-1) + (1 - g_t) * i_t
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"U": ("n", "m"), "V": ("n", "m"), "b_g": ("n",), "b_z": ("n",)}
OUTPUTS = {}


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        gate, impulse = p["b_g"][j], p["b_z"][j]
        for k in range(size["m"]):
            gate = gate + p["U"][j][k] * x["x"][k]
            impulse = impulse + p["V"][j][k] * x["x"][k]
        g = f.sigmoid(gate)
        h.append(g * s["h"][j] + (1 - g) * f.tanh(impulse))
    return {"h": h}, {}
