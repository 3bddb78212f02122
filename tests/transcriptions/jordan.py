"""Jordan network, transcribed from Jordan 1986 in today's form: tanh hidden units, linear outputs that are fed back.

    h_t = tanh(W x_t + U y_(t-1) + b)
    y_t = V h_t + d

The report is quoted from memory.
"""

STATES = {"y": ("q",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "U": ("n", "q"), "b": ("n",), "V": ("q", "n"), "d": ("q",)}
OUTPUTS = {}


def step(f, size, p, x, s):
    hidden = []
    for j in range(size["n"]):
        net = p["b"][j]
        for k in range(size["m"]):
            net = net + p["W"][j][k] * x["x"][k]
        for k in range(size["q"]):
            net = net + p["U"][j][k] * s["y"][k]
        hidden.append(f.tanh(net))
    y = []
    for i in range(size["q"]):
        total = p["d"][i]
        for j in range(size["n"]):
            total = total + p["V"][i][j] * hidden[j]
        y.append(total)
    return {"y": y}, {}
