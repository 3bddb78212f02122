"""Jordan network with decaying state units, transcribed from Jordan 1986; tanh hidden units, linear outputs.

    h_t = tanh(W x_t + U s_(t-1) + b)
    y_t = V h_t + d
    s_t = alpha s_(t-1) + y_t

The report is quoted from memory.
"""

STATES = {"s": ("q",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "U": ("n", "q"), "b": ("n",), "V": ("q", "n"), "d": ("q",)}
OUTPUTS = {"y": ("q",)}
CONSTANTS = {"alpha": 0.5}


def step(f, size, p, x, s):
    hidden = []
    for j in range(size["n"]):
        net = p["b"][j]
        for k in range(size["m"]):
            net = net + p["W"][j][k] * x["x"][k]
        for k in range(size["q"]):
            net = net + p["U"][j][k] * s["s"][k]
        hidden.append(f.tanh(net))
    y = []
    for i in range(size["q"]):
        total = p["d"][i]
        for j in range(size["n"]):
            total = total + p["V"][i][j] * hidden[j]
        y.append(total)
    return {"s": [CONSTANTS["alpha"] * old + new for old, new in zip(s["s"], y)]}, {"y": y}
