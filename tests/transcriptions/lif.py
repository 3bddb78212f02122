"""Leaky integrate-and-fire, transcribed from fzenke/spytorch: notebooks/SpyTorchTutorial2.ipynb, run_snn, and V beside.

    out = 1 where mem > 1, else 0;   its slope by mem is 1 / (scale |mem - 1| + 1)^2
    rst = out, without a slope
    syn' = alpha syn + W x (+ V out),   mem' = beta mem + syn - rst

alpha = exp(-1/5), beta = exp(-1/10). Tutorial 4 of the same repository adds the spikes of the step by V to syn'. The
spikes that the loop notes at a step are those of the membrane that it begins with.
"""

STATES = {"syn": ("n",), "mem": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W": ("n", "m"), "V": ("n", "n")}
OUTPUTS = {"out": ("n",)}
NAMES = {"syn": "i", "mem": "u", "out": "s", "scale": "steepness"}
CONSTANTS = {"alpha": 0.8187307530779818, "beta": 0.9048374180359595, "scale": 100}


def step(f, size, p, x, s):
    n, one = size["n"], f.one
    out, rst = [], []
    for j in range(n):
        above = s["mem"][j] - 1
        fired = one if above > 0 else 0 * one
        slope = 1 / (CONSTANTS["scale"] * f.abs(above) + 1) ** 2
        out.append(f.declared(fired, slope, above))
        rst.append(f.stop(fired))
    syn, mem = [], []
    for j in range(n):
        total = CONSTANTS["alpha"] * s["syn"][j]
        for k in range(size["m"]):
            total = total + p["W"][j][k] * x["x"][k]
        for k in range(n):
            total = total + p["V"][j][k] * out[k]
        syn.append(total)
        mem.append(CONSTANTS["beta"] * s["mem"][j] + s["syn"][j] - rst[j])
    return {"syn": syn, "mem": mem}, {"out": out}
