"""Linear surrogate LSTM, transcribed from eamartin/parallelizing_linear_rnns: layers.py, linear_surrogate_lstm.

s = gilr_layer(x), with tanh: s_t = g_t * s_(t-1) + (1 - g_t) * tanh(V_s x_t + b_s), g_t = sigmoid(V_g x_t + b_g)
f, i, o = sigmoid, and z = tanh, of a linear layer on s_t and x_t
c_t = f * c_(t-1) + i * z, h_t = o * c_t
"""

STATES = {"c": ("n",), "s": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "V_f": ("n", "m"),
    "V_i": ("n", "m"),
    "V_o": ("n", "m"),
    "V_z": ("n", "m"),
    "V_g": ("n", "m"),
    "V_s": ("n", "m"),
    "U_f": ("n", "n"),
    "U_i": ("n", "n"),
    "U_o": ("n", "n"),
    "U_z": ("n", "n"),
    "b_f": ("n",),
    "b_i": ("n",),
    "b_o": ("n",),
    "b_z": ("n",),
    "b_g": ("n",),
    "b_s": ("n",),
}
OUTPUTS = {"h": ("n",)}


def net(name, j, p, x, surrogate):
    total = p[f"b_{name}"][j]
    for k, value in enumerate(x):
        total = total + p[f"V_{name}"][j][k] * value
    for k, value in enumerate(surrogate):
        total = total + p[f"U_{name}"][j][k] * value
    return total


def step(f, size, p, x, s):
    surrogate = []
    for j in range(size["n"]):
        g = f.sigmoid(net("g", j, p, x["x"], []))
        surrogate.append(g * s["s"][j] + (1 - g) * f.tanh(net("s", j, p, x["x"], [])))
    seen = surrogate
    c, h = [], []
    for j in range(size["n"]):
        forget, i, o = (f.sigmoid(net(name, j, p, x["x"], seen)) for name in "fio")
        c.append(forget * s["c"][j] + i * f.tanh(net("z", j, p, x["x"], seen)))
        h.append(o * c[j])
    return {"c": c, "s": surrogate}, {"h": h}
