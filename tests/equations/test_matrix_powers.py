"""Inverses, powers of matrices and linear systems in a text: what they mean, and what a step computes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.linalg import inv, matrix_power, solve
from numpy.testing import assert_allclose
from one_step import draw_sources, step

from gatedsym.equations import declare, read_equations
from gatedsym.errors import EquationError, EquationWarning
from gatedsym.ir.program import Contraction, Recurrence, Solve

HEAD = "x in R^m; h, k in R^n; W in R^(n,m); A, B in R^(n,n); b in R^n; s in R\nk' = A h + B k + W x + s * b\nh' = h\n"


def cell(right: str) -> Recurrence:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        return read_equations(f"{HEAD}output q\nq = {right}")


def made_in_a_step(recurrence: Recurrence, kind: type) -> list[str]:
    """The values of a kind that differ between steps, of those that q needs."""
    program = recurrence.program.with_results(("q",))
    return [s.target.name for s in program.statements if isinstance(s, kind) and s.target.name in program.batched]


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ("A^{-1} h", lambda v: solve(v["A"], v["h"])),
        ("A⁻¹ h", lambda v: solve(v["A"], v["h"])),
        ("A^-1 @ h", lambda v: solve(v["A"], v["h"])),
        ("inv(A) h", lambda v: solve(v["A"], v["h"])),
        ("inv(A) @ B @ h", lambda v: solve(v["A"], v["B"] @ v["h"])),
        ("solve(A, h)", lambda v: solve(v["A"], v["h"])),
        ("solve(A, B) h", lambda v: solve(v["A"], v["B"] @ v["h"])),
        ("inv(A)", lambda v: inv(v["A"])),
        ("inv(A) * B", lambda v: inv(v["A"]) * v["B"]),
        ("A^{-1} B", lambda v: solve(v["A"], v["B"])),
        ("B A^{-1}", lambda v: v["B"] @ inv(v["A"])),
        ("B @ A^{-1} @ W", lambda v: v["B"] @ inv(v["A"]) @ v["W"]),
        ("h.T A^{-1}", lambda v: v["h"] @ inv(v["A"])),
        ("h^T A^{-1} k", lambda v: v["h"] @ inv(v["A"]) @ v["k"]),
        ("(A^{-1})^T h", lambda v: inv(v["A"]).T @ v["h"]),
        ("(A^T)^{-1} h", lambda v: inv(v["A"]).T @ v["h"]),
        ("A.T^{-1} b", lambda v: inv(v["A"]).T @ v["b"]),
        ("A^{-1} B^{-1} h", lambda v: inv(v["A"]) @ inv(v["B"]) @ v["h"]),
        ("(A B)^{-1} h", lambda v: inv(v["A"] @ v["B"]) @ v["h"]),
        ("A^2 h", lambda v: v["A"] @ v["A"] @ v["h"]),
        ("A³ h", lambda v: matrix_power(v["A"], 3) @ v["h"]),
        ("A^{-2} h", lambda v: matrix_power(inv(v["A"]), 2) @ v["h"]),
        ("(A^{-1})^{3} h", lambda v: matrix_power(inv(v["A"]), 3) @ v["h"]),
        ("matrix_power(A, 5) h", lambda v: matrix_power(v["A"], 5) @ v["h"]),
        ("matrix_power(A + outer(h, k), 2) h", lambda v: matrix_power(v["A"] + np.outer(v["h"], v["k"]), 2) @ v["h"]),
        ("(A + outer(h, k))^2 h", lambda v: matrix_power(v["A"] + np.outer(v["h"], v["k"]), 2) @ v["h"]),
        ("(A + outer(h, k))^{-2} h", lambda v: matrix_power(inv(v["A"] + np.outer(v["h"], v["k"])), 2) @ v["h"]),
        ("(I + A)^{-1} (I - A) h", lambda v: solve(np.eye(4) + v["A"], (np.eye(4) - v["A"]) @ v["h"])),
        ("(I - A) (I + A)^{-1} h", lambda v: (np.eye(4) - v["A"]) @ solve(np.eye(4) + v["A"], v["h"])),
        ("(I - s/2 * A)^{-1} (s W) x", lambda v: solve(np.eye(4) - v["s"] / 2 * v["A"], v["s"] * v["W"] @ v["x"])),
        ("(I - dot(x, x) * A)^{-1} h", lambda v: solve(np.eye(4) - v["x"] @ v["x"] * v["A"], v["h"])),
        ("2 A^{-1} h", lambda v: 2 * solve(v["A"], v["h"])),
        ("s * A^{-1} @ h", lambda v: v["s"] * solve(v["A"], v["h"])),
        ("b * (A^{-1} h)", lambda v: v["b"] * solve(v["A"], v["h"])),
        ("I^{-1} h + inv(2 * I) h + solve(I, b)", lambda v: 1.5 * v["h"] + v["b"]),
        ("inv(eye(n)) h", lambda v: v["h"]),
        ("solve(2 * I, b) + solve(4 * I, A) @ b", lambda v: v["b"] / 2 + v["A"] @ v["b"] / 4),
        ("(2 * I) @ inv(A)", lambda v: 2 * inv(v["A"])),
        ("inv(A) @ (2 * I) @ h", lambda v: 2 * solve(v["A"], v["h"])),
        ("(s * I) A^{-1} h", lambda v: v["s"] * solve(v["A"], v["h"])),
        ("(2 I)^{-1} h + inv(s * I) h", lambda v: v["h"] / 2 + v["h"] / v["s"]),
        ("-A^{-1} h", lambda v: -solve(v["A"], v["h"])),
        ("h - A^{-1} k / 2", lambda v: v["h"] - solve(v["A"], v["k"]) / 2),
        ("A @ A^{-1} @ h", lambda v: v["h"]),
        (
            "solve(A, W) x + solve(A, outer(b, x)) x",
            lambda v: solve(v["A"], v["W"] @ v["x"] + v["b"] * (v["x"] @ v["x"])),
        ),
        ("A^{-1} (h + b) * k", lambda v: solve(v["A"], v["h"] + v["b"]) * v["k"]),
        ("inv(inv(A)) h", lambda v: v["A"] @ v["h"]),
        ("inv(A.T @ A + I) @ A.T @ h", lambda v: solve(v["A"].T @ v["A"] + np.eye(4), v["A"].T @ v["h"])),
        ("inv(diag(b)) h", lambda v: v["h"] / v["b"]),
        ("solve(A - hippo_a(n), h)", None),
    ],
)
def test_what_a_power_of_a_matrix_means(right, expected):
    read = cell(right)
    values = draw_sources(read)
    values = {name: value for name, value in values.items() if read.program[name].role != "fixed"}
    found = step(read, values)["q"]
    if expected is None:
        j = np.arange(4)
        law = -np.where(j[:, None] > j, np.sqrt(2 * j[:, None] + 1) * np.sqrt(2 * j + 1), 0) - np.diag(j + 1.0)
        assert_allclose(found, solve(values["A"] - law, values["h"]), rtol=1e-10)
        return
    assert_allclose(found, expected(values), rtol=1e-9, atol=1e-11)


def test_what_parameters_alone_decide_is_one_product_in_a_step():
    cayley = ("(I + A)^{-1} (I - A) h", "B @ (I + A)^{-1} @ (I - A) @ h", "(I - A) (I + A)^{-1} h")
    for right in (*cayley, "A^{-3} h", "A^4 h"):
        read = cell(right)
        assert not made_in_a_step(read, Solve), right
        assert len(made_in_a_step(read, Contraction)) == 1, right


def test_a_matrix_that_changes_is_solved_with_in_each_step():
    read = cell("(I - dot(x, x) * A)^{-1} (I + dot(x, x) * A) h")
    assert len(made_in_a_step(read, Solve)) == 1


def test_a_vector_is_solved_for_and_no_inverse_is_made():
    for right in ("A^{-1} b", "B A^{-1} b", "solve(A + outer(h, h), k)", "(A + outer(h, h))^{-1} B b"):
        program = cell(right).program.with_results(("q",))
        systems = [s for s in program.statements if isinstance(s, Solve)]
        assert [len(program[s.right.name].dims) for s in systems] == [1], right


def test_equal_systems_are_solved_once():
    program = cell("A^{-1} b + solve(A, b) * (inv(A) b)").program
    assert sum(isinstance(s, Solve) for s in program.statements) == 1


def test_a_line_is_told_as_it_may_be_typed_again():
    for right in ("A^{-1} h", "A^{-2} h + (A B)³ k", "(I + A)^{-1} (I - A) h", "h^T A^{-1} k"):
        read = cell(right)
        (text,) = (e.text for e in read.equations if e.target == "q")
        assert "**" not in text
        assert cell(text.partition(" = ")[2]).program == read.program


def test_rows_meet_an_inverse_from_the_left():
    read = read_equations("convention rows\nh in R^n; A in R^(n,n)\nh' = tanh(h A^{-1})")
    values = draw_sources(read)
    assert_allclose(step(read, values)["h'"], np.tanh(values["h"] @ inv(values["A"])), rtol=1e-10)


def test_a_text_may_have_names_that_are_functions_of_matrices():
    read = read_equations("x, h in R^n; inv, solve in R^n\nh' = h * inv + x * solve")
    assert [layout.name for layout in read.parameters] == ["inv", "solve"]


def test_what_is_inverted_is_proposed_as_a_square_matrix():
    proposed = declare("h' = tanh(solve(I + A, h) + inv(V) @ k + W x)\nk' = k")
    assert "A, V in R^(n,n)" in str(proposed)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (r"A^{-1} h_{t-1}", lambda v: inv(v["A"]) @ v["h"]),
        (r"A^{-\top} h_{t-1}", lambda v: inv(v["A"]).T @ v["h"]),
        (r"\mathbf{A}^{-T} h_{t-1}", lambda v: inv(v["A"]).T @ v["h"]),
        (
            r"\left(I + A\right)^{-T}\, (I - A) h_{t-1}",
            lambda v: inv(np.eye(4) + v["A"]).T @ (v["h"] - v["A"] @ v["h"]),
        ),
        (r"A^{2} h_{t-1}", lambda v: v["A"] @ v["A"] @ v["h"]),
    ],
)
def test_inverses_are_read_as_papers_print_them(printed, expected):
    read = read_equations(r"h_t \in \mathbb{R}^n; A \in \mathbb{R}^{n \times n}" + f"\nh_t = {printed}")
    values = draw_sources(read)
    assert_allclose(step(read, values)["h'"], expected(values), rtol=1e-9)


def test_a_mend_in_latex_speaks_of_what_is_in_the_bracket():
    with pytest.raises(EquationError) as caught:
        read_equations(
            r"h_t \in \mathbb{R}^n; A \in \mathbb{R}^{n \times n}" + "\n" + r"h_t = \tanh((I+A)^{-1}) h_{t-1}"
        )
    assert caught.value.mend.startswith("Write inv((I+A)) for the matrix's inverse")
