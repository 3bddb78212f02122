"""Adaptive leaky integrate-and-fire, transcribed from IGITUGraz/LSNN-official: lsnn/spiking_models.py (the authors).

new_b = decay_b b + (1 - decay_b) z,  thr = thr0 + new_b beta
new_v = decay v + (1 - decay) i_t - z thr,  v_scaled = (new_v - thr) / thr,  new_z = SpikeFunction(v_scaled)
SpikeFunction: 1 where v_scaled > 0, gradient dampening_factor max(1 - |v_scaled|, 0)
"""

STATES = {"v": ("n",), "z": ("n",), "b": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "w_in": ("n", "m"),
    "w_rec": ("n", "n"),
}
OUTPUTS = {}
CONSTANTS = {
    "decay": 0.951229424500714,
    "decay_b": 0.9950124791926823,
    "beta": 1.6,
    "thr": 0.01,
    "dampening_factor": 0.3,
}
NAMES = {
    "w_in": "W",
    "w_rec": "V",
    "decay": "alpha",
    "decay_b": "rho",
    "thr": "threshold",
    "dampening_factor": "gamma",
}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    decay, decay_b, factor = CONSTANTS["decay"], CONSTANTS["decay_b"], CONSTANTS["dampening_factor"]
    into, back = product(p["w_in"], x["x"]), product(p["w_rec"], s["z"])
    new_v, new_z, new_b = [], [], []
    for j in range(size["n"]):
        b = decay_b * s["b"][j] + (1 - decay_b) * s["z"][j]
        thr = CONSTANTS["thr"] + b * CONSTANTS["beta"]
        v = decay * s["v"][j] + (1 - decay) * (into[j] + back[j]) - s["z"][j] * thr
        scaled = (v - thr) / thr
        bump = 1 - abs(scaled)
        slope = factor * (bump if bump > 0 else 0 * bump)
        new_z.append(f.declared(1.0 if scaled > 0 else 0.0, slope, scaled))
        new_v.append(v)
        new_b.append(b)
    return {"v": new_v, "z": new_z, "b": new_b}, {}
