"""Clockwork RNN, transcribed from IDSIA/brainstorm: brainstorm/layers/clockwork_layer.py: an RNN step for all units,
then the old value where the step is no multiple of a unit's timing. Its units are three modules here, R the matrix of
their blocks U_ij, zero where a faster module would tell a slower one (Koutnik et al. 2014, section 3).

    h_t = tanh(W x_t + R h_(t-1) + bias);   h_t = h_(t-1) where t mod timing is not 0
"""

MODULES = ("1", "2", "3")
STATES = {"h_1": ("n",), "h_2": ("n",), "h_3": ("n",)}
INPUTS = {"x": ("m",), "on_1": (), "on_2": (), "on_3": ()}
PARAMETERS = {
    **{f"W_{i}": ("n", "m") for i in MODULES},
    **{f"b_{i}": ("n",) for i in MODULES},
    **{f"U_{i}{k}": ("n", "n") for i in MODULES for k in MODULES if i <= k},
}
OUTPUTS = {}


def step(f, size, p, x, s):
    n = size["n"]
    before = [value for i in MODULES for value in s[f"h_{i}"]]
    after = []
    for i in MODULES:
        for j in range(n):
            total = p[f"b_{i}"][j]
            for k in range(size["m"]):
                total = total + p[f"W_{i}"][j][k] * x["x"][k]
            row = []
            for other in MODULES:
                row += list(p[f"U_{i}{other}"][j]) if f"U_{i}{other}" in p else [0] * n
            for weight, value in zip(row, before):
                total = total + weight * value
            after.append(f.tanh(total) if x[f"on_{i}"] == 1 else before[len(after)])
    return {f"h_{i}": after[k * n : k * n + n] for k, i in enumerate(MODULES)}, {}
