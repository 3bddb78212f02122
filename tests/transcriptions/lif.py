"""Leaky integrate-and-fire, transcribed from fzenke/spytorch: SpyTorchTutorial2.ipynb (an author), with recurrence.

mthr = mem - 1, out = spike_fn(mthr), rst = 1 where mthr > 0 (not differentiated)
syn <- alpha syn + h1 + out V,  mem <- beta mem + syn - rst, with the syn before this step
SurrGradSpike: grad = grad_input / (scale |input| + 1)^2, scale = 100
"""

STATES = {"syn": ("n",), "mem": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "w1": ("n", "m"),
    "v1": ("n", "n"),
}
OUTPUTS = {"out": ("n",)}
CONSTANTS = {"alpha": 0.8187307530779818, "beta": 0.9048374180359595, "scale": 100.0}
NAMES = {"syn": "i", "mem": "u", "w1": "W", "v1": "V", "out": "s", "scale": "steepness"}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    out, reset = [], []
    for mem in s["mem"]:
        mthr = mem - 1
        fires = 1.0 if mthr > 0 else 0.0
        slope = 1 / (CONSTANTS["scale"] * abs(mthr) + 1) ** 2
        out.append(f.declared(fires, slope, mthr))
        reset.append(fires)
    current, back = product(p["w1"], x["x"]), product(p["v1"], out)
    syn = [CONSTANTS["alpha"] * a + b + c for a, b, c in zip(s["syn"], current, back)]
    mem = [CONSTANTS["beta"] * m + i - r for m, i, r in zip(s["mem"], s["syn"], reset)]
    return {"syn": syn, "mem": mem}, {"out": out}
