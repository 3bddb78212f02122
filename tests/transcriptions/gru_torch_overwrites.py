"""GRU with the reset gate after the product and z that replaces, transcribed from torch's documentation of nn.GRU.

    r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
    z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
    n = tanh(W_in x + b_in + r * (W_hn h + b_hn))
    h_t = (1 - z) * n + z * h_(t-1)

The two biases of r and of z, which only ever appear as their sum, are one here. The library's update gate is the share
that is replaced, torch's the share that stays: what enters it changes its sign (`NAMES`).
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_ir": ("n", "m"),
    "W_hr": ("n", "n"),
    "b_r": ("n",),
    "W_iz": ("n", "m"),
    "W_hz": ("n", "n"),
    "b_z": ("n",),
    "W_in": ("n", "m"),
    "W_hn": ("n", "n"),
    "b_in": ("n",),
    "b_hn": ("n",),
}
OUTPUTS = {}
NAMES = {
    "W_ir": "W_r",
    "W_hr": "U_r",
    "W_iz": "-W_z",
    "W_hz": "-U_z",
    "b_z": "-b_z",
    "W_in": "W_g",
    "W_hn": "U_g",
    "b_in": "b_g",
    "b_hn": "v_g",
}


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        to_r, to_z, to_n, inner = p["b_r"][j], p["b_z"][j], p["b_in"][j], p["b_hn"][j]
        for k in range(size["m"]):
            to_r = to_r + p["W_ir"][j][k] * x["x"][k]
            to_z = to_z + p["W_iz"][j][k] * x["x"][k]
            to_n = to_n + p["W_in"][j][k] * x["x"][k]
        for k in range(size["n"]):
            to_r = to_r + p["W_hr"][j][k] * h[k]
            to_z = to_z + p["W_hz"][j][k] * h[k]
            inner = inner + p["W_hn"][j][k] * h[k]
        r, z = f.sigmoid(to_r), f.sigmoid(to_z)
        new = f.tanh(to_n + r * inner)
        following.append((1 - z) * new + z * h[j])
    return {"h": following}, {}
