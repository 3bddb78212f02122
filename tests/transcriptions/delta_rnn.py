"""Delta-RNN, transcribed from the first author's code (ago109/Delta-RNN-Theano, src/DeltaRNNLayer.py).

    d1 = alpha * V h * W x
    d2 = beta_1 * V h + beta_2 * W x
    g = tanh(d1 + d2 + b)
    r = sigmoid(W x + b_r)
    h_t = (1 - r) * g + r * h

With the outer function that the code has by default, the identity, and without layer normalisation. The code's U_i,
W_i, beta0 and beta1 are V, W, beta_1 and beta_2 in its comments.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W": ("n", "m"),
    "V": ("n", "n"),
    "b": ("n",),
    "b_r": ("n",),
    "alpha": ("n",),
    "beta_1": ("n",),
    "beta_2": ("n",),
}
OUTPUTS = {}


def dot(row, vector):
    total = 0
    for weight, entry in zip(row, vector):
        total = total + weight * entry
    return total


def step(f, size, p, x, s):
    h, following = s["h"], []
    for j in range(size["n"]):
        of_input, of_state = dot(p["W"][j], x["x"]), dot(p["V"][j], h)
        first = p["alpha"][j] * of_state * of_input
        second = p["beta_1"][j] * of_state + p["beta_2"][j] * of_input
        inner = f.tanh(first + second + p["b"][j])
        r = f.sigmoid(of_input + p["b_r"][j])
        following.append((1 - r) * inner + r * h[j])
    return {"h": following}, {}
