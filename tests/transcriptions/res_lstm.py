"""Residual LSTM, transcribed from torchrecurrent 0.2.5, reslstm_cell.py; Kim et al. 2017, section 3. W_p and W_r (the
paper's W_h) are P and V here.

    i = sigmoid(W_i x + U_i h + p_i * c_(t-1) + b_i),    f likewise
    c_t = f * c_(t-1) + i * tanh(W_g x + U_g h + b_g)
    o = sigmoid(W_o x + U_o h + p_o * c_t + b_o)
    h_t = o * (W_p tanh(c_t) + W_r x)
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
    "p_i": ("n",),
    "p_f": ("n",),
    "p_o": ("n",),
    "P": ("n", "n"),
    "V": ("n", "m"),
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
    n = size["n"]
    c, o, squashed = [], [], []
    for j in range(n):
        old = s["c"][j]
        i = f.sigmoid(net("i", j, size, p, x, s) + p["p_i"][j] * old)
        keep = f.sigmoid(net("f", j, size, p, x, s) + p["p_f"][j] * old)
        c.append(keep * old + i * f.tanh(net("g", j, size, p, x, s)))
        o.append(f.sigmoid(net("o", j, size, p, x, s) + p["p_o"][j] * c[j]))
        squashed.append(f.tanh(c[j]))
    h = [o[j] * (product(p["P"], j, squashed) + product(p["V"], j, x["x"])) for j in range(n)]
    return {"h": h, "c": c}, {}
