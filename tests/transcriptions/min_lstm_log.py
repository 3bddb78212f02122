"""minLSTM in log space, transcribed from lucidrains/minGRU-pytorch: minGRU_pytorch/minLSTM.py, one step, with biases.

f = sigmoid(W_f x + b_f), i = sigmoid(W_i x + b_i), candidate = g(W_h x + b_h)
h = f / (f + i) h + i / (f + i) candidate
g(v) = v + 0.5 where v >= 0, else sigmoid(v)
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_f": ("n", "m"),
    "W_i": ("n", "m"),
    "W_h": ("n", "m"),
    "b_f": ("n",),
    "b_i": ("n",),
    "b_h": ("n",),
}
OUTPUTS = {}
NAMES = {"W_h": "W_g", "b_h": "b_g"}


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
        forget, i = f.sigmoid(net("f", j, size, p, x)), f.sigmoid(net("i", j, size, p, x))
        candidate = positive(f, net("h", j, size, p, x))
        h.append(forget / (forget + i) * s["h"][j] + i / (forget + i) * candidate)
    return {"h": h}, {}
