"""Simple gated unit, hard sigmoid of slope 1/6, transcribed from torchrecurrent 0.2.5
(torchrecurrent/cells/sgu_cell.py, class SGUCell) without its bias in z_g.

    x_g = W_g x + b_g
    z_g = tanh(U_g (x_g * h))
    z_out = softplus(z_g * h)
    z = clip(a/6 + 0.5, 0, 1) of a = W_z x + U_z h + b_z
    h_t = (1 - z) * h + z * z_out
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_g": ("n", "m"), "U_g": ("n", "n"), "b_g": ("n",), "W_z": ("n", "m"), "U_z": ("n", "n"), "b_z": ("n",)}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    n, h = size["n"], s["h"]
    product = []
    for j in range(n):
        product.append((dot(p["W_g"][j], x["x"]) + p["b_g"][j]) * h[j])
    gated = []
    for j in range(n):
        gated.append(f.tanh(dot(p["U_g"][j], product)) * h[j])
    following = []
    for j in range(n):
        out = f.softplus(gated[j])
        z = f.hard_sigmoid(dot(p["W_z"][j], x["x"]) + dot(p["U_z"][j], h) + p["b_z"][j])
        following.append((1 - z) * h[j] + z * out)
    return {"h": following}, {}
