"""Nested LSTM of depth 2, transcribed from hannw/nlstm: rnn_cell.py, NLSTMCell._recurrence, its forget bias left out.

inner_hidden = c * sigmoid(f), inner_input = sigmoid(i) * tanh(j)
at the last depth new_c = inner_hidden + inner_input, else new_c is what the cell of the next depth gives for
(inner_input, inner_hidden); new_h = tanh(new_c) * sigmoid(o)
"""

STATES = {"h": ("n",), "c_0": ("n",), "c_1": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    **{f"W{k}_0": ("n", "m") for k in "ifjo"},
    **{f"U{k}_0": ("n", "n") for k in "ifjo"},
    **{f"b{k}_0": ("n",) for k in "ifjo"},
    **{f"W{k}_1": ("n", "n") for k in "ifjo"},
    **{f"U{k}_1": ("n", "n") for k in "ifjo"},
    **{f"b{k}_1": ("n",) for k in "ifjo"},
}
OUTPUTS = {}
NAMES = {
    "c_0": "c",
    "c_1": "d",
    **{f"{a}{k}_0": f"{a}_{k.replace('j', 'g')}" for a in "WUb" for k in "ifjo"},
    **{f"{a}{k}_1": f"{b}_{k.replace('j', 'g')}" for a, b in ("WA", "UB", "ba") for k in "ifjo"},
}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def recurrence(f, size, p, x, h, cells, depth):
    net = {}
    for k in "ifjo":
        net_x, net_h = product(p[f"W{k}_{depth}"], x), product(p[f"U{k}_{depth}"], h)
        net[k] = [a + b + c for a, b, c in zip(net_x, net_h, p[f"b{k}_{depth}"])]
    hidden = [c * f.sigmoid(a) for c, a in zip(cells[depth], net["f"])]
    given = [f.sigmoid(a) * f.tanh(b) for a, b in zip(net["i"], net["j"])]
    if depth == 1:
        new_c = [a + b for a, b in zip(hidden, given)]
        new_cs = [new_c]
    else:
        new_c, new_cs = recurrence(f, size, p, given, hidden, cells, depth + 1)
    new_h = [f.tanh(c) * f.sigmoid(a) for c, a in zip(new_c, net["o"])]
    return new_h, [new_h, *new_cs]


def step(f, size, p, x, s):
    _, (h, outer, inner) = recurrence(f, size, p, x["x"], s["h"], [s["c_0"], s["c_1"]], 0)
    return {"h": h, "c_0": outer, "c_1": inner}, {}
