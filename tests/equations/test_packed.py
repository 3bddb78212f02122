"""Lines that hand out parts, multiples of sizes, columns of functions and slices say what single lines say."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from gatedsym.calculus.ablations import find_ablations
from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.cells import Cell
from gatedsym.equations import edit_equations, read_equations
from gatedsym.ir.program import Pointwise
from gatedsym.proofs.engine.brute_force import prove_adjoint
from gatedsym.typesetting.pages.derivation import derivation, render

HEAD = "x in R^m; h, c in R^n\nW in R^(4n, n+m); b in R^(4n)\n"
TAIL = "\nc' = f * c + i * g\nh' = o * tanh(c')"
PACKED = f"{HEAD}[i; f; o; g] = [σ; σ; σ; tanh](W [h; x] + b){TAIL}"
APART = f"""x in R^m; h, c in R^n
W_{{i,f,o,g}} in R^(n, n+m); b_{{i,f,o,g}} in R^n
i = σ(W_i [h; x] + b_i)
f = σ(W_f [h; x] + b_f)
o = σ(W_o [h; x] + b_o)
g = tanh(W_g [h; x] + b_g){TAIL}"""
LINES = [
    "[i, f, o, g] = [σ, σ, σ, tanh](W [h, x] + b)",
    "i, f, o, g = [sigmoid; sigmoid; sigmoid; tanh](W @ [h, x] + b)",
    "[i_t; f_t; o_t; g_t] = [σ; σ; σ; tanh](W [h_{t-1}; x_t] + b)",
    "[i; f; o; g] = [σ(a[:n]); σ(a[n:2n]); σ(a[2n:3*n]); tanh(a[3n:])]; a = W[h; x] + b",
    "u, v, w, z = split(W [h; x] + b); i = σ(u); f = σ(v); o = σ(w); g = tanh(z)",
    "u, v, w, z = chunk(W [h; x] + b, 4); i = σ(u); f = σ(v); o = σ(w); g = tanh(z)",
    "u, v, w, z = split(W [h; x] + b, n); i = σ(u); f = σ(v); o = σ(w); g = tanh(z)",
    "s, u = chunk(W [h; x] + b, 2); i, f = σ(s); [o; g] = [σ; tanh](u)",
    "i, f, o = σ(W[:3n, :] [h; x] + b[:3n]); g = tanh(W[3n:] [h; x] + b[3n:4n])",
    "[i; f; o; g] = [σ; σ; σ; tanh](W[:, :n] h + W[:, n:] x + b)",
]


def values(cell, seed=0):
    """The next h of packed weights, drawn once."""
    params = cell.init(m=3, n=4, seed=seed)
    rng = np.random.default_rng(seed)
    packed = {"W": rng.normal(size=(16, 7)), "b": rng.normal(size=16)}
    if set(params) != set(packed):
        packed = {f"{k}_{g}": part for k, whole in packed.items() for g, part in zip("ifog", np.split(whole, 4))}
    x = rng.normal(size=(6, 2, 3))
    run = cell.forward(packed, x)
    grads = cell.backward(packed, run, {"h": rng.normal(size=(6, 2, 4))})
    return run, grads


@pytest.mark.parametrize("line", LINES)
def test_a_packed_line_says_what_the_lines_one_by_one_say(line):
    expected, found = read_equations(PACKED).program, read_equations(f"{HEAD}{line}{TAIL}").program
    assert _unfolded(found, "h'") == _unfolded(expected, "h'")
    assert _unfolded(found, "c'") == _unfolded(expected, "c'")


def _unfolded(program, name):
    """What a result is in terms of contractions, whatever the names between them."""
    statement = program.definitions.get(name)
    if not isinstance(statement, Pointwise):
        return str(statement)
    inner = {ref.symbol: sp.Symbol(str(_unfolded(program, ref.name))) for ref in statement.operands}
    inner = {s: v if str(v) != "None" else s for s, v in inner.items()}
    return str(statement.expression.xreplace(inner))


@pytest.mark.long
def test_packed_gates_have_the_bits_of_gates_apart():
    (packed, grads), (apart, others) = values(Cell(PACKED, name="packed")), values(Cell(APART, name="apart"))
    for name in ("h", "c", "i", "f", "o", "g"):
        assert np.array_equal(packed[name], apart[name]), name
    assert grads.params["W"].shape == (16, 7)
    for k, gate in enumerate("ifog"):
        assert np.array_equal(grads.params["W"][4 * k : 4 * k + 4], others.params[f"W_{gate}"])
        assert np.array_equal(grads.params["b"][4 * k : 4 * k + 4], others.params[f"b_{gate}"])


def test_each_name_of_a_packed_line_has_an_equation_of_its_own():
    recurrence = read_equations(PACKED)
    lines = {e.target: e for e in recurrence.equations}
    text = "[i; f; o; g] = [sigmoid; sigmoid; sigmoid; tanh](W [h, x] + b)"
    assert [lines[g].text for g in "ifog"] == [text] * 4
    assert lines["f"].computes == ("W_3_h", "W_4_x", "a_f", "f")
    made = [name for e in recurrence.equations for name in e.computes]
    assert sorted(made) == sorted(s.target.name for s in recurrence.program.statements)
    assert [layout.name for layout in recurrence.locals] == ["i", "f", "o", "g"]


def test_the_adjoint_of_packed_gates_is_proven():
    program = read_equations(PACKED).program
    wrt = program.sources
    assert prove_adjoint(program, derive_adjoint(program), wrt=wrt)


def test_a_gate_of_a_packed_line_is_kept_and_retains():
    cell = Cell(PACKED, name="packed")
    assert {(g.gate, g.bias, g.role.value) for g in cell.interface.gates} == {
        ("f", "b_2", "retain"),
        ("i", "b_1", "write"),
    }
    assert np.all(cell.init(m=3, n=4, seed=0, retention=2.0)["b"][4:8] == 2.0)


def test_an_edit_takes_a_name_out_of_a_packed_line():
    edited = edit_equations(PACKED, {"f": "1 - i"})
    assert "[i; f_unused; o; g] = [σ; σ; σ; tanh](W [h; x] + b); f = 1 - i\n" in edited
    assert "f * c" in edited
    with_state = edit_equations("h, c in R^n; b in R^(2n)\n[h_t; c_t] = b * [c; h]", {"h_t": "c"})
    assert "[h_t_unused; c_t]" in with_state
    assert read_equations(with_state).program.definitions["h'"].operands[0].name == "c"


def test_gates_of_a_packed_line_are_ablated():
    found = {a.name: a.edits for a in find_ablations(read_equations(PACKED))}
    assert found["f open"] == (("f", "1"),)
    assert found["f = 1 − i"] == (("f", "1 - i"),)
    for edits in found.values():
        assert read_equations(edit_equations(PACKED, dict(edits)))


@pytest.mark.parametrize(
    ("space", "axes"),
    [
        ("R^(4n)", (("n",) * 4,)),
        ("R^{4n}", (("n",) * 4,)),
        ("R^(3*n, m)", (("n",) * 3, ("m",))),
        ("R^(2·n + m)", (("n", "n", "m"),)),
        ("R^(2n × 2m)", (("n", "n"), ("m", "m"))),
        ("R^(2 x n)", (("2",), ("n",))),
        ("R^(2x)", (("x", "x"),)),
    ],
)
def test_a_multiple_of_a_size_is_a_sum_of_sizes(space, axes):
    cell = read_equations(f"h in R^n; b in {space}\nh' = h + sum(b)")
    assert cell.parameters[0].axes == axes


def test_parts_have_the_sizes_that_their_names_declare():
    cell = read_equations("h in R^n; q, k in R^d; W in R^(2d + n, n)\n[q; k; v] = W h\nh' = v + dot(q, k)")
    shapes = {layout.name: layout.axes for layout in cell.locals}
    assert shapes == {"q": (("d",),), "k": (("d",),), "v": (("n",),)}
    joined = read_equations("h in R^n; q in R^(n+d); W in R^(n + d + n, n)\nv in R^n\n[q; v] = W h\nh' = v + q[:n]")
    assert {layout.name: layout.axes for layout in joined.locals}["q"] == (("n", "d"),)


def test_rows_of_a_matrix_are_handed_out():
    cell = read_equations("h in R^n; W in R^(2n, n)\n[U; V] = W\nh' = tanh(U h) + V h")
    assert {layout.name: layout.axes for layout in cell.locals} == {"U": (("n",), ("n",)), "V": (("n",), ("n",))}


def test_outputs_and_micro_steps_are_handed_out():
    cell = read_equations("h in R^n; W in R^(2n, n)\nh' = y\noutput [y; z] = W h")
    assert [layout.name for layout in cell.outputs] == ["y", "z"]
    steps = read_equations(
        "h in R^n; W[1..2] in R^(2n, n)\ns[0] = h\nfor l in 1..2: s[l], f[l] = [tanh; σ](W[l] s[l-1])\nh' = f[1] * s[2]"
    )
    assert str(steps.program.definitions["f_1"]) == "f_1[j] = sigmoid(W_1_2_s_0[j])"
    assert str(steps.program.definitions["s_2"]) == "s_2[j] = tanh(W_2_1_s_1[j])"


def test_the_page_tells_which_blocks_an_array_is_made_of():
    page = render(derivation(read_equations(PACKED)), "text")
    assert "W      ℝ^{4n×(n+m)}  W_1, W_2, W_3, W_4, W_5, W_6, W_7, W_8" in page


def test_a_moved_index_is_the_line_that_its_refusal_types_out():
    """Zeros beyond the border, or around the end: each line shifts as it says."""
    cell = Cell(
        "h, u, v in R^n\nu' = roll(h, 1)\nv' = (shift(n, 1) * strictly_lower(n)) @ h\n"
        "h_1 = (shift(n, -1) * strictly_upper(n)) @ h\nh'[j] = h_1[j]",
        name="moved",
    )
    h = np.arange(1.0, 6.0)
    run = cell.forward({}, steps=1, batch=1, initial={"h": h[None]})
    assert np.array_equal(run["u"][1, 0], np.roll(h, 1))
    assert np.array_equal(run["v"][1, 0], np.r_[0, h[:-1]])
    assert np.array_equal(run["h"][1, 0], np.r_[h[1:], 0])
