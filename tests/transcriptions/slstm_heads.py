"""sLSTM with heads, transcribed from the authors' xlstm/blocks/slstm/src/vanilla (NX-AI/xlstm): slstm_forward, in which
each head has a recurrent matrix of its own, and slstm_forward_pointwise without its exception for n = 0; Beck et al.
2024, section 2.2. iraw and fraw have the indices a and F here.

    raw of unit j in head p = sum_k W[p, j, k] x[k] + sum_k R[p, j, k] h[p, k] + b[p, j]
    m_t = max(log sigmoid(fraw) + m_(t-1), iraw)
    i = exp(iraw - m_t),    f = exp(log sigmoid(fraw) + m_(t-1) - m_t)
    c_t = f c_(t-1) + i tanh(zraw),    n_t = f n_(t-1) + i
    h_t = sigmoid(oraw) c_t / n_t
"""

STATES = {"h": ("p", "d"), "c": ("p", "d"), "n": ("p", "d"), "m": ("p", "d")}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_z": ("p", "d", "m"),
    "U_z": ("p", "d", "d"),
    "b_z": ("p", "d"),
    "W_a": ("p", "d", "m"),
    "U_a": ("p", "d", "d"),
    "b_a": ("p", "d"),
    "W_F": ("p", "d", "m"),
    "U_F": ("p", "d", "d"),
    "b_F": ("p", "d"),
    "W_o": ("p", "d", "m"),
    "U_o": ("p", "d", "d"),
    "b_o": ("p", "d"),
}
OUTPUTS = {}


def net(gate, head, j, size, p, x, s):
    total = p[f"b_{gate}"][head][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][head][j][k] * x["x"][k]
    for k in range(size["d"]):
        total = total + p[f"U_{gate}"][head][j][k] * s["h"][head][k]
    return total


def unit(f, head, j, size, p, x, s):
    i_raw = net("a", head, j, size, p, x, s)
    z = f.tanh(net("z", head, j, size, p, x, s))
    o = f.sigmoid(net("o", head, j, size, p, x, s))
    kept = f.log_sigmoid(net("F", head, j, size, p, x, s)) + s["m"][head][j]
    m = f.max(kept, i_raw)
    i_gate, f_gate = f.exp(i_raw - m), f.exp(kept - m)
    c = f_gate * s["c"][head][j] + i_gate * z
    n = f_gate * s["n"][head][j] + i_gate
    return {"h": o * c / n, "c": c, "n": n, "m": m}


def step(f, size, p, x, s):
    following = {"h": [], "c": [], "n": [], "m": []}
    for head in range(size["p"]):
        units = [unit(f, head, j, size, p, x, s) for j in range(size["d"])]
        for name, rows in following.items():
            rows.append([u[name] for u in units])
    return following, {}
