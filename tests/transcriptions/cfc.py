"""Closed-form continuous-time network, gated, transcribed from the code of Hasani et al. 2022 (arXiv:2106.13898).

From raminmh/CfC: torch_cfc.py, CfcCell, neither "no_gate" nor "minimal", and mlech26l/ncps: ncps/torch/cfc_cell.py,
mode "default", whose defaults these are: one layer of backbone with the activation 1.7159 tanh(0.666 a).

    z = lecun(W [x; h] + b),   ff1 = tanh(F_1 z + b_1),   ff2 = tanh(F_2 z + b_2)
    t = sigmoid((T_a z + b_a) ts + T_b z + b_b)
    h = ff1 (1 - t) + t ff2
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",), "ts": ()}
PARAMETERS = {
    "W_x": ("p", "m"),
    "W_hx": ("p", "n"),
    "b": ("p",),
    "ff1": ("n", "p"),
    "ff1_b": ("n",),
    "ff2": ("n", "p"),
    "ff2_b": ("n",),
    "time_a": ("n", "p"),
    "time_a_b": ("n",),
    "time_b": ("n", "p"),
    "time_b_b": ("n",),
}
OUTPUTS = {}
NAMES = {
    "ts": "dt",
    "W_x": "W_z",
    "W_hx": "U_z",
    "b": "b_z",
    "ff1": "V_f",
    "ff1_b": "b_f",
    "ff2": "V_g",
    "ff2_b": "b_g",
    "time_a": "V_a",
    "time_a_b": "b_a",
    "time_b": "V_b",
    "time_b_b": "b_b",
}


def linear(matrix, bias, vector):
    found = []
    for row, total in zip(matrix, bias):
        for a, b in zip(row, vector):
            total = total + a * b
        found.append(total)
    return found


def step(f, size, p, x, s):
    joined = [[*left, *right] for left, right in zip(p["W_x"], p["W_hx"])]
    scale, slope = 17159 * f.one / 10000, 666 * f.one / 1000
    z = [scale * f.tanh(slope * a) for a in linear(joined, p["b"], [*x["x"], *s["h"]])]
    ff1, ff2, t_a, t_b = (linear(p[name], p[f"{name}_b"], z) for name in ("ff1", "ff2", "time_a", "time_b"))
    h = []
    for j in range(size["n"]):
        t = f.sigmoid(t_a[j] * x["ts"] + t_b[j])
        h.append(f.tanh(ff1[j]) * (1 - t) + t * f.tanh(ff2[j]))
    return {"h": h}, {}
