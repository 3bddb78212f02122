"""GRU-D, transcribed from PeterChe1990/GRU-D: nn_utils/grud_layers.py, GRUDCell.call, and Che et al. 2018.

    gamma_x = exp(-max(0, w_x d + b_x)),   gamma_h = exp(-max(0, W_h d + b_h))
    last_t = x_t where measured, else last_(t-1)
    x^ = x_t where measured, else gamma_x last_t + (1 - gamma_x) average
    h^ = gamma_h * h_(t-1)
    z, r = sigmoid(W x^ + U h^ + V m + b),   c = tanh(W x^ + U (r * h^) + V m + b)
    h_t = (1 - z) * h^ + z * c

The code differs from the paper (quoted from memory), which is followed here: it has no average (data are centred),
feeds 1 - m, has the paper's 1 - z as z, carries h_(t-1) itself and not h^, and by default has a hard sigmoid for the
gates and a sigmoid for c.
"""

STATES = {"h": ("n",), "last": ("m",)}
INPUTS = {"x": ("m",), "mask": ("m",), "gap": ("m",)}
PARAMETERS = {
    "average": ("m",),
    "w_x": ("m",),
    "b_x": ("m",),
    "W_h": ("n", "m"),
    "b_h": ("n",),
    "W_z": ("n", "m"),
    "W_r": ("n", "m"),
    "W_c": ("n", "m"),
    "U_z": ("n", "n"),
    "U_r": ("n", "n"),
    "U_c": ("n", "n"),
    "V_z": ("n", "m"),
    "V_r": ("n", "m"),
    "V_c": ("n", "m"),
    "b_z": ("n",),
    "b_r": ("n",),
    "b_c": ("n",),
}
OUTPUTS = {}


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def decay(f, a):
    return f.exp(-f.max(0 * f.one, a))


def step(f, size, p, x, s):
    gap, mask = x["gap"], x["mask"]
    last, seen = [], []
    for d in range(size["m"]):
        kept = x["x"][d] if mask[d] == 1 else s["last"][d]
        gamma = decay(f, p["w_x"][d] * gap[d] + p["b_x"][d])
        guess = gamma * kept + (1 - gamma) * p["average"][d]
        last.append(kept)
        seen.append(x["x"][d] if mask[d] == 1 else guess)
    n = size["n"]
    faded = [decay(f, inner(p["W_h"][j], gap) + p["b_h"][j]) * s["h"][j] for j in range(n)]

    def net(gate, j, before):
        from_mask = inner(p[f"V_{gate}"][j], mask)
        return inner(p[f"W_{gate}"][j], seen) + inner(p[f"U_{gate}"][j], before) + from_mask + p[f"b_{gate}"][j]

    z = [f.sigmoid(net("z", j, faded)) for j in range(n)]
    reset = [f.sigmoid(net("r", j, faded)) * faded[j] for j in range(n)]
    c = [f.tanh(net("c", j, reset)) for j in range(n)]
    return {"h": [(1 - z[j]) * faded[j] + z[j] * c[j] for j in range(n)], "last": last}, {}
