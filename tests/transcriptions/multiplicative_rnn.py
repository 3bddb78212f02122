"""Multiplicative RNN, transcribed from Sutskever, Martens, Hinton 2011, section 3.2 (equations from memory).

    f_t = diag(W_fx x_t) W_fh h_(t-1)
    h_t = tanh(W_hf f_t + W_hx x_t)

x_t is the one-hot vector of a character; products with it are written out here. Left out: o_t = W_oh h_t + b_o.
"""

STATES = {"h": ("n",)}
INPUTS = {"token": ()}
PARAMETERS = {"W_fx": ("p", "m"), "W_fh": ("p", "n"), "W_hx": ("n", "m"), "W_hf": ("n", "p")}
OUTPUTS = {}
NAMES = {"W_fx": "W_f", "W_fh": "U_f", "W_hx": "W_h", "W_hf": "U_h"}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for a, b in zip(row, vector):
            total = total + a * b
        found.append(total)
    return found


def step(f, size, p, x, s):
    one_hot = [1 if k == x["token"] else 0 for k in range(size["m"])]
    assert sum(one_hot) == 1
    factors = [a * b for a, b in zip(product(p["W_fx"], one_hot), product(p["W_fh"], s["h"]))]
    nets = [a + b for a, b in zip(product(p["W_hf"], factors), product(p["W_hx"], one_hot))]
    return {"h": [f.tanh(net) for net in nets]}, {}
