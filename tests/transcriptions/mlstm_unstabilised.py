"""mLSTM without stabiliser, transcribed from Beck et al. 2024 (arXiv:2405.04517), section 2.3; forget gate a sigmoid.

    C_t = f_t C_(t-1) + i_t v_t k_t',  n_t = f_t n_(t-1) + i_t k_t
    h_t = o_t * C_t q_t / max(|n_t' q_t|, 1)
    k_t = (W_k x_t + b_k) / sqrt(d), and q_t, v_t likewise without the root
    i_t = exp(w_i' x_t + b_i), f_t = sigmoid(w_f' x_t + b_f), o_t = sigmoid(W_o x_t + b_o)

The key is scaled with its bias as in NX-AI/xlstm: xlstm/blocks/mlstm/backends.py; the paper's eq. 23 adds b_k after the
scaling.
"""

STATES = {"C": ("d", "d"), "n": ("d",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_q": ("d", "m"),
    "W_k": ("d", "m"),
    "W_v": ("d", "m"),
    "W_o": ("d", "m"),
    "b_q": ("d",),
    "b_k": ("d",),
    "b_v": ("d",),
    "b_o": ("d",),
    "w_i": ("m",),
    "w_f": ("m",),
    "b_i": (),
    "b_f": (),
}
OUTPUTS = {"h": ("d",)}


def product(matrix, vector):
    found = []
    for row in matrix:
        total = 0
        for weight, value in zip(row, vector):
            total = total + weight * value
        found.append(total)
    return found


def step(f, size, p, x, s):
    d = size["d"]
    q = [a + b for a, b in zip(product(p["W_q"], x["x"]), p["b_q"])]
    k = [(a + b) / f.sqrt(d * f.one) for a, b in zip(product(p["W_k"], x["x"]), p["b_k"])]
    v = [a + b for a, b in zip(product(p["W_v"], x["x"]), p["b_v"])]
    o = [f.sigmoid(a + b) for a, b in zip(product(p["W_o"], x["x"]), p["b_o"])]
    i_net = product([p["w_i"]], x["x"])[0] + p["b_i"]
    f_net = product([p["w_f"]], x["x"])[0] + p["b_f"]
    forget, i = f.sigmoid(f_net), f.exp(i_net)
    memory = [[forget * s["C"][a][b] + i * v[a] * k[b] for b in range(d)] for a in range(d)]
    n = [forget * s["n"][b] + i * k[b] for b in range(d)]
    denominator = f.max(abs(product([n], q)[0]), f.one)
    h = [o[a] * value / denominator for a, value in enumerate(product(memory, q))]
    return {"C": memory, "n": n}, {"h": h}
