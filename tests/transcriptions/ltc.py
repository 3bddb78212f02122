"""Liquid time-constant cell, transcribed from raminmh/liquid_time_constant_networks: ltc_model.py, LTCCell
with the affine input mapping and its fused solver, _ode_step, six unfolds.

    w_activation = W * sigmoid(sigma (v_pre - mu)),   summed over the neuron that it comes from
    v_pre = (cm_t v_pre + gleak vleak + sum(w_activation erev)) / (cm_t + gleak + sum(w_activation))

Synapses from inputs, sensory_*, are added to both sums. Matrices are [from, to] there, and stand transposed here.
"""

STATES = {"v_pre": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "input_w": ("m",),
    "input_b": ("m",),
    "sensory_W": ("m", "n"),
    "sensory_erev": ("m", "n"),
    "sensory_sigma": ("m", "n"),
    "sensory_mu": ("m", "n"),
    "W": ("n", "n"),
    "erev": ("n", "n"),
    "sigma": ("n", "n"),
    "mu": ("n", "n"),
    "cm_t": ("n",),
    "gleak": ("n",),
    "vleak": ("n",),
}
OUTPUTS = {}
NAMES = {
    "v_pre": "v",
    "input_w": "w_x",
    "input_b": "b_x",
    "sensory_W": "W_s.T",
    "sensory_erev": "E_s.T",
    "sensory_sigma": "kappa_s.T",
    "sensory_mu": "mu_s.T",
    "W": "W.T",
    "erev": "E.T",
    "sigma": "kappa.T",
    "mu": "mu.T",
    "cm_t": "c",
    "gleak": "g",
    "vleak": "v_leak",
}
UNFOLDS = 6


def synapses(f, size, values, weights, reversal, sigma, mu):
    """For each neuron the current and the conductance that some values bring it."""
    numerator = [0] * size["n"]
    denominator = [0] * size["n"]
    for k in range(len(values)):
        for j in range(size["n"]):
            activation = weights[k][j] * f.sigmoid(sigma[k][j] * (values[k] - mu[k][j]))
            numerator[j] = numerator[j] + activation * reversal[k][j]
            denominator[j] = denominator[j] + activation
    return numerator, denominator


def step(f, size, p, x, s):
    inputs = [x["x"][k] * p["input_w"][k] + p["input_b"][k] for k in range(size["m"])]
    sensory = ("sensory_W", "sensory_erev", "sensory_sigma", "sensory_mu")
    above, below = synapses(f, size, inputs, *(p[name] for name in sensory))
    v = s["v_pre"]
    for _ in range(UNFOLDS):
        top, bottom = synapses(f, size, v, p["W"], p["erev"], p["sigma"], p["mu"])
        v = [
            (p["cm_t"][j] * v[j] + p["gleak"][j] * p["vleak"][j] + top[j] + above[j])
            / (p["cm_t"][j] + p["gleak"][j] + bottom[j] + below[j])
            for j in range(size["n"])
        ]
    return {"v_pre": v}, {}
