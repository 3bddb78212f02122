"""LSTM of Hochreiter and Schmidhuber 1997 with its truncated gradient, transcribed from the account of the paper in
src/aquarius_lstm/cell.py (Project-Aquarius-White/simple-1997-lstm-reproduction); paper: section 4, appendix A.1.

    y_in = sigmoid(net_in),    y_out = sigmoid(net_out)
    s_c(t) = s_c(t-1) + y_in * g(net_c),    g(a) = 4 sigmoid(a) - 2
    y_c = y_out * h(s_c),                   h(a) = 2 sigmoid(a) - 1

Each cell has gates of its own. Truncated backprop (A.1): what earlier outputs give to a net input is not
differentiated.
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


def net(f, gate, j, size, p, x, s):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"U_{gate}"][j][k] * f.stop(s["h"][k])
    return total


def step(f, size, p, x, s):
    output, cell = [], []
    for j in range(size["n"]):
        y_in = f.sigmoid(net(f, "i", j, size, p, x, s))
        y_out = f.sigmoid(net(f, "o", j, size, p, x, s))
        g = 4 * f.sigmoid(net(f, "g", j, size, p, x, s)) - 2
        cell.append(s["c"][j] + y_in * g)
        output.append(y_out * (2 * f.sigmoid(cell[j]) - 1))
    return {"h": output, "c": cell}, {}
