"""Multiplicative RNN, transcribed from RecurrentLayers.jl: src/wrappers/multiplicative.jl around Flux's RNNCell, whose
input is a one-hot vector; Wm, Wh there are W_f, U_f here, Wi, Wh of the RNNCell W_h, U_h, its bias 0.

    m_t = (Wm x_t) * (Wh h_(t-1))
    h_t = tanh(Wi x_t + Wh m_t)
"""

STATES = {"h": ("n",)}
INPUTS = {"token": ()}
PARAMETERS = {"W_f": ("p", "m"), "U_f": ("p", "n"), "W_h": ("n", "m"), "U_h": ("n", "p")}
OUTPUTS = {}


def dot(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def step(f, size, p, x, s):
    vector = [1 if k == x["token"] else 0 for k in range(size["m"])]
    factors = []
    for j in range(size["p"]):
        factors.append(dot(p["W_f"][j], vector) * dot(p["U_f"][j], s["h"]))
    return {"h": [f.tanh(dot(p["W_h"][j], vector) + dot(p["U_h"][j], factors)) for j in range(size["n"])]}, {}
