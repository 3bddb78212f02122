"""What each construct of the language means, and the form of the Program that comes of it."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose
from one_step import draw_sources, sigmoid, step
from test_published_cells import CLOSE, LSTM, PRINTED_LSTM, RHN

from gatedsym.equations import read_equations, template
from gatedsym.errors import EquationWarning
from gatedsym.ir.functions import ALIASES, FUNCTIONS, SHORTHANDS
from gatedsym.ir.program import Contraction, Pointwise

VECTORS = "x in R^m; h, v in R^n; W in R^(n,m); A, B in R^(n,n); s in R\n"


def value_of(expression: str, declarations: str = VECTORS) -> tuple[dict, np.ndarray]:
    """The value of an expression, and the values of what it reads; every declared name is read."""
    text = f"{declarations}\nh' = h + 0*(W x + A v + B v)*s\noutput y\ny = {expression}\n"
    cell = read_equations(text)
    v = draw_sources(cell)
    return v, step(cell, v)["y"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("A @ v", lambda v: v["A"] @ v["v"]),
        ("A · v", lambda v: v["A"] @ v["v"]),
        ("A v", lambda v: v["A"] @ v["v"]),
        ("A (h * v)", lambda v: v["A"] @ (v["h"] * v["v"])),
        ("A B v", lambda v: v["A"] @ v["B"] @ v["v"]),
        ("A @ B @ v", lambda v: v["A"] @ v["B"] @ v["v"]),
        ("A @ B", lambda v: v["A"] @ v["B"]),
        ("A * B", lambda v: v["A"] * v["B"]),
        ("A * B @ v", lambda v: (v["A"] * v["B"]) @ v["v"]),
        ("s * A @ v", lambda v: v["s"] * (v["A"] @ v["v"])),
        ("2 s A v", lambda v: 2 * v["s"] * (v["A"] @ v["v"])),
        ("2x_1 - v", lambda v: 2 - v["v"]),
        ("h · v", lambda v: v["h"] * v["v"]),
        ("h ⊙ v ∘ v × v", lambda v: v["h"] * v["v"] ** 3),
        ("A.T @ v", lambda v: v["A"].T @ v["v"]),
        ("Aᵀ v + A^T v + A^⊤ v", lambda v: 3 * v["A"].T @ v["v"]),
        ("h.T @ A", lambda v: v["h"] @ v["A"]),
        ("h.T v", lambda v: v["h"] @ v["v"]),
        ("h v.T", lambda v: np.outer(v["h"], v["v"])),
        ("outer(h, v) @ v", lambda v: v["h"] * (v["v"] @ v["v"])),
        ("dot(h, v)", lambda v: v["h"] @ v["v"]),
        ("dot(A, B)", lambda v: np.sum(v["A"] * v["B"])),
        ("sum(A)", lambda v: v["A"].sum()),
        ("mean(h * v)", lambda v: (v["h"] * v["v"]).mean()),
        ("max(v) - min(v)", lambda v: v["v"].max() - v["v"].min()),
        ("max(h, v)", lambda v: np.maximum(v["h"], v["v"])),
        ("min(h, v, 0)", lambda v: np.minimum(np.minimum(v["h"], v["v"]), 0)),
        ("sum([h, x, 2])", lambda v: v["h"].sum() + v["x"].sum() + 2),
        ("mean([h; x])", lambda v: np.concatenate([v["h"], v["x"]]).mean()),
        ("max([h, x])", lambda v: max(v["h"].max(), v["x"].max())),
        ("-v**2", lambda v: -(v["v"] ** 2)),
        ("2**-1 * v^2", lambda v: v["v"] ** 2 / 2),
        ("v²", lambda v: v["v"] ** 2),
        ("abs(v)**0.5", lambda v: np.sqrt(np.abs(v["v"]))),
        ("abs(v)**(-1/2)", lambda v: 1 / np.sqrt(np.abs(v["v"]))),
        ("abs(v)**(1/3)", lambda v: np.cbrt(np.abs(v["v"]))),
        ("v⁻²", lambda v: v["v"] ** -2.0),
        ("√(abs(v))", lambda v: np.sqrt(np.abs(v["v"]))),
        ("π v + pi", lambda v: np.pi * v["v"] + np.pi),
        ("tanh (v)", lambda v: np.tanh(v["v"])),
        ("silu(v)", lambda v: v["v"] * sigmoid(v["v"])),
        ("v / (1 + exp(-v)) - swish(v)", lambda v: 0 * v["v"]),
        ("n * v", lambda v: v["v"].size * v["v"]),
        ("v - (h - v)", lambda v: 2 * v["v"] - v["h"]),
        ("h / (v / h)", lambda v: v["h"] ** 2 / v["v"]),
        ("[h, x]", lambda v: None),
        ("A @ (h.T).T", lambda v: v["A"] @ v["h"]),
    ],
)  # fmt: skip
def test_expression_means(expression, expected):
    if expression == "[h, x]":
        cell = read_equations("x in R^m; h in R^n\nh' = 0*h\noutput y\ny = [h, x]")
        assert cell.outputs[0].axes == (("n", "m"),)
        assert cell.program.results == ("h'", "y_1", "y_2")
        return
    if "2x_1" in expression:
        expression = expression.replace("x_1", "s/s")
    v, got = value_of(expression)
    assert_allclose(got, expected(v), **CLOSE)


@pytest.mark.parametrize("name", sorted(n for n, f in FUNCTIONS.items() if f.public) + sorted({*ALIASES, *SHORTHANDS}))
def test_every_public_function_can_be_written(name):
    known = FUNCTIONS.get(ALIASES.get(name, name))
    further = "".join(f", {k}" for k in range(1, known.arity)) if known is not None else ""
    cell = read_equations(f"h in R^n\nh' = {name}({'h' if name != '√' else 'h**2'} + 1{further})")
    program = cell.program
    assert known is None or known.name in str(program)
    for statement in program.statements:
        if isinstance(statement, Pointwise):
            for application in statement.expression.atoms(sp.Function):
                assert application.args[0].is_Symbol
                assert all(argument.is_Symbol or argument.is_Rational for argument in application.args[1:])


def test_contractions_preactivations_and_function_values_have_names():
    text = (
        "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); r in R^n\nf = sigmoid(W x + U (r*h))\nh' = f * tanh(h) + 1/2"
    )
    assert str(read_equations(text).program) == "\n".join(
        [
            "W_x[j] = sum[k] W[j,k]*x[k]",
            "r_h[j] = h[j]*r[j]",
            "U_r_h[j] = sum[k] U[j,k]*r_h[k]",
            "a_f[j] = U_r_h[j] + W_x[j]",
            "f[j] = sigmoid(a_f[j])",
            "tanh_h[j] = tanh(h[j])",
            "h'[j] = f[j]*tanh_h[j] + 1/2",
        ]
    )


def test_an_equation_that_is_one_product_or_one_name_is_one_statement():
    cell = read_equations("h in R^n; U in R^(n,n)\na = U h\nb = a\nh' = b")
    assert str(cell.program) == "a[j] = sum[k] U[j,k]*h[k]\nb[j] = a[j]\nh'[j] = b[j]"


def test_names_of_the_engine_avoid_typed_names():
    text = "x in R^m; h, a_f in R^n; W in R^(n,m); W_x in R^n\nf = sigmoid(W x + W_x + a_f)\nh' = f"
    cell = read_equations(text)
    assert cell.equations[0].computes == ("W_x_2", "a_f_2", "f")
    assert not cell.program["W_x_2"].named
    assert cell.program["W_x"].named


def test_equations_know_their_text_line_and_statements():
    cell = read_equations(LSTM)
    f = cell.equations[1]
    assert (f.target, f.line) == ("f", 6)
    assert f.text == "f = sigmoid(W_f @ x + U_f @ h + b_f)"
    assert f.computes == ("W_f_x", "U_f_h", "a_f", "f")
    assert [e.target for e in cell.equations] == ["i", "f", "g", "o", "c'", "h'"]


def test_lines_stand_in_any_order():
    lines = [line.strip() for line in LSTM.strip().splitlines() if line.strip()]
    ordered, backwards = read_equations(LSTM), read_equations("\n".join(reversed(lines)))
    assert {str(s) for s in ordered.program.statements} == {str(s) for s in backwards.program.statements}
    assert [e.target for e in backwards.equations] == ["h'", "c'", "o", "g", "f", "i"]


def test_lines_go_on_after_operators_in_brackets_and_before_operators():
    text = "h in R^n; U,\n V in R^(n,n)\nh' = tanh(U h\n   + V (\n h)) +\n   h\n   - 1"
    (equation,) = read_equations(text).equations
    assert equation.text == "h' = tanh(U h + V h) + h - 1"


def test_a_block_in_braces_equals_an_indented_one():
    start = RHN.index("    for l")
    braces = RHN[:start] + "for l in 2..L { H[l] = tanh(R_H[l] @ s[l-1] + b_H[l]); T[l] = σ(R_T[l] @ s[l-1] + b_T[l])\n"
    braces += "s[l] = H[l] * T[l] + (V[l] s[l-1])*(1 - T[l]) }\nh' = s[L]\n"
    assert read_equations(braces).program == read_equations(RHN).program


def test_a_constraint_makes_two_dimensions_one():
    cell = read_equations("x in R^m; h in R^n; U in R^(n,n)\nm = n\nh' = tanh(U h + x)")
    assert cell.program["x"].dims == ("n",)
    (m,) = [d for d in cell.dimensions if d.name == "m"]
    assert m.fixed
    assert m.size == sp.Symbol("n")


@pytest.mark.parametrize("line", ["r = n/2", "dim r = n/2", "r = n / 2", "dim r = (1/2) n"])
def test_a_dimension_may_have_a_default(line):
    cell = read_equations(f"h in R^n; D in R^(r, n); E in R^(n, r)\n{line}\nh' = E D h")
    (r,) = [d for d in cell.dimensions if d.name == "r"]
    assert not r.fixed
    assert r.size == sp.Symbol("n") / 2


def test_sizes_may_be_numbers():
    cell = read_equations("x in R^4; h in R^n; W in R^(n, 4)\nh' = W x + mean(x)")
    assert cell.program["x"].dims == ("4",)
    assert "1/4" in str(cell.program) or "/4" in str(cell.program)


def test_axes_of_size_one_repeat():
    cell = read_equations("h in R^n; A in R^(n,n); u in R^(n,1)\noutput y\ny = A * u\nh' = h")
    v = draw_sources(cell)
    got = step(cell, v)["y"]
    assert_allclose(got, v["A"] * v["u"], **CLOSE)


def test_stacked_locals_keep_their_blocks():
    cell = read_equations(
        "x in R^m; h in R^n; W in R^(n, n+m); G in R^(n+m, n)\nv = [h, x]\nw = tanh(v) * G h\nh' = W w"
    )
    v = draw_sources(cell)
    w = np.tanh(np.concatenate([v["h"], v["x"]])) * (np.vstack([v["G_1"], v["G_2"]]) @ v["h"])
    assert_allclose(step(cell, v)["h'"], np.hstack([v["W_1"], v["W_2"]]) @ w, **CLOSE)


def test_index_form_sums_nest_and_reduce():
    text = """h in R^(p,d); U in R^(p,d,d); z in R^p
        a[p,j] = z[p] * sum[q] sum[r] U[p,j,q] * tanh(h[p,r]) * h[p,q]
        h' = a"""
    cell = read_equations(text + "\noutput y\ny[p] = max[j] h[p,j]\noutput w\nw[j] = mean[p] (h[p,j]**2 + 1)")
    v = draw_sources(cell)
    got = step(cell, v)
    expected = v["z"][:, None] * np.einsum("pjq,pr,pq->pj", v["U"], np.tanh(v["h"]), v["h"])
    assert_allclose(got["h'"], expected, **CLOSE)
    assert_allclose(got["y"], v["h"].max(1), **CLOSE)
    assert_allclose(got["w"], (v["h"] ** 2 + 1).mean(0), **CLOSE)


def test_index_form_transposes():
    cell = read_equations("H in R^(p,d)\nG[j,i] = tanh(H[i,j])\nH'[i,j] = G[j,i]")
    v = draw_sources(cell)
    assert_allclose(step(cell, v)["H'"], np.tanh(v["H"]), **CLOSE)


def test_a_subscript_t_is_a_name_where_the_text_defines_t():
    cell = read_equations(
        "x in R^m; h in R^n; W_{g,t} in R^(n,m); b_t in R^n\nt = σ(W_t x + b_t)\ng = tanh(W_g x)\nh' = t*g + (1 - t)*h"
    )
    assert [p.name for p in cell.parameters] == ["W_g", "W_t", "b_t"]


def test_a_family_with_a_star_has_the_members_that_are_used():
    cell = read_equations("x in R^m; h in R^n; W_* in R^(n,m); b_* in R^n\nz = σ(W_z x)\nh' = z * tanh(W_h x + b_h)")
    assert [p.name for p in cell.parameters] == ["W_z", "W_h", "b_h"]


def test_constants_are_exact_and_the_callers_come_first():
    text = "h in R^n\nalpha = 0.1\nh' = alpha * h"
    assert read_equations(text).constants == {"alpha": sp.Rational(1, 10)}
    given = read_equations(text, constants={"alpha": 0.3})
    assert given.program["alpha"].value == sp.Rational(3, 10)
    assert given.program["alpha"].role == "constant"


def test_output_may_have_a_space_and_an_equation_on_its_line():
    for text in ("output y in R^n; y = h'", "output y = h'", "y = h'; output y", "output y in R^n\ny_t = h_t"):
        cell = read_equations(f"h in R^n\nh' = tanh(h)\n{text}")
        assert cell.program.results == ("h'", "y")


def test_a_loop_index_is_a_number_in_its_lines():
    cell = read_equations("h in R^n\ns[0] = h\nfor l in 1..3: s[l] = s[l-1] / (l + 1)\nh' = s[3]")
    v = draw_sources(cell)
    assert_allclose(step(cell, v)["h'"], v["h"] / 24, **CLOSE)


def test_marks_of_byte_order_and_line_ends_of_any_kind_are_read():
    cell = read_equations("\ufeffh in R^n\r\nU in R^(n,n)\u2028h' = \u00a0tanh(U h)\r\n")
    assert [e.line for e in cell.equations] == [3]


@pytest.mark.parametrize("text", ["h ∈ ℝⁿ; W ∈ ℝⁿˣⁿ", "h in R^{n}; W in R^{n x n}", "h in R^(n); W in R^(n × n)"])
def test_spaces_are_written_as_papers_do(text):
    cell = read_equations(f"{text}\nh' = W h")
    assert cell.program["W"].dims == ("n", "n")


def test_superscript_times_are_times():
    cell = read_equations("x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh^{(t)} = tanh(W x^{(t)} + U h^{(t-1)})")
    assert cell.equations[0].text == "h' = tanh(W x + U h)"


def test_a_parameter_that_serves_two_gates_is_warned_about():
    text = LSTM.replace("sigmoid(W_i @ x", "sigmoid(W_f @ x").replace("W_{i,f,g,o}", "W_*")
    with pytest.warns(EquationWarning, match=r"W_f serves i \(line 5\) and f \(line 6\); was W_i meant\?"):
        read_equations(text)


def test_two_equations_with_the_same_right_side_are_warned_about():
    text = "h, k in R^n; A in R^(n,n)\na = A h + k\nb = A h + k\nh' = a * b"
    with pytest.warns(EquationWarning, match="same right side"):
        read_equations(text)


def test_honest_cells_are_not_warned_about():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in (LSTM, PRINTED_LSTM, RHN, template("fresh")):
            read_equations(text)


def test_the_template_is_a_cell():
    cell = read_equations(template("my cell"), name="my cell")
    assert [s.name for s in cell.states] == ["h", "c"]
    assert template("my cell").startswith("# my cell")


def test_statements_are_of_two_kinds_and_well_formed():
    for text in (LSTM, PRINTED_LSTM, RHN):
        program = read_equations(text).program
        assert program.check() is program
        assert all(isinstance(s, Contraction | Pointwise) for s in program.statements)


@pytest.mark.long
def test_the_same_program_comes_of_every_hash_seed():
    code = "import sys; from gatedsym.equations import read_equations as r; print(r(sys.stdin.read()))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=RHN + "\noutput y\ny = mean([h, x]) + max(h, 1/3) + sum(x * x)",
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path)), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(printed) == 1


def test_a_loop_from_2_to_1_repeats_nothing() -> None:
    text = "x in R^n; h in R^n; R[1..L] in R^(n,n)\ns[1] = R[1] @ h + x\nh' = s[L]\n"
    once = read_equations(f"{text}for l in 2..L: s[l] = tanh(R[l] @ s[l-1])", constants={"L": 1})
    assert [layout.name for layout in once.parameters] == ["R_1"]
    assert [equation.target for equation in once.equations] == ["s_1", "h'"]
