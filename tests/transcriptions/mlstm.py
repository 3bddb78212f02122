"""mLSTM, transcribed from Beck et al. 2024 (arXiv:2405.04517), section 2.3, one head, forget gate a sigmoid.

    C_t = f_t C_(t-1) + i_t v_t k_t',  n_t = f_t n_(t-1) + i_t k_t
    h_t = o_t * C_t q_t / max(|n_t' q_t|, exp(-m_t))
    k_t = (W_k x_t + b_k) / sqrt(d), and q_t, v_t likewise without the root, o_t = sigmoid(W_o x_t + b_o)
    log f~ = log sigmoid(w_f' x_t + b_f), log i~ = w_i' x_t + b_i
    m_t = max(log f~ + m_(t-1), log i~), f_t = exp(log f~ + m_(t-1) - m_t), i_t = exp(log i~ - m_t)

The bound exp(-m_t) and the scaling of the key with its bias are those of NX-AI/xlstm: xlstm/blocks/mlstm/backends.py,
recurrent_step_stabilized_simple. The paper's eq. 23 adds b_k after the scaling.
"""

STATES = {"C": ("d", "d"), "n": ("d",), "m": ()}
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
NAMES = {"w_i": "w_a", "w_f": "w_F", "b_i": "b_a", "b_f": "b_F"}


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
    m = f.max(f.log_sigmoid(f_net) + s["m"], i_net)
    forget = f.exp(f.log_sigmoid(f_net) + s["m"] - m)
    i = f.exp(i_net - m)
    memory = [[forget * s["C"][a][b] + i * v[a] * k[b] for b in range(d)] for a in range(d)]
    n = [forget * s["n"][b] + i * k[b] for b in range(d)]
    denominator = f.max(abs(product([n], q)[0]), f.exp(-m))
    h = [o[a] * value / denominator for a, value in enumerate(product(memory, q))]
    return {"C": memory, "n": n, "m": m}, {"h": h}
