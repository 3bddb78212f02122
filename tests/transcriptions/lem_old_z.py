"""Long expressive memory with the old z in y, transcribed from RecurrentLayers.jl: src/cells/lem_cell.jl, the code.

    dt     = step * sigmoid(gate of x and the old y)
    dt_bar = step * sigmoid(another gate of x and the old y)
    z_new = (1 - dt) * z + dt * tanh(x and the old y)
    y_new = (1 - dt_bar) * y + dt_bar * tanh(x and the OLD z)

Gates are numbered as in the paper (1 for z, 2 for y); the code's first chunk is dt_bar.
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
        y.append((1 - dt_bar) * s["y"][i] + dt_bar * f.tanh(net("y", i, size, p, x, s["z"])))
    return {"y": y, "z": z}, {}
