"""GRU with the reset gate before the product (Cho et al. 2014), transcribed from ONNX's GRU and OpenVINO's GRUCell-3.

With linear_before_reset = 0:

    z = sigmoid(W_z x + R_z h + b_z), and r likewise
    ht = tanh(W_h x + (r * h) R_h + b_h)
    h_t = (1 - z) * ht + z * h_(t-1)

The two biases of each gate, which only ever appear as their sum, are one here. The library's update gate is the share
that is replaced, ONNX's the share that stays: what enters it changes its sign (`NAMES`).
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_z": ("n", "m"),
    "R_z": ("n", "n"),
    "b_z": ("n",),
    "W_r": ("n", "m"),
    "R_r": ("n", "n"),
    "b_r": ("n",),
    "W_h": ("n", "m"),
    "R_h": ("n", "n"),
    "b_h": ("n",),
}
OUTPUTS = {}
NAMES = {
    "W_z": "-W_z",
    "R_z": "-U_z",
    "b_z": "-b_z",
    "R_r": "U_r",
    "W_h": "W_g",
    "R_h": "U_g",
    "b_h": "b_g",
}


def net(gate, j, size, p, x, recurrent):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"R_{gate}"][j][k] * recurrent[k]
    return total


def step(f, size, p, x, s):
    n, h = size["n"], s["h"]
    reset = []
    for k in range(n):
        reset.append(f.sigmoid(net("r", k, size, p, x, h)) * h[k])
    following = []
    for j in range(n):
        z = f.sigmoid(net("z", j, size, p, x, h))
        candidate = f.tanh(net("h", j, size, p, x, reset))
        following.append((1 - z) * candidate + z * h[j])
    return {"h": following}, {}
