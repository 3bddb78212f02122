"""Legendre memory unit, transcribed from hrshtv/pytorch-lmu: src/lmu.py, and abr/neurips2019: lmu/lmu.py; Euler's rule.

    A_ij = (2 i + 1)/theta * (-1 if i < j else (-1)^(i - j + 1)),   B_i = (2 i + 1)/theta * (-1)^i,   i, j from 0
    u_t = e_x . x_t + e_h . h_(t-1) + e_m . m_(t-1)
    m_t = m_(t-1) + A m_(t-1) + B u_t
    h_t = tanh(W_x x_t + W_h h_(t-1) + W_m m_t)

The codes discretise A and B by a zero-order hold; a step of Euler's rule of length 1 is the paper's own formula (the
paper, Voelker, Kajic, Eliasmith 2019, equations 2 to 7, as far as these codes quote it).
"""

STATES = {"h": ("n",), "m": ("d",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "e_x": ("m",),
    "e_h": ("n",),
    "e_m": ("d",),
    "W_x": ("n", "m"),
    "W_h": ("n", "n"),
    "W_m": ("n", "d"),
}
OUTPUTS = {}
CONSTANTS = {"theta": 24}


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def step(f, size, p, x, s):
    u = inner(p["e_x"], x["x"]) + inner(p["e_h"], s["h"]) + inner(p["e_m"], s["m"])
    memory = []
    for i in range(size["d"]):
        rate = (2 * i + 1) * f.one / CONSTANTS["theta"]
        change = (-1) ** i * u
        for j in range(size["d"]):
            change = change + (-1 if i < j else (-1) ** (i - j + 1)) * s["m"][j]
        memory.append(s["m"][i] + rate * change)
    h = []
    for i in range(size["n"]):
        h.append(f.tanh(inner(p["W_x"][i], x["x"]) + inner(p["W_h"][i], s["h"]) + inner(p["W_m"][i], memory)))
    return {"h": h, "m": memory}, {}
