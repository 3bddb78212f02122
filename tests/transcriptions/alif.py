"""Adaptive leaky integrate-and-fire, transcribed from IGITUGraz/LSNN-official: lsnn/spiking_models.py, ALIF and LIF.

    b_t = rho b + (1 - rho) z,   thr_t = thr + beta b_t
    v_t = decay v + (1 - decay) (W x + V z) - z thr_t
    z_t = 1 where e > 0, else 0, of e = (v_t - thr_t)/thr_t;   its slope by e is 0.3 max(0, 1 - |e|)

decay = exp(-1/20), rho = exp(-1/200); steps of 1 ms, no refractory time, delays of one step. The code sets
the diagonal of V to zero.
"""

STATES = {"v": ("n",), "z": ("n",), "b": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "V": ("n", "n")}
OUTPUTS = {}
CONSTANTS = {
    "decay": 0.951229424500714,
    "decay_b": 0.9950124791926823,
    "beta": 1.6,
    "thr": 0.01,
    "dampening": 0.3,
}
NAMES = {"decay": "alpha", "decay_b": "rho", "thr": "threshold", "dampening": "gamma"}


def step(f, size, p, x, s):
    n, decay, decay_b = size["n"], CONSTANTS["decay"], CONSTANTS["decay_b"]
    v, z, b = [], [], []
    for j in range(n):
        current = 0
        for k in range(size["m"]):
            current = current + p["W"][j][k] * x["x"][k]
        for k in range(n):
            current = current + p["V"][j][k] * s["z"][k]
        b.append(decay_b * s["b"][j] + (1 - decay_b) * s["z"][j])
        threshold = CONSTANTS["thr"] + b[j] * CONSTANTS["beta"]
        v.append(decay * s["v"][j] + (1 - decay) * current - s["z"][j] * threshold)
        scaled = (v[j] - threshold) / threshold
        slope = CONSTANTS["dampening"] * f.max(1 - f.abs(scaled), 0 * f.one)
        z.append(f.declared(f.one if scaled > 0 else 0 * f.one, slope, scaled))
    return {"v": v, "z": z, "b": b}, {}
