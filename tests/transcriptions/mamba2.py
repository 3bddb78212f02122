"""Mamba-2, one head, transcribed from state-spaces/mamba: mamba_ssm/modules/mamba2.py, step, without its convolution.

x, B, C = silu(W_v u), silu(W_B u), silu(W_C u)
dt = softplus(w_s u + dt_bias),   A = -exp(A_log)
H_t = exp(dt A) H_(t-1) + dt x B'
y_t = H_t C + D x
"""

STATES = {"H": ("p", "n")}
INPUTS = {"u": ("m",)}
PARAMETERS = {
    "W_B": ("n", "m"),
    "W_C": ("n", "m"),
    "W_x": ("p", "m"),
    "w_dt": ("m",),
    "dt_bias": (),
    "A_log": (),
    "D": (),
}
OUTPUTS = {"y": ("p",)}
NAMES = {"u": "x", "W_x": "W_v", "w_dt": "w_s", "dt_bias": "b"}


def inner(left, right):
    total = 0
    for a, b in zip(left, right):
        total = total + a * b
    return total


def step(f, size, p, x, s):
    u = x["u"]
    written = [f.silu(inner(row, u)) for row in p["W_x"]]
    place = [f.silu(inner(row, u)) for row in p["W_B"]]
    read = [f.silu(inner(row, u)) for row in p["W_C"]]
    dt = f.softplus(inner(p["w_dt"], u) + p["dt_bias"])
    decay = f.exp(dt * -f.exp(p["A_log"]))
    state = []
    for i in range(size["p"]):
        state.append([decay * s["H"][i][j] + dt * place[j] * written[i] for j in range(size["n"])])
    return {"H": state}, {"y": [inner(state[i], read) + p["D"] * written[i] for i in range(size["p"])]}
