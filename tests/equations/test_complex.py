"""A complex array is two real ones all the way down: equations say what complex arithmetic says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from one_step import draw_sources, step

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.equations import complex_arrays, read_equations, read_expression
from gatedsym.errors import EquationError
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.proofs.engine.brute_force import prove_adjoint
from gatedsym.typesetting.pages.derivation import derivation, render

HEAD = "input x in R^n; u, v, b in C^n; A, B in C^(n,n); U in R^(n,n); z in C^n; s in C\n"
READ = "0*(A u + A v + B v + U x + b * s)"


def whole(values: dict, name: str) -> np.ndarray:
    """A complex array from its parts."""
    return values[f"{name}_re"] + 1j * values[f"{name}_im"]


def value_of(expression: str) -> tuple[dict, np.ndarray]:
    cell = read_equations(f"{HEAD}y = {expression}\nz' = y + {READ}")
    given = draw_sources(cell)
    found = step(cell, given)
    read = {**given, **{name: whole(given, name) for name in ("u", "v", "b", "A", "B", "z", "s")}}
    return read, whole(found, "y") if "y_re" in found else found["y"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("u + v - 2 b", lambda v: v["u"] + v["v"] - 2 * v["b"]),
        ("u * v", lambda v: v["u"] * v["v"]),
        ("u ⊙ x ⊙ v", lambda v: v["u"] * v["x"] * v["v"]),
        ("u / v", lambda v: v["u"] / v["v"]),
        ("x / v", lambda v: v["x"] / v["v"]),
        ("(u + x) / (v - b)", lambda v: (v["u"] + v["x"]) / (v["v"] - v["b"])),
        ("u**2 + u**-1 + u**5", lambda v: v["u"] ** 2 + 1 / v["u"] + v["u"] ** 5),
        ("A u", lambda v: v["A"] @ v["u"]),
        ("U u", lambda v: v["U"] @ v["u"]),
        ("A x", lambda v: v["A"] @ v["x"]),
        ("A B u", lambda v: v["A"] @ v["B"] @ v["u"]),
        ("(A @ B) u", lambda v: v["A"] @ v["B"] @ v["u"]),
        ("A.T u + conj(A).T v", lambda v: v["A"].T @ v["u"] + v["A"].conj().T @ v["v"]),
        ("outer(u, v) @ b", lambda v: np.outer(v["u"], v["v"]) @ v["b"]),
        ("s * A @ u", lambda v: v["s"] * (v["A"] @ v["u"])),
        ("sum(u * v) + 0 u", lambda v: np.full(4, np.sum(v["u"] * v["v"]))),
        ("mean(conj(u) * v) * b", lambda v: np.mean(v["u"].conj() * v["v"]) * v["b"]),
        ("re(u) + im(v)", lambda v: v["u"].real + v["v"].imag),
        ("real(u * v) + imag(x + b)", lambda v: (v["u"] * v["v"]).real + v["b"].imag),
        ("abs(u) * v", lambda v: np.abs(v["u"]) * v["v"]),
        ("u / abs(u)", lambda v: v["u"] / np.abs(v["u"])),
        ("A.H u + (v.H b) x", lambda v: v["A"].conj().T @ v["u"] + np.vdot(v["v"], v["b"]) * v["x"]),
        ("A^H u", lambda v: v["A"].conj().T @ v["u"]),
        ("A^T u", lambda v: v["A"].T @ v["u"]),
        ("Re(u) * v", lambda v: v["u"].real * v["v"]),
        ("norm(u - v) * b", lambda v: np.linalg.norm(v["u"] - v["v"]) * v["b"]),
        ("exp(u)", lambda v: np.exp(v["u"])),
        ("exp(i*x)", lambda v: np.exp(1j * v["x"])),
        ("e^{i x} * v", lambda v: np.exp(1j * v["x"]) * v["v"]),
        ("e^(-1j * x) * v", lambda v: np.exp(-1j * v["x"]) * v["v"]),
        ("exp(-x + im * x)", lambda v: np.exp((-1 + 1j) * v["x"])),
        ("(1 - 2j) u + 0.5j v", lambda v: (1 - 2j) * v["u"] + 0.5j * v["v"]),
        ("tanh(re(u)) + i * sigmoid(im(u))", lambda v: np.tanh(v["u"].real) + 1j / (1 + np.exp(-v["u"].imag))),
        ("i * i * u", lambda v: -v["u"]),
    ],
)
def test_an_expression_has_the_value_of_complex_arithmetic(expression, expected):
    read, value = value_of(expression)
    assert_allclose(value, expected(read), rtol=1e-12, atol=1e-12)


def test_the_index_form_knows_complex_arrays():
    cell = read_equations("z in C^n; A in C^(n,n); b in C^n\nz'[j] = sum[k] A[j,k] * (z[k] + b[k])")
    given = draw_sources(cell)
    values = step(cell, given)
    found = values["z_re'"] + 1j * values["z_im'"]
    assert_allclose(found, whole(given, "A") @ (whole(given, "z") + whole(given, "b")), rtol=1e-12)


def test_definitions_columns_and_packed_lines_are_complex():
    cell = read_equations(
        "z in C^(2n); W in C^(2n, 2n)\nF(v) = v / (1 + abs(v))\n[u; w] = F(W z)\nz' = [w; conj(u)]",
    )
    given = draw_sources(cell)
    rows = [[f"W_{part}_{2 * r + c + 1}" for c in range(2)] for r in range(2) for part in ("re",)]
    re = np.block([[given[name] for name in row] for row in rows])
    im = np.block([[given[name.replace("re", "im")] for name in row] for row in rows])
    z = np.concatenate([given[f"z_re_{k}"] + 1j * given[f"z_im_{k}"] for k in (1, 2)])
    a = (re + 1j * im) @ z
    u, w = np.split(a / (1 + np.abs(a)), 2)
    values = step(cell, given)
    assert_allclose(values["z_re_1'"] + 1j * values["z_im_1'"], w, rtol=1e-12)
    assert_allclose(values["z_re_2'"] + 1j * values["z_im_2'"], u.conj(), rtol=1e-12)


def test_names_of_units_are_units_only_where_nothing_else_has_them():
    gated = read_equations("x, b in R^n; z in C^n\ni = sigmoid(x + b)\nz' = i * z")
    assert gated.program["i"].dims != ()
    assert "i" in {layout.name for layout in gated.locals}
    with pytest.raises(EquationError, match="'i' is neither declared nor defined"):
        read_equations("x in R^n; h in R^n\nh' = i * h + x")
    real = read_equations("x in R^n; h, re, conj in R^n\nh' = re * h + conj * x")
    assert {layout.name for layout in real.parameters} == {"re", "conj"}


def test_layouts_list_the_two_real_arrays():
    cell = read_equations("x in R^m; z in C^n; W_{a,b} in C^(n, n+m)\nw = W_a [z; x]\nz' = w / abs(W_b [z; x])")
    names = [layout.name for layout in (*cell.states, *cell.parameters, *cell.locals)]
    assert names == ["z_re", "z_im", "W_a_re", "W_a_im", "W_b_re", "W_b_im", "w_re", "w_im"]
    assert cell.delays["z_re"] == cell.delays["z_im"] == 1
    assert complex_arrays(cell)["w"] == ("w_re", "w_im")
    assert complex_arrays(read_equations("h_re, h_im in R^n\nh_re' = h_im\nh_im' = h_re")) == {}


@pytest.mark.parametrize(
    "text",
    [
        "x in R^m; z in C^n; A in C^(n,n); B in C^(n,m)\nz' = A z + B x",
        "x in R^n; z in C^n; t, r in R^n\nz' = exp(-exp(r) + i*t) * z / (1 + z * conj(z)) + x",
        "z in C^n; A in C^(n,n)\nz' = (A z)**2 * conj(z) + 1/z",
    ],
)
def test_the_adjoint_of_pairs_is_proven(text):
    program = read_equations(text).program
    assert prove_adjoint(program, derive_adjoint(program), wrt=program.sources)


def test_claims_speak_of_complex_arrays():
    cell = read_equations("x in R^n; z in C^n; t in R^n\nlam = exp(i*t)\nz' = lam * z + x")
    program = read_expression("abs(lam)**2 + im(z' - x)", cell)
    given = draw_sources(cell)
    found = evaluate(program, given, NUMPY)["claim"]
    z = np.exp(1j * given["t"]) * whole(given, "z")
    assert_allclose(found, 1 + z.imag, rtol=1e-12)
    with pytest.raises(EquationError, match="complex"):
        read_expression("lam * z", cell)


@pytest.mark.parametrize(
    ("right", "said", "mend"),
    [
        ("tanh(z)", "'tanh' is taken of real numbers", "tanh(re(z)) + i * tanh(im(z))"),
        ("sqrt(z)", "'sqrt' is taken of real numbers", "sqrt(abs(z))"),
        ("z^0.5", "several values", "abs(z)**(1/2)"),
        ("dot(z, u) * z", "conjugates the first", "sum(conj(u) * v)"),
        ("max(z) * z", "no order", "max(abs(z))"),
        ("z + h' - h", "'h' is declared real", "Declare it in C^n"),
    ],
)
def test_what_complex_arrays_do_not_have_is_refused(right, said, mend):
    follows = "z" if said.startswith("'h'") else "h"
    with pytest.raises(EquationError) as caught:
        read_equations(f"u, z in C^n; h in R^n\nz' = {right} + 0*u\nh' = {follows}")
    assert said in caught.value.message
    assert mend in caught.value.mend


def test_a_part_keeps_its_name():
    with pytest.raises(EquationError, match="'z_re' is the name of a part"):
        read_equations("z_re in R^n; z in C^n\nz' = z + z_re")
    with pytest.raises(EquationError, match="'w_im' is the name of a part"):
        read_equations("w_im in R^n; z in C^n\nw = z * z\nz' = w + w_im")


def test_the_page_prints_the_complex_line_above_its_pair_and_says_what_an_adjoint_is():
    cell = read_equations("x in R^m; z in C^n; t in R^n; B in C^(n,m)\nz' = exp(i*t) * z + B x")
    page = render(derivation(cell), "text")
    line = page.index("z' = exp(i * t) * z + B x", page.index("Typeset"))
    assert line < page.index("z_{re,t} = ")
    assert "z and B are complex" in page
    assert "as torch has it" in " ".join(page.split())
