"""UnICORNN, transcribed from tk-rusch/unicornn: psMNIST/network.py, kernel unicornn_fwd; x there is V x + b.

z -= dt sigmoid(c) (tanh(w y + V x + b) + alpha y)
y += dt sigmoid(c) z
"""

STATES = {"y": ("n",), "z": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"V": ("n", "m"), "w": ("n",), "b": ("n",), "c": ("n",)}
OUTPUTS = {}
CONSTANTS = {"dt": 0.19, "alpha": 30.65}


def step(f, size, p, x, s):
    y, z = [], []
    for i in range(size["n"]):
        net = p["b"][i] + p["w"][i] * s["y"][i]
        for k in range(size["m"]):
            net = net + p["V"][i][k] * x["x"][k]
        dt = CONSTANTS["dt"] * f.sigmoid(p["c"][i])
        z.append(s["z"][i] - dt * (f.tanh(net) + CONSTANTS["alpha"] * s["y"][i]))
        y.append(s["y"][i] + dt * z[i])
    return {"y": y, "z": z}, {}
