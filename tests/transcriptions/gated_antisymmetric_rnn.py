"""Gated antisymmetric RNN, transcribed from Chang, Chen, Haber, Chi 2019 (arXiv:1902.09689), section 3.3.

    z_t = sigmoid((W - W' - gamma I) h_(t-1) + V_z x_t + b_z)
    h_t = h_(t-1) + epsilon z_t * tanh((W - W' - gamma I) h_(t-1) + V_g x_t + b_g)

The paper writes V_h and b_h for V_g and b_g.
The paper is quoted from memory, held against RecurrentLayers.jl: src/cells/antisymmetricrnn_cell.jl.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"V_z": ("n", "m"), "V_g": ("n", "m"), "W": ("n", "n"), "b_z": ("n",), "b_g": ("n",)}
OUTPUTS = {}
CONSTANTS = {"epsilon": 0.01, "gamma": 0.01}


def step(f, size, p, x, s):
    h = []
    for i in range(size["n"]):
        shared = -CONSTANTS["gamma"] * s["h"][i]
        for j in range(size["n"]):
            shared = shared + (p["W"][i][j] - p["W"][j][i]) * s["h"][j]
        gate, candidate = shared + p["b_z"][i], shared + p["b_g"][i]
        for k in range(size["m"]):
            gate = gate + p["V_z"][i][k] * x["x"][k]
            candidate = candidate + p["V_g"][i][k] * x["x"][k]
        h.append(s["h"][i] + CONSTANTS["epsilon"] * f.sigmoid(gate) * f.tanh(candidate))
    return {"h": h}, {}
