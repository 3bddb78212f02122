"""minGRU in log space, transcribed from lucidrains/minGRU-pytorch: minGRU_pytorch/minGRU.py, one step, with biases.

z = sigmoid(W_z x + b_z), candidate = g(W_h x + b_h)
h = h + z (candidate - h)
g(v) = v + 0.5 where v >= 0, else sigmoid(v)
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_z": ("n", "m"), "W_h": ("n", "m"), "b_z": ("n",), "b_h": ("n",)}
OUTPUTS = {}


def net(name, j, size, p, x):
    total = p[f"b_{name}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{name}"][j][k] * x["x"][k]
    return total


def positive(f, a):
    return a + f.one / 2 if a >= 0 else f.sigmoid(a)


def step(f, size, p, x, s):
    h = []
    for j in range(size["n"]):
        z = f.sigmoid(net("z", j, size, p, x))
        h.append(s["h"][j] + z * (positive(f, net("h", j, size, p, x)) - s["h"][j]))
    return {"h": h}, {}
