"""SCRN with the old context, transcribed from facebookarchive/SCRNNs: mfactory.lua, the graph of branch scrnn.

    new_slow = emb_slow(x) + alpha prev_slow, emb_slow scaled by 1 - alpha
    new_fast = sigmoid(emb_fast(x) + proj_fast(prev_fast) + proj_slow2fast(prev_slow))

The graph's proj_slow is a matrix that begins as alpha I; here it stays that.
"""

STATES = {"h": ("n",), "s": ("p",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"A": ("n", "m"), "B": ("p", "m"), "P": ("n", "p"), "R": ("n", "n")}
OUTPUTS = {}
CONSTANTS = {"alpha": 0.95}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    alpha = CONSTANTS["alpha"]
    context = [(1 - alpha) * new + alpha * old for new, old in zip(product(p["B"], x["x"]), s["s"])]
    slow, fast, own = product(p["P"], s["s"]), product(p["A"], x["x"]), product(p["R"], s["h"])
    return {"h": [f.sigmoid(slow[j] + fast[j] + own[j]) for j in range(size["n"])], "s": context}, {}
