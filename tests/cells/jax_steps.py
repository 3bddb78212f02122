"""Steps of cells in jax, as their papers print them: of one sequence; nothing is taken from gatedsym.

Each takes parameters, the values of every state so far (the last is the newest), the rows of the input and the step's
number, and gives the new value of each state and output.
"""

import jax
import jax.numpy as jnp

sigmoid, tanh = jax.nn.sigmoid, jnp.tanh


def gates(p, x, h, names, activations):
    """Activations of W x + U h + b, gate by gate."""
    return [a(p[f"W_{k}"] @ x + p[f"U_{k}"] @ h + p[f"b_{k}"]) for k, a in zip(names, activations, strict=True)]


def row(x, t, lag):
    """The input so many steps ago, zero before the first."""
    return x[t - lag] if t >= lag else jnp.zeros_like(x[0])


def rnn(p, past, x, t):
    return {"h": tanh(p["W"] @ x[t] + p["U"] @ past["h"][-1] + p["b"])}


def gru(p, past, x, t):
    h = past["h"][-1]
    z, r = gates(p, x[t], h, "zr", (sigmoid, sigmoid))
    g = tanh(p["W_g"] @ x[t] + p["U_g"] @ (r * h) + p["b_g"])
    return {"h": (1 - z) * h + z * g}


def lstm(p, past, x, t):
    i, f, g, o = gates(p, x[t], past["h"][-1], "ifgo", (sigmoid, sigmoid, tanh, sigmoid))
    c = f * past["c"][-1] + i * g
    return {"c": c, "h": o * tanh(c)}


def lstmp(p, past, x, t):
    new = lstm(p, past, x, t)
    return {"c": new["c"], "h": p["P"] @ new["h"]}


def lstm_layer_norm(p, past, x, t):
    """Ba et al. 2016, equations 20 to 22: each product of all gates is normalised as one vector."""
    own, back = (jnp.concatenate([p[f"{w}_{k}"] for k in "ifgo"]) @ v for w, v in (("W", x[t]), ("U", past["h"][-1])))
    gain = {n: jnp.concatenate([p[f"{n}_{k}"] for k in "ifgo"]) for n in ("alpha", "beta", "kappa", "rho", "b")}
    a = gain["alpha"] * _normed(back) + gain["beta"] + gain["kappa"] * _normed(own) + gain["rho"] + gain["b"]
    i, f, g, o = jnp.split(a, 4)
    c = sigmoid(f) * past["c"][-1] + sigmoid(i) * tanh(g)
    return {"c": c, "h": sigmoid(o) * tanh(p["alpha_c"] * _normed(c) + p["beta_c"])}


def _normed(v):
    return (v - v.mean()) / jnp.sqrt(v.var() + 1e-5)


def lem(p, past, x, t):
    y, z = past["y"][-1], past["z"][-1]
    d, e = (sigmoid(p[f"W_{k}"] @ y + p[f"V_{k}"] @ x[t] + p[f"b_{k}"]) for k in "12")
    z = (1 - d) * z + d * tanh(p["W_z"] @ y + p["V_z"] @ x[t] + p["b_z"])
    return {"z": z, "y": (1 - e) * y + e * tanh(p["W_y"] @ z + p["V_y"] @ x[t] + p["b_y"])}


def tau_gru_delayed_input(p, past, x, t):
    """The state and the input of three steps ago feed the candidate back."""
    h, old, late = past["h"][-1], past["h"][-3], row(x, t, 3)
    u, g = (f(p[f"W_{k}"] @ h + p[f"U_{k}"] @ x[t] + p[f"b_{k}"]) for k, f in (("u", tanh), ("g", sigmoid)))
    z, a = (f(p[f"W_{k}"] @ old + p[f"U_{k}"] @ late + p[f"b_{k}"]) for k, f in (("z", tanh), ("a", sigmoid)))
    return {"h": (1 - g) * h + g * (u + a * z)}


def qrnn(p, past, x, t):
    z, f, o = (p[f"V_{k}"] @ row(x, t, 1) + p[f"W_{k}"] @ x[t] for k in "zfo")
    c = sigmoid(f) * past["c"][-1] + (1 - sigmoid(f)) * tanh(z)
    return {"c": c, "h": sigmoid(o) * c}


def lru(p, past, x, t):
    """Orvieto et al. 2023: one complex state; its real and imaginary part are gatedsym's p and q."""
    eigenvalues = jnp.exp(-jnp.exp(p["nu"]) + 1j * jnp.exp(p["theta"]))
    z = past["p"][-1] + 1j * past["q"][-1]
    z = eigenvalues * z + jnp.exp(p["gamma"]) * ((p["B_p"] + 1j * p["B_q"]) @ x[t])
    y = ((p["C_p"] + 1j * p["C_q"]) @ z).real + p["D"] * x[t]
    return {"p": z.real, "q": z.imag, "y": y}


def s5(p, past, x, t):
    """Smith et al. 2023: zero-order hold of a diagonal complex system."""
    values = {n: p[f"{n}_re"] + 1j * p[f"{n}_im"] for n in ("Lambda", "B", "C")}
    decay = jnp.exp(jnp.exp(p["log_step"]) * values["Lambda"])
    z = past["z_re"][-1] + 1j * past["z_im"][-1]
    z = decay * z + (decay - 1) / values["Lambda"] * (values["B"] @ x[t])
    return {"z_re": z.real, "z_im": z.imag, "y": 2 * (values["C"] @ z).real + p["D"] * x[t]}


def mlstm(p, past, x, t):
    """Beck et al. 2024: a matrix of key-value products, stabilised."""
    size = past["n"][-1].shape[0]
    q, k, v, o = (p[f"W_{s}"] @ x[t] + p[f"b_{s}"] for s in "qkvo")
    k = k / jnp.sqrt(size)
    a, b = p["w_a"] @ x[t] + p["b_a"], p["w_F"] @ x[t] + p["b_F"]
    keep = -jnp.logaddexp(0.0, -b) + past["m"][-1]
    m = jnp.where(keep > a, keep, a)
    i, f = jnp.exp(a - m), jnp.exp(keep - m)
    memory = f * past["C"][-1] + i * v[:, None] * k
    n = f * past["n"][-1] + i * k
    read, bound = jnp.abs(n @ q), jnp.exp(-m)
    h = sigmoid(o) * (memory @ q) / jnp.where(read > bound, read, bound)
    return {"C": memory, "n": n, "m": m, "h": h}


def delta_net(p, past, x, t):
    """Yang et al. 2024: the value under a key is replaced, in part."""
    q, k, v = (jax.nn.silu(p[f"W_{s}"] @ x[t]) for s in "qkv")
    q, k = q / jnp.sqrt(q @ q) / jnp.sqrt(q.shape[0]), k / jnp.sqrt(k @ k)
    strength, memory = sigmoid(p["w_beta"] @ x[t] + p["b_beta"]), past["S"][-1]
    memory = memory + strength * jnp.outer(v - memory @ k, k)
    return {"S": memory, "h": memory @ q}


STEPS = {
    step.__name__: step
    for step in (rnn, gru, lstm, lstmp, lstm_layer_norm, lem, tau_gru_delayed_input, qrnn, lru, s5, mlstm, delta_net)
}
