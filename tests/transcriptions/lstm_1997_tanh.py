"""LSTM without a forget gate, transcribed from RecurrentLayers.jl, src/cells/originallstm_cell.jl (the docstring).

z = tanh(W_z x + U_z h + b_z),  i = sigmoid(...),  o = sigmoid(...)
c_t = c_(t-1) + i * z
h_t = o * tanh(c_t)
"""

STATES = {"h": ("n",), "c": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_i": ("n", "m"),
    "U_i": ("n", "n"),
    "b_i": ("n",),
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
    "b_g": ("n",),
    "W_o": ("n", "m"),
    "U_o": ("n", "n"),
    "b_o": ("n",),
}
OUTPUTS = {}


def net(gate, j, size, p, x, s):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"U_{gate}"][j][k] * s["h"][k]
    return total


def step(f, size, p, x, s):
    h, c = [], []
    for j in range(size["n"]):
        z = f.tanh(net("g", j, size, p, x, s))
        i = f.sigmoid(net("i", j, size, p, x, s))
        o = f.sigmoid(net("o", j, size, p, x, s))
        c.append(s["c"][j] + i * z)
        h.append(o * f.tanh(c[j]))
    return {"h": h, "c": c}, {}
