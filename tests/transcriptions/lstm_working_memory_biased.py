"""LSTM with biased working memory connections, transcribed from the code of torchrecurrent 0.2.5, wmclstm_cell.py
(memory_bias, here v).

    i = sigmoid(W_i x + U_i h + b_i + tanh(V_i c_(t-1) + v_i)),    f likewise
    c_t = f * c_(t-1) + i * tanh(W_g x + U_g h + b_g)
    o = sigmoid(W_o x + U_o h + b_o + tanh(V_o c_t + v_o))
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
    "v_i": ("n",),
    "v_f": ("n",),
    "v_o": ("n",),
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
        i = f.sigmoid(net("i", j, size, p, x, s) + f.tanh(product(p["V_i"], j, old) + p["v_i"][j]))
        keep = f.sigmoid(net("f", j, size, p, x, s) + f.tanh(product(p["V_f"], j, old) + p["v_f"][j]))
        c.append(keep * old[j] + i * f.tanh(net("g", j, size, p, x, s)))
    for j in range(n):
        o = f.sigmoid(net("o", j, size, p, x, s) + f.tanh(product(p["V_o"], j, c) + p["v_o"][j]))
        h.append(o * f.tanh(c[j]))
    return {"h": h, "c": c}, {}
