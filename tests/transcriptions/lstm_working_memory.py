"""LSTM with working memory connections, transcribed from Landi et al. 2021 (arXiv:2109.00020), section 3, as given in
the docstring of RecurrentLayers.jl's WMCLSTMCell; the candidate sees h as in the paper's LSTM.

    i = sigmoid(W_i x + U_i h + tanh(V_i c_(t-1)) + b_i),    f likewise
    c_t = f * c_(t-1) + i * tanh(W_g x + U_g h + b_g)
    o = sigmoid(W_o x + U_o h + tanh(V_o c_t) + b_o)
    h_t = o * tanh(c_t)
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
        i = f.sigmoid(net("i", j, size, p, x, s) + f.tanh(product(p["V_i"], j, old)))
        keep = f.sigmoid(net("f", j, size, p, x, s) + f.tanh(product(p["V_f"], j, old)))
        c.append(keep * old[j] + i * f.tanh(net("g", j, size, p, x, s)))
    for j in range(n):
        o = f.sigmoid(net("o", j, size, p, x, s) + f.tanh(product(p["V_o"], j, c)))
        h.append(o * f.tanh(c[j]))
    return {"h": h, "c": c}, {}
