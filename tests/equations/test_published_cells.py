"""Cells of the literature, typed as they are printed, against one line of NumPy for each equation."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from one_step import draw_sources, sigmoid, step

from gatedsym.equations import read_equations
from gatedsym.ir.program import Contraction

# Both sides are a few dozen float64 operations on numbers of order one: 1e-12 is thousands of roundings.
CLOSE = {"rtol": 1e-12, "atol": 1e-12}

LSTM = """
    x in R^m;  h, c in R^n
    W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n

    i  = sigmoid(W_i @ x + U_i @ h + b_i)
    f  = sigmoid(W_f @ x + U_f @ h + b_f)
    g  = tanh(W_g @ x + U_g @ h + b_g)
    o  = sigmoid(W_o @ x + U_o @ h + b_o)
    c' = f * c + i * g
    h' = o * tanh(c')
"""

PRINTED_LSTM = """
    x_t ∈ ℝ^m;  h_t, c_t ∈ ℝ^n
    W_{f,i,c,o} ∈ ℝ^{n×(n+m)};  b_{f,i,c,o} ∈ ℝ^n

    f_t = σ(W_f · [h_{t-1}, x_t] + b_f)
    i_t = σ(W_i · [h_{t−1}, x_t] + b_i)
    c̃_t = tanh(W_c · [h_{t-1}, x_t] + b_c)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ c̃_t
    o_t = σ(W_o · [hₜ₋₁, xₜ] + b_o)
    h_t = o_t ∘ tanh(c_t)
"""


def test_lstm_block():
    cell = read_equations(LSTM, name="mine")
    v = draw_sources(cell)
    got = step(cell, v)
    a = {k: v[f"W_{k}"] @ v["x"] + v[f"U_{k}"] @ v["h"] + v[f"b_{k}"] for k in "ifgo"}
    c = sigmoid(a["f"]) * v["c"] + sigmoid(a["i"]) * np.tanh(a["g"])
    assert_allclose(got["c'"], c, **CLOSE)
    assert_allclose(got["h'"], sigmoid(a["o"]) * np.tanh(c), **CLOSE)
    assert cell.program.results == ("h'", "c'")
    assert cell.name == "mine"


def test_lstm_as_printed_equals_the_block_under_stacked_weights():
    block, printed = read_equations(LSTM), read_equations(PRINTED_LSTM)
    v = draw_sources(block)
    theirs = {name: v[name] for name in ("x", "h", "c")}
    wholes = {k: np.hstack([v[f"U_{own}"], v[f"W_{own}"]]) for k, own in zip("fico", "figo", strict=True)}
    n = v["h"].size
    for k, own in zip("fico", "figo", strict=True):
        layout = next(p for p in printed.parameters if p.name == f"W_{k}")
        assert layout.axes == (("n",), ("n", "m"))
        theirs |= dict(zip(layout.parts, (wholes[k][:, :n], wholes[k][:, n:]), strict=True))
        theirs[f"b_{k}"] = v[f"b_{own}"]
    ours, got = step(block, v), step(printed, theirs)
    for name in ("h'", "c'", "f", "i", "o"):
        assert_allclose(got[name], ours[name], **CLOSE)
    assert_allclose(got["c_tilde"], ours["g"], **CLOSE)


def test_gru_without_bias():
    cell = read_equations(
        """x_t in R^m; h_t in R^n; W_* in R^(n, m); U_* in R^(n, n)
        z_t = σ(W_z x_t + U_z h_{t-1})
        r_t = σ(W_r x_t + U_r h_{t-1})
        h̃_t = tanh(W_c x_t + U_c (r_t ⊙ h_{t-1}))
        c = h̃
        h_t = (1 - z_t) ⊙ h_{t-1} + z_t ⊙ c"""
    )
    v = draw_sources(cell)
    z = sigmoid(v["W_z"] @ v["x"] + v["U_z"] @ v["h"])
    r = sigmoid(v["W_r"] @ v["x"] + v["U_r"] @ v["h"])
    g = np.tanh(v["W_c"] @ v["x"] + v["U_c"] @ (r * v["h"]))
    assert_allclose(step(cell, v)["h'"], (1 - z) * v["h"] + z * g, **CLOSE)


def test_peephole_lstm_output_gate_sees_the_new_cell():
    cell = read_equations(
        """x in R^m; h, c in R^n
        W_* in R^(n,m); U_* in R^(n,n); b_*, p_{i,f,o} in R^n
        i_t = σ(W_i x_t + U_i h_{t-1} + p_i ⊙ c_{t-1} + b_i)
        f_t = σ(W_f x_t + U_f h_{t-1} + p_f ⊙ c_{t-1} + b_f)
        g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
        c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
        o_t = σ(W_o x_t + U_o h_{t-1} + p_o ⊙ c_t + b_o)
        h_t = o_t ⊙ tanh(c_t)"""
    )
    v = draw_sources(cell)
    a = {k: v[f"W_{k}"] @ v["x"] + v[f"U_{k}"] @ v["h"] + v[f"b_{k}"] for k in "ifgo"}
    i, f = (sigmoid(a[k] + v[f"p_{k}"] * v["c"]) for k in "if")
    c = f * v["c"] + i * np.tanh(a["g"])
    assert_allclose(step(cell, v)["h'"], sigmoid(a["o"] + v["p_o"] * c) * np.tanh(c), **CLOSE)


def test_coupled_gate():
    text = LSTM.replace("sigmoid(W_f @ x + U_f @ h + b_f)", "1 - i").replace("{i,f,g,o}", "{i,g,o}")
    cell = read_equations(text)
    v = draw_sources(cell)
    got = step(cell, v)
    assert_allclose(got["c'"], (1 - got["i"]) * v["c"] + got["i"] * got["g"], **CLOSE)


def test_feed_forward_gate_has_no_state():
    cell = read_equations("x in R^m\nU, W in R^(n,m)\noutput y\ny = σ(U x) ⊙ (W x)")
    v = draw_sources(cell)
    assert_allclose(step(cell, v)["y"], sigmoid(v["U"] @ v["x"]) * (v["W"] @ v["x"]), **CLOSE)
    assert cell.states == ()
    assert [y.name for y in cell.outputs] == ["y"]
    assert cell.program["y"].role == "output"


def test_slstm_may_call_its_states_like_dimensions():
    cell = read_equations(
        """x in R^m; h, c, n, m in R^n
        W_{z,i,f,o} in R^(n,m); U_{z,i,f,o} in R^(n,n); b_{z,i,f,o} in R^n
        z = tanh(W_z x + U_z h + b_z)
        a = W_i x + U_i h + b_i
        F = log_sigmoid(W_f x + U_f h + b_f)
        o = σ(W_o x + U_o h + b_o)
        m' = max(F + m, a)
        i = exp(a - m')
        f = exp(F + m - m')
        c' = f*c + i*z
        n' = f*n + i
        h' = o * c' / n'"""
    )
    v = draw_sources(cell)
    a = {k: v[f"W_{k}"] @ v["x"] + v[f"U_{k}"] @ v["h"] + v[f"b_{k}"] for k in "zifo"}
    log_f = np.log(sigmoid(a["f"]))
    m = np.maximum(log_f + v["m"], a["i"])
    i, f = np.exp(a["i"] - m), np.exp(log_f + v["m"] - m)
    c, n = f * v["c"] + i * np.tanh(a["z"]), f * v["n"] + i
    got = step(cell, v)
    for name, value in (("m'", m), ("c'", c), ("n'", n), ("h'", sigmoid(a["o"]) * c / n)):
        assert_allclose(got[name], value, **CLOSE)
    assert cell.program.results == ("h'", "c'", "n'", "m'")


def test_mlstm_has_a_matrix_state():
    cell = read_equations(
        """x in R^m; C in R^(d,d); n in R^d
        W_{q,k,v,o} in R^(d,m); w_{i,f} in R^m; b_{i,f} in R
        q = W_q x
        k = W_k x / sqrt(d)
        v = W_v x
        i = exp(w_i.T x + b_i)
        f = σ(dot(w_f, x) + b_f)
        o = σ(W_o x)
        C' = f C + i v kᵀ
        n' = f n + i k
        output h
        h = o * (C' @ q) / max(abs(dot(n', q)), 1)"""
    )
    v = draw_sources(cell)
    q, k, value = v["W_q"] @ v["x"], v["W_k"] @ v["x"] / np.sqrt(6), v["W_v"] @ v["x"]
    i, f = np.exp(v["w_i"] @ v["x"] + v["b_i"]), sigmoid(v["w_f"] @ v["x"] + v["b_f"])
    C, n = f * v["C"] + i * np.outer(value, k), f * v["n"] + i * k
    got = step(cell, v)
    assert_allclose(got["C'"], C, **CLOSE)
    assert_allclose(got["h"], sigmoid(v["W_o"] @ v["x"]) * (C @ q) / max(abs(n @ q), 1), **CLOSE)


RHN = """x in R^m; h in R^n
    W_{H,T} in R^(n,m)
    R_{H,T}[1..L], V[2..L] in R^(n,n);  b_{H,T}[1..L] in R^n
    L = 2
    s[0] = h
    H[1] = tanh(W_H x + R_H[1] @ s[0] + b_H[1])
    T[1] = σ(W_T x + R_T[1] @ s[0] + b_T[1])
    s[1] = H[1]*T[1] + s[0]*(1 - T[1])
    for l in 2..L:
        H[l] = tanh(R_H[l] @ s[l-1] + b_H[l])   # a comment

        T[l] = σ(R_T[l] @ s[l-1] + b_T[l])
        s[l] = H[l] * T[l] + (V[l] s[l-1])*(1 - T[l])
    h' = s[L]
"""


@pytest.mark.parametrize(("depth", "given"), [(2, None), (4, {"L": 4})])
def test_recurrent_highway_counts_out_its_micro_steps(depth, given):
    cell = read_equations(RHN, constants=given)
    v = draw_sources(cell)
    s = v["h"]
    for k in range(1, depth + 1):
        into = {g: v[f"W_{g}"] @ v["x"] if k == 1 else 0 for g in "HT"}
        H = np.tanh(into["H"] + v[f"R_H_{k}"] @ s + v[f"b_H_{k}"])
        T = sigmoid(into["T"] + v[f"R_T_{k}"] @ s + v[f"b_T_{k}"])
        s = H * T + (s if k == 1 else v[f"V_{k}"] @ s) * (1 - T)
    assert_allclose(step(cell, v)["h'"], s, **CLOSE)
    assert cell.constants["L"] == depth
    assert f"H_{depth} = tanh(R_H_{depth} @ s_{depth - 1} + b_H_{depth})" in [e.text for e in cell.equations]


def test_scrn_output_reads_the_new_context():
    cell = read_equations(
        """x in R^m; h in R^n; s in R^p
        B in R^(p,m); P in R^(n,p); A in R^(n,m); R in R^(n,n); U in R^(q,n); V in R^(q,p)
        α = 0.95
        s_t = (1 - α) B x_t + α s_{t-1}
        h_t = σ(P s_t + A x_t + R h_{t-1})
        output y
        y_t = U h_t + V s_t"""
    )
    v = draw_sources(cell)
    s = 0.05 * v["B"] @ v["x"] + 0.95 * v["s"]
    h = sigmoid(v["P"] @ s + v["A"] @ v["x"] + v["R"] @ v["h"])
    got = step(cell, v)
    assert_allclose(got["s'"], s, **CLOSE)
    assert_allclose(got["y"], v["U"] @ h + v["V"] @ s, **CLOSE)
    assert str(cell.constants["alpha"]) == "19/20"


def test_layer_normalised_lstm_by_a_definition():
    text = LSTM.replace("sigmoid(W_i @ x + U_i @ h + b_i)", "sigmoid(LN(W_i @ x) + LN(U_i @ h) + b_i)")
    text = text.replace("tanh(c')", "tanh(LN(c'))")
    cell = read_equations(text + "\n LN(v) = (v - mean(v)) / sqrt(mean((v - mean(v))**2) + eps)\n eps = 1e-5\n")

    def normalise(a):
        return (a - a.mean()) / np.sqrt(a.var() + 1e-5)

    v = draw_sources(cell)
    got = step(cell, v)
    i = sigmoid(normalise(v["W_i"] @ v["x"]) + normalise(v["U_i"] @ v["h"]) + v["b_i"])
    assert_allclose(got["i"], i, **CLOSE)
    assert_allclose(got["h'"], got["o"] * np.tanh(normalise(got["c'"])), **CLOSE)


def test_lem_and_its_two_states():
    cell = read_equations(
        """input u in R^m; y, z in R^n
        W_{1,2,z,y} in R^(n,n); V_{1,2,z,y} in R^(n,m); b_{1,2,z,y} in R^n
        Δt = 1/2
        s = Δt * σ(W_1 y + V_1 u + b_1)
        d = Δt * σ(W_2 y + V_2 u + b_2)
        z' = (1 - d)*z + d*tanh(W_z y + V_z u + b_z)
        y' = (1 - s)*y + s*tanh(W_y z' + V_y u + b_y)"""
    )
    v = draw_sources(cell)
    s, d = (sigmoid(v[f"W_{k}"] @ v["y"] + v[f"V_{k}"] @ v["u"] + v[f"b_{k}"]) / 2 for k in "12")
    z = (1 - d) * v["z"] + d * np.tanh(v["W_z"] @ v["y"] + v["V_z"] @ v["u"] + v["b_z"])
    y = (1 - s) * v["y"] + s * np.tanh(v["W_y"] @ z + v["V_y"] @ v["u"] + v["b_y"])
    got = step(cell, v)
    assert_allclose(got["z'"], z, **CLOSE)
    assert_allclose(got["y'"], y, **CLOSE)
    assert [i.name for i in cell.inputs] == ["u"]


def test_full_gate_recurrence_makes_gates_states():
    lines = ["x in R^m; h, c, i, f, o in R^n", "W_{i,f,g,o} in R^(n,m); U_{i,f,g,o} in R^(n,n); b_{i,f,g,o} in R^n"]
    lines += [f"R_{{{','.join(a + b for a in 'ifo' for b in 'ifo')}}} in R^(n,n)"]
    for k in "ifo":
        lines.append(f"{k}' = σ(W_{k} x + U_{k} h + R_i{k} i + R_f{k} f + R_o{k} o + b_{k})")
    lines += ["g = tanh(W_g x + U_g h + b_g)", "c' = f' * c + i' * g", "h' = o' * tanh(c')"]
    cell = read_equations("\n".join(lines))
    v = draw_sources(cell)
    new = {
        k: sigmoid(
            v[f"W_{k}"] @ v["x"] + v[f"U_{k}"] @ v["h"] + sum(v[f"R_{a}{k}"] @ v[a] for a in "ifo") + v[f"b_{k}"]
        )
        for k in "ifo"
    }
    c = new["f"] * v["c"] + new["i"] * np.tanh(v["W_g"] @ v["x"] + v["U_g"] @ v["h"] + v["b_g"])
    assert_allclose(step(cell, v)["h'"], new["o"] * np.tanh(c), **CLOSE)


def test_index_form_says_what_matrices_cannot():
    cell = read_equations(
        """x in R^m; h in R^(p, d)
        U in R^(p,d,d); W in R^(p,d,m)
        a[p,j] = sum[q] U[p,j,q] * h[p,q] + sum[q] W[p,j,q] * x[q]
        h' = tanh(a)"""
    )
    v = draw_sources(cell)
    a = np.einsum("pjq,pq->pj", v["U"], v["h"]) + v["W"] @ v["x"]
    assert_allclose(step(cell, v)["h'"], np.tanh(a), **CLOSE)
    assert [str(s) for s in cell.program.statements if isinstance(s, Contraction)] == [
        "U_h[p,j] = sum[q] U[p,j,q]*h[p,q]",
        "W_x[p,j] = sum[q] W[p,j,q]*x[q]",
    ]


def test_delays_of_state_and_input():
    cell = read_equations(
        """x in R^m; h in R^n; W, V in R^(n,m); U_{1,2} in R^(n,n)
        τ = 3
        h_t = tanh(W x_t + V x_{t-1} + U_1 h[-1] + U_2 h[-τ])"""
    )
    v = draw_sources(cell)
    assert set(v) == {"x", "x[-1]", "h", "h[-3]", "W", "V", "U_1", "U_2"}
    expected = np.tanh(v["W"] @ v["x"] + v["V"] @ v["x[-1]"] + v["U_1"] @ v["h"] + v["U_2"] @ v["h[-3]"])
    assert_allclose(step(cell, v)["h'"], expected, **CLOSE)
    assert cell.delays == {"x": 1, "h": 3}
    assert (cell.program["h[-3]"].role, cell.program["h[-3]"].of, cell.program["h[-3]"].lag) == ("state", "h", 3)


def test_cornn_with_its_constants():
    cell = read_equations(
        """x in R^m; y, z in R^n; W, Z in R^(n,n); V in R^(n,m); b in R^n
        dt = 0.01; γ = 2.7; ε = 4
        z' = z + dt * (tanh(W y + Z z + V x + b) - γ y - ε z)
        y' = y + dt z'""",
        constants={"epsilon": 5},
    )
    v = draw_sources(cell)
    force = np.tanh(v["W"] @ v["y"] + v["Z"] @ v["z"] + v["V"] @ v["x"] + v["b"])
    z = v["z"] + 0.01 * (force - 2.7 * v["y"] - 5 * v["z"])
    got = step(cell, v)
    assert_allclose(got["z'"], z, **CLOSE)
    assert_allclose(got["y'"], v["y"] + 0.01 * z, **CLOSE)
