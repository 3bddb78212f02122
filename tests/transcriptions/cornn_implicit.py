"""coRNN with implicit damping, transcribed from Rusch, Mishra 2021 (arXiv:2010.00951), eq. 3, the damping term at n.

    z_n = z_(n-1) + dt tanh(W y_(n-1) + U z_(n-1) + V x_n + b) - dt gamma y_(n-1) - dt epsilon z_n
    y_n = y_(n-1) + dt z_n

The paper writes a script W for U. The first line is solved for z_n, which stands on both sides.
The paper is quoted from memory, held against RecurrentLayers.jl: src/cells/cornn_cell.jl, docstring.
"""

STATES = {"y": ("n",), "z": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"V": ("n", "m"), "W": ("n", "n"), "U": ("n", "n"), "b": ("n",)}
OUTPUTS = {}
CONSTANTS = {"dt": 0.042, "gamma": 2.7, "epsilon": 4.7}


def step(f, size, p, x, s):
    dt, gamma, epsilon = CONSTANTS["dt"], CONSTANTS["gamma"], CONSTANTS["epsilon"]
    y, z = [], []
    for i in range(size["n"]):
        net = p["b"][i]
        for k in range(size["m"]):
            net = net + p["V"][i][k] * x["x"][k]
        for j in range(size["n"]):
            net = net + p["W"][i][j] * s["y"][j] + p["U"][i][j] * s["z"][j]
        known = s["z"][i] + dt * f.tanh(net) - dt * gamma * s["y"][i]
        z.append(known / (1 + dt * epsilon))
        y.append(s["y"][i] + dt * z[i])
    return {"y": y, "z": z}, {}
