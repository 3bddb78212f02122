"""LSTM with full gate recurrence, its output gate seeing the old cell state, transcribed from Greff et al. 2017,
section III, as others describe its list of variants.

    z = tanh(W_z x + R_z y + b_z)
    i = sigmoid(W_i x + R_i y + p_i * c_(t-1) + b_i + R_ii i_(t-1) + R_fi f_(t-1) + R_oi o_(t-1)), and f likewise
    c_t = i * z + f * c_(t-1)
    o = sigmoid(W_o x + R_o y + p_o * c_(t-1) + b_o + R_io i_(t-1) + R_fo f_(t-1) + R_oo o_(t-1))
    y_t = o * tanh(c_t)

R_z, R_i, R_f, R_o are U_g, U_i, U_f, U_o here, y is h, and b_z and W_z are b_g and W_g.
"""

STATES = {"h": ("n",), "c": ("n",), "i": ("n",), "f": ("n",), "o": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_i": ("n", "m"),
    "U_i": ("n", "n"),
    "b_i": ("n",),
    "W_f": ("n", "m"),
    "U_f": ("n", "n"),
    "b_f": ("n",),
    "W_g": ("n", "m"),
    "U_g": ("n", "n"),
    "b_g": ("n",),
    "W_o": ("n", "m"),
    "U_o": ("n", "n"),
    "b_o": ("n",),
    "p_i": ("n",),
    "p_f": ("n",),
    "p_o": ("n",),
    "R_ii": ("n", "n"),
    "R_fi": ("n", "n"),
    "R_oi": ("n", "n"),
    "R_if": ("n", "n"),
    "R_ff": ("n", "n"),
    "R_of": ("n", "n"),
    "R_io": ("n", "n"),
    "R_fo": ("n", "n"),
    "R_oo": ("n", "n"),
}
OUTPUTS = {}


def net(gate, j, size, p, x, s):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"U_{gate}"][j][k] * s["h"][k]
    return total


def gate_net(gate, j, size, p, x, s):
    total = net(gate, j, size, p, x, s)
    for source in ("i", "f", "o"):
        for k in range(size["n"]):
            total = total + p[f"R_{source}{gate}"][j][k] * s[source][k]
    return total


def step(f, size, p, x, s):
    h, c, i, forget, o = [], [], [], [], []
    for j in range(size["n"]):
        old = s["c"][j]
        z = f.tanh(net("g", j, size, p, x, s))
        i.append(f.sigmoid(gate_net("i", j, size, p, x, s) + p["p_i"][j] * old))
        forget.append(f.sigmoid(gate_net("f", j, size, p, x, s) + p["p_f"][j] * old))
        c.append(i[j] * z + forget[j] * old)
        o.append(f.sigmoid(gate_net("o", j, size, p, x, s) + p["p_o"][j] * old))
        h.append(o[j] * f.tanh(c[j]))
    return {"h": h, "c": c, "i": i, "f": forget, "o": o}, {}
