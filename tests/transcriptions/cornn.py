"""coRNN, transcribed from tk-rusch/coRNN: HAR-2/network.py, coRNNCell; names of the paper (arXiv:2010.00951, eq. 3).

    z_n = z_(n-1) + dt (tanh(W y_(n-1) + U z_(n-1) + V x_n + b) - gamma y_(n-1) - epsilon z_(n-1))
    y_n = y_(n-1) + dt z_n

The paper writes a script W for U; the code has W, U and V side by side in one linear layer.
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
        z.append(s["z"][i] + dt * (f.tanh(net) - gamma * s["y"][i] - epsilon * s["z"][i]))
        y.append(s["y"][i] + dt * z[i])
    return {"y": y, "z": z}, {}
