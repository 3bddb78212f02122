"""Clockwork RNN of three modules, transcribed from Koutnik, Greff, Gomez, Schmidhuber 2014 (arXiv:1402.3511).

Section 3, equation 1 and the text about it (from memory, held against the description in pranv/clockwork_rnn):

    y_t = tanh(W_H y_(t-1) + W_I x_t + b)     in the rows of modules whose period divides t,
    y_t = y_(t-1)                             in all others

W_H is block-upper triangular, the modules in the order of growing periods: a module reads itself and the slower ones,
all as they were a step ago. Which modules are active is an input here, 1 or 0, for the paper's t mod T_i.
"""

STATES = {"h_1": ("n",), "h_2": ("n",), "h_3": ("n",)}
INPUTS = {"x": ("m",), "on_1": (), "on_2": (), "on_3": ()}
PARAMETERS = {
    **{f"W_{i}": ("n", "m") for i in (1, 2, 3)},
    **{f"U_{i}{j}": ("n", "n") for i in (1, 2, 3) for j in range(i, 4)},
    **{f"b_{i}": ("n",) for i in (1, 2, 3)},
}
OUTPUTS = {}


def step(f, size, p, x, s):
    n, m = size["n"], size["m"]
    W_H = [[0] * (3 * n) for _ in range(3 * n)]
    for i in (1, 2, 3):
        for j in range(i, 4):
            for row in range(n):
                for column in range(n):
                    W_H[(i - 1) * n + row][(j - 1) * n + column] = p[f"U_{i}{j}"][row][column]
    W_I = [*p["W_1"], *p["W_2"], *p["W_3"]]
    bias = [*p["b_1"], *p["b_2"], *p["b_3"]]
    before = [*s["h_1"], *s["h_2"], *s["h_3"]]
    after = list(before)
    for row in range(3 * n):
        active = x[f"on_{row // n + 1}"]
        assert active in {0, 1}
        if active:
            net = bias[row]
            for column in range(3 * n):
                net = net + W_H[row][column] * before[column]
            for k in range(m):
                net = net + W_I[row][k] * x["x"][k]
            after[row] = f.tanh(net)
    return {"h_1": after[:n], "h_2": after[n : 2 * n], "h_3": after[2 * n :]}, {}
