"""DeltaNet of 2021, transcribed from lmtool-fwp, cuda_fast_weight_layer.py, CudaFastWeightLinearTransformerLayer.

One head, without what stands around it: no output projection, residual connection, layer norm or dropout.

    q, k -> elu + 1, each divided by its sum
    W_t = W_(t-1) + beta (v - W_(t-1) k) k^T, beta the logistic function of a number
    out = W_t q / sqrt(d)
"""

STATES = {"S": ("n", "d")}
INPUTS = {"x": ("m",)}
PARAMETERS = {"W_q": ("d", "m"), "W_k": ("d", "m"), "W_v": ("n", "m"), "w_beta": ("m",)}
OUTPUTS = {"h": ("n",)}


def product(rows, x):
    found = []
    for row in rows:
        total = row[0] * x[0]
        for k in range(1, len(x)):
            total = total + row[k] * x[k]
        found.append(total)
    return found


def feature(f, values):
    positive = [f.elu(v) + 1 for v in values]
    total = positive[0]
    for v in positive[1:]:
        total = total + v
    return [v / total for v in positive]


def step(f, size, p, x, s):
    query = feature(f, product(p["W_q"], x["x"]))
    key = feature(f, product(p["W_k"], x["x"]))
    value = product(p["W_v"], x["x"])
    beta = f.sigmoid(product([p["w_beta"]], x["x"])[0])
    memory, out = [], []
    for j in range(size["n"]):
        old = product([s["S"][j]], key)[0]
        row = [s["S"][j][k] + beta * (value[j] - old) * key[k] for k in range(size["d"])]
        memory.append(row)
        out.append(product([row], query)[0] / f.sqrt(size["d"] * f.one))
    return {"S": memory}, {"h": out}
