"""Long expressive memory, transcribed from Rusch, Mishra, Erichson, Mahoney 2022 (arXiv:2110.04744), equation 3.

    dt_n     = dt sigmoid(W_1 y_(n-1) + V_1 x_n + b_1)
    dt_bar_n = dt sigmoid(W_2 y_(n-1) + V_2 x_n + b_2)
    z_n = (1 - dt_n) * z_(n-1) + dt_n * tanh(W_z y_(n-1) + V_z x_n + b_z)
    y_n = (1 - dt_bar_n) * y_(n-1) + dt_bar_n * tanh(W_y z_n + V_y x_n + b_y)

The paper is quoted from memory, held against tk-rusch/LEM: src/adding/network.py, whose first chunk is dt_bar.
"""

STATES = {"y": ("n",), "z": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_1": ("n", "n"),
    "W_2": ("n", "n"),
    "W_z": ("n", "n"),
    "W_y": ("n", "n"),
    "V_1": ("n", "m"),
    "V_2": ("n", "m"),
    "V_z": ("n", "m"),
    "V_y": ("n", "m"),
    "b_1": ("n",),
    "b_2": ("n",),
    "b_z": ("n",),
    "b_y": ("n",),
}
OUTPUTS = {}
CONSTANTS = {"dt": 1.0}


def net(name, i, size, p, x, state):
    total = p[f"b_{name}"][i]
    for k in range(size["m"]):
        total = total + p[f"V_{name}"][i][k] * x["x"][k]
    for j in range(size["n"]):
        total = total + p[f"W_{name}"][i][j] * state[j]
    return total


def step(f, size, p, x, s):
    z = []
    for i in range(size["n"]):
        dt = CONSTANTS["dt"] * f.sigmoid(net("1", i, size, p, x, s["y"]))
        z.append((1 - dt) * s["z"][i] + dt * f.tanh(net("z", i, size, p, x, s["y"])))
    y = []
    for i in range(size["n"]):
        dt_bar = CONSTANTS["dt"] * f.sigmoid(net("2", i, size, p, x, s["y"]))
        y.append((1 - dt_bar) * s["y"][i] + dt_bar * f.tanh(net("y", i, size, p, x, z)))
    return {"y": y, "z": z}, {}
