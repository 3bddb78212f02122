"""Liquid time-constant network, transcribed from the code of Hasani, Lechner, Amini, Rus, Grosu (arXiv:2006.04439).

From raminmh/liquid_time_constant_networks: experiments_with_ltcs/ltc_model.py, affine input mapping, semi-implicit
solver, six unfolds a step. The code's weights of synapses are [source][target].

    i = input_w x + input_b
    v = (cm_t v + gleak vleak + sum of w sigmoid(sigma (v_source - mu)) erev) / (cm_t + gleak + sum of w sigmoid(...))

where both sums go over the sources, units (at the last unfold's v) and inputs (at i, the same in all unfolds).
"""

STATES = {"v": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "input_w": ("m",),
    "input_b": ("m",),
    "sensory_mu": ("m", "n"),
    "sensory_sigma": ("m", "n"),
    "sensory_W": ("m", "n"),
    "sensory_erev": ("m", "n"),
    "mu": ("n", "n"),
    "sigma": ("n", "n"),
    "W": ("n", "n"),
    "erev": ("n", "n"),
    "vleak": ("n",),
    "gleak": ("n",),
    "cm_t": ("n",),
}
OUTPUTS = {}
CONSTANTS = {"unfolds": 6}
NAMES = {
    "input_w": "w_x",
    "input_b": "b_x",
    "sensory_mu": "mu_s.T",
    "sensory_sigma": "kappa_s.T",
    "sensory_W": "W_s.T",
    "sensory_erev": "E_s.T",
    "mu": "mu.T",
    "sigma": "kappa.T",
    "W": "W.T",
    "erev": "E.T",
    "vleak": "v_leak",
    "gleak": "g",
    "cm_t": "c",
    "unfolds": "L",
}


def currents(f, sources, target, weight, erev, mu, sigma):
    reversal, activation = 0, 0
    for k, value in enumerate(sources):
        w = weight[k][target] * f.sigmoid(sigma[k][target] * (value - mu[k][target]))
        reversal = reversal + w * erev[k][target]
        activation = activation + w
    return reversal, activation


def step(f, size, p, x, s):
    n = size["n"]
    inputs = [x["x"][k] * p["input_w"][k] + p["input_b"][k] for k in range(size["m"])]
    sensory = [
        currents(f, inputs, j, p["sensory_W"], p["sensory_erev"], p["sensory_mu"], p["sensory_sigma"]) for j in range(n)
    ]
    v_pre = s["v"]
    for _ in range(CONSTANTS["unfolds"]):
        following = []
        for j in range(n):
            reversal, activation = currents(f, v_pre, j, p["W"], p["erev"], p["mu"], p["sigma"])
            numerator = p["cm_t"][j] * v_pre[j] + p["gleak"][j] * p["vleak"][j] + reversal + sensory[j][0]
            denominator = p["cm_t"][j] + p["gleak"][j] + activation + sensory[j][1]
            following.append(numerator / denominator)
        v_pre = following
    return {"v": v_pre}, {}
