"""One head of Mamba-2, transcribed from state-spaces/mamba: mamba_ssm/modules/mamba2.py, Mamba2.step.

x, B, C = SiLU of what the projection gives (no convolution), dt = softplus(dt + dt_bias), dA = exp(-dt exp(A_log))
ssm_state = ssm_state dA + dt B x, y = ssm_state C + D x
"""

STATES = {"ssm_state": ("P", "N")}
INPUTS = {"u": ("M",)}
PARAMETERS = {
    "proj_x": ("P", "M"),
    "proj_B": ("N", "M"),
    "proj_C": ("N", "M"),
    "proj_dt": ("M",),
    "dt_bias": (),
    "A_log": (),
    "D": (),
}
OUTPUTS = {"y": ("P",)}
SIZES = {"P": "p", "N": "n", "M": "m"}
NAMES = {
    "ssm_state": "H",
    "u": "x",
    "proj_x": "W_v",
    "proj_B": "W_B",
    "proj_C": "W_C",
    "proj_dt": "w_s",
    "dt_bias": "b",
}


def step(f, size, p, x, s):
    u = x["u"]

    def inner(row):
        total = 0
        for k in range(size["M"]):
            total = total + row[k] * u[k]
        return total

    head = [f.silu(inner(row)) for row in p["proj_x"]]
    write, read = ([f.silu(inner(row)) for row in p[name]] for name in ("proj_B", "proj_C"))
    dt = f.softplus(inner(p["proj_dt"]) + p["dt_bias"])
    kept = f.exp(-dt * f.exp(p["A_log"]))
    state, y = [], []
    for i in range(size["P"]):
        state.append([s["ssm_state"][i][n] * kept + dt * write[n] * head[i] for n in range(size["N"])])
        total = p["D"] * head[i]
        for n in range(size["N"]):
            total = total + state[i][n] * read[n]
        y.append(total)
    return {"ssm_state": state}, {"y": y}
