"""Residual LSTM, transcribed from neuralforecast/models/dilated_rnn.py (Nixtla), ResLSTMCell: weight_ii, weight_ih,
weight_ic are W, U, P of the gates here, weight_hh is U_g, weight_ir is V; the biases of a gate are added up.

    i, f, o = sigmoid(W x + U h_(t-1) + P c_(t-1) + b)
    c_t = f * c_(t-1) + i * tanh(U_g h_(t-1) + b_g)
    h_t = o * (tanh(c_t) + V x)
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
    "W_o": ("n", "m"),
    "U_o": ("n", "n"),
    "b_o": ("n",),
    "P_i": ("n", "n"),
    "P_f": ("n", "n"),
    "P_o": ("n", "n"),
    "U_g": ("n", "n"),
    "b_g": ("n",),
    "V": ("n", "m"),
}
OUTPUTS = {}


def product(matrix, j, vector):
    total = 0
    for k in range(len(vector)):
        total = total + matrix[j][k] * vector[k]
    return total


def step(f, size, p, x, s):
    h, c = [], []
    for j in range(size["n"]):
        gates = {}
        for gate in ("i", "f", "o"):
            a = product(p[f"W_{gate}"], j, x["x"]) + product(p[f"U_{gate}"], j, s["h"])
            gates[gate] = f.sigmoid(a + product(p[f"P_{gate}"], j, s["c"]) + p[f"b_{gate}"][j])
        cell = f.tanh(product(p["U_g"], j, s["h"]) + p["b_g"][j])
        c.append(gates["f"] * s["c"][j] + gates["i"] * cell)
        h.append(gates["o"] * (f.tanh(c[j]) + product(p["V"], j, x["x"])))
    return {"h": h, "c": c}, {}
