"""Recurrent highway network with a carry gate, transcribed from the docstring of RecurrentLayers.jl's RHNCell.

H_l = tanh([l = 1] W_H x + R_H_l s_(l-1) + b_H_l), and T_l, C_l likewise with sigmoid
s_l = H_l * T_l + s_(l-1) * C_l, from s_0 = h to h_t = s_L
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_H": ("n", "m"),
    "W_T": ("n", "m"),
    "W_C": ("n", "m"),
    "R_H_1": ("n", "n"),
    "b_H_1": ("n",),
    "R_H_2": ("n", "n"),
    "b_H_2": ("n",),
    "R_T_1": ("n", "n"),
    "b_T_1": ("n",),
    "R_T_2": ("n", "n"),
    "b_T_2": ("n",),
    "R_C_1": ("n", "n"),
    "b_C_1": ("n",),
    "R_C_2": ("n", "n"),
    "b_C_2": ("n",),
}
OUTPUTS = {}
CONSTANTS = {"L": 2}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def net(gate, layer, j, p, x, state):
    total = dot(p[f"R_{gate}_{layer}"][j], state) + p[f"b_{gate}_{layer}"][j]
    return total + dot(p[f"W_{gate}"][j], x) if layer == 1 else total


def step(f, size, p, x, s):
    state = s["h"]
    for layer in range(1, CONSTANTS["L"] + 1):
        following = []
        for j in range(size["n"]):
            hidden = f.tanh(net("H", layer, j, p, x["x"], state))
            transform = f.sigmoid(net("T", layer, j, p, x["x"], state))
            carry = f.sigmoid(net("C", layer, j, p, x["x"], state))
            following.append(hidden * transform + state[j] * carry)
        state = following
    return {"h": state}, {}
