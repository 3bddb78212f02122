"""sLSTM, stabilised, transcribed from the authors' xlstm/blocks/slstm/src/vanilla/slstm.py (NX-AI/xlstm),
slstm_forward_pointwise, without its exception for n = 0; Beck et al. 2024, section 2.2. iraw and fraw have the indices
a and F here.

    m_t = max(log sigmoid(fraw) + m_(t-1), iraw)
    i = exp(iraw - m_t),    f = exp(log sigmoid(fraw) + m_(t-1) - m_t)
    c_t = f c_(t-1) + i tanh(zraw),    n_t = f n_(t-1) + i
    h_t = sigmoid(oraw) c_t / n_t
"""

STATES = {"h": ("n",), "c": ("n",), "n": ("n",), "m": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {
    "W_z": ("n", "m"),
    "U_z": ("n", "n"),
    "b_z": ("n",),
    "W_a": ("n", "m"),
    "U_a": ("n", "n"),
    "b_a": ("n",),
    "W_F": ("n", "m"),
    "U_F": ("n", "n"),
    "b_F": ("n",),
    "W_o": ("n", "m"),
    "U_o": ("n", "n"),
    "b_o": ("n",),
}
OUTPUTS = {}


def net(gate, j, size, p, x, s):
    total = p[f"b_{gate}"][j]
    for k in range(size["m"]):
        total = total + p[f"W_{gate}"][j][k] * x["x"][k]
    for k in range(size["n"]):
        total = total + p[f"U_{gate}"][j][k] * s["h"][k]
    return total


def step(f, size, p, x, s):
    h, c, n, m = [], [], [], []
    for j in range(size["n"]):
        i_raw = net("a", j, size, p, x, s)
        f_raw = net("F", j, size, p, x, s)
        z = f.tanh(net("z", j, size, p, x, s))
        o = f.sigmoid(net("o", j, size, p, x, s))
        kept = f.log_sigmoid(f_raw) + s["m"][j]
        m.append(f.max(kept, i_raw))
        i_gate = f.exp(i_raw - m[j])
        f_gate = f.exp(kept - m[j])
        c.append(f_gate * s["c"][j] + i_gate * z)
        n.append(f_gate * s["n"][j] + i_gate)
        h.append(o * c[j] / n[j])
    return {"h": h, "c": c, "n": n, "m": m}, {}
