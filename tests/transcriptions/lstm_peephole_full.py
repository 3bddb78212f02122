"""LSTM with full peephole matrices, transcribed from GroundHog, groundhog/layers/rec_layers.py, LSTMLayer.step_fprop
(W_hi, W_ci, ... are U_i, V_i, ... here); Chainer's StatefulPeepholeLSTM agrees; Graves 2013, equations 7 to 11.

    ig = sigmoid(below_i + W_hi h + W_ci c_(t-1)),    fg likewise
    c_t = fg * c_(t-1) + ig * tanh(below_c + W_hc h)
    og = sigmoid(below_o + W_ho h + W_co c_t)
    h_t = og * tanh(c_t)
"""

STATES = {"h": ("n",), "c": ("n",)}
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
    "V_i": ("n", "n"),
    "V_f": ("n", "n"),
    "V_o": ("n", "n"),
}
OUTPUTS = {}


def net(gate, j, size, p, x, s):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"U_{gate}"][j][k] * s["h"][k]
    return total


def product(matrix, j, vector):
    total = 0
    for k in range(len(vector)):
        total = total + matrix[j][k] * vector[k]
    return total


def step(f, size, p, x, s):
    n, old = size["n"], s["c"]
    h, c = [], []
    for j in range(n):
        i = f.sigmoid(net("i", j, size, p, x, s) + product(p["V_i"], j, old))
        keep = f.sigmoid(net("f", j, size, p, x, s) + product(p["V_f"], j, old))
        c.append(keep * old[j] + i * f.tanh(net("g", j, size, p, x, s)))
    for j in range(n):
        o = f.sigmoid(net("o", j, size, p, x, s) + product(p["V_o"], j, c))
        h.append(o * f.tanh(c[j]))
    return {"h": h, "c": c}, {}
