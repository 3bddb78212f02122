"""GRU, reset after the product, one bias a gate, transcribed from Keras's GRU with reset_after=True.

    z = sigmoid(W_z x + R_z h + b_z), and r likewise
    hh = tanh(W_h x + b_h + r * (R_h h))
    h_t = z * h + (1 - z) * hh

With Keras's input bias, without its recurrent one. The library's update gate is the share that is replaced, Keras's
the share that stays: what enters it changes its sign (`NAMES`).
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
NAMES = {"W_z": "-W_z", "R_z": "-U_z", "b_z": "-b_z", "R_r": "U_r", "W_h": "W_g", "R_h": "U_g", "b_h": "b_g"}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        z = f.sigmoid(dot(p["W_z"][j], x["x"]) + dot(p["R_z"][j], h) + p["b_z"][j])
        r = f.sigmoid(dot(p["W_r"][j], x["x"]) + dot(p["R_r"][j], h) + p["b_r"][j])
        candidate = f.tanh(dot(p["W_h"][j], x["x"]) + p["b_h"][j] + r * dot(p["R_h"][j], h))
        following.append(z * h[j] + (1 - z) * candidate)
    return {"h": following}, {}
