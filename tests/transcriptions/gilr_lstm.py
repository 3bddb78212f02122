"""Linear surrogate LSTM, transcribed from Martin, Cundy 2018 (arXiv:1709.04057), section 3.2, with tau = tanh.

    f_t = sigmoid(U_f s_(t-1) + V_f x_t + b_f), and i and o likewise
    z_t = tanh(U_z s_(t-1) + V_z x_t + b_z)
    c_t = f_t * c_(t-1) + i_t * z_t, h_t = o_t * c_t
    g_t = sigmoid(V_g x_t + b_g)
    s_t = g_t * s_(t-1) + (1 - g_t) * tanh(V_s x_t + b_s)

The paper writes h with a tilde for s, W for V_s and c for b_s.
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
    seen = s["s"]
    c, h = [], []
    for j in range(size["n"]):
        forget, i, o = (f.sigmoid(net(name, j, p, x["x"], seen)) for name in "fio")
        c.append(forget * s["c"][j] + i * f.tanh(net("z", j, p, x["x"], seen)))
        h.append(o * c[j])
    return {"c": c, "s": surrogate}, {"h": h}
