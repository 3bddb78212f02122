"""A text means what its reader takes it to mean, or is refused: signs, matrices, brackets, numbers, characters."""

from __future__ import annotations

import itertools
import warnings
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from one_step import draw_sources, sigmoid, step
from refusal_of_a_text import refusal_of
from test_published_cells import CLOSE, LSTM

from gatedsym.equations import read_equations
from gatedsym.errors import EquationError, EquationWarning
from gatedsym.ir.program import Program, Recurrence
from gatedsym.library import load as library

HEAD = "x in R^m; h, c in R^n; W in R^(n,m); A, B in R^(n,n); E in R^(n,m); b, k in R^n; s in R\n"
TAIL = "\nc' = c + s * k + b + A @ h + B @ h + W @ x + E @ x\noutput q\n"


def cell(right: str) -> Recurrence:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        return read_equations(f"{HEAD}h' = h\nq = {right}{TAIL}")


def program(right: str) -> Program:
    return cell(right).program


refused = partial(refusal_of, cell)


# Signs

OPERANDS = ["h", "b", "tanh(h)", "(b + c)", "A @ h"]


@settings(max_examples=200)
@given(
    st.sampled_from(OPERANDS),
    st.sampled_from(["@", "*", "·", "×", "/", "⊙", "+", "-", "./", "=", "**"]),
    st.sampled_from(["+", "- ", "+ +", "- -", "--", "+-", "@", "*", "·", "/", "⊙", "="]),
    st.sampled_from(OPERANDS),
    st.sampled_from([" ", "\n  ", "  "]),
)
def test_an_operator_that_misses_an_operand_is_refused(left, first, second, right, gap):
    together = f"{first}{second}"
    if together.startswith(("**", "+- ", "--")) or (together in ("/*",)):
        together = f"{first} {second}"
    refused(f"{left} {first}{gap}{second}{gap}{right}") if together else None


@pytest.mark.parametrize("operator", ["+", "*", "⊙", "/", "·"])
def test_a_minus_that_is_glued_to_its_operand_is_a_sign(operator):
    if operator == "·":
        operator = "*"
    assert program(f"h {operator} -b") == program(f"h {operator} (-b)")


@pytest.mark.parametrize("operator", ["@", "*", "+", "-", "/", "·", "="])
def test_an_operator_at_the_end_of_an_equation_is_refused(operator):
    for text in (f"{HEAD}h' = b {operator}\nq = h{TAIL}", f"{HEAD}h' = h\nq = b {operator}\noutput p = h{TAIL}"):
        with pytest.raises(EquationError):
            read_equations(text)


# Matrices

POWERS = ["**2", "**(-1)", "^{1/2}", "^0.5", "**-2", "^0"]
WHOLE = ["²", "³", "⁻¹", "^2", "^{2}", "^(2)", "^-1", "^{-1}", "^5"]
FUNCTIONS = ["exp", "log", "sqrt", "sin", "cos", "ln", "√"]
SQUARE = ["A", "(A + B)", "(A B)", "(h h.T)", "A.T", "(A * B)"]


@pytest.mark.parametrize(("matrix", "power"), list(itertools.product(SQUARE, POWERS)))
def test_a_power_of_a_matrix_asks_which_is_meant(matrix, power):
    error = refused(f"{matrix}{power} h")
    assert "power of a matrix" in error.message
    assert "the power of each entry" in error.mend


@pytest.mark.parametrize(("matrix", "power"), list(itertools.product(SQUARE, WHOLE)))
def test_a_power_of_a_matrix_that_meets_nothing_in_a_product_asks_which_is_meant(matrix, power):
    for right in (f"(B * {matrix}{power}) h", f"(B + {matrix}{power}) h", f"tanh({matrix}{power}) h"):
        error = refused(right)
        assert "power of a matrix" in error.message
        assert "the power of each entry" in error.mend
        assert any(whole in error.mend for whole in ("@", "inv(", "matrix_power("))


@pytest.mark.parametrize(("matrix", "function"), list(itertools.product(SQUARE, FUNCTIONS)))
def test_a_function_that_matrices_have_asks_which_is_meant(matrix, function):
    assert "one reader" in refused(f"({function}({matrix})) @ h").message


@pytest.mark.parametrize("matrix", SQUARE)
@pytest.mark.parametrize("above", ["1", "s", "A", "B"])
def test_a_division_by_a_matrix_asks_which_is_meant(matrix, above):
    assert "inverse" in refused(f"({above} / {matrix}) @ h").message


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ("A.^2 @ h", lambda v: v["A"] ** 2 @ v["h"]),
        ("A^{⊙2} h", lambda v: v["A"] ** 2 @ v["h"]),
        ("A^{∘-1} h", lambda v: (1 / v["A"]) @ v["h"]),
        ("A.^-1 h", lambda v: (1 / v["A"]) @ v["h"]),
        ("exp.(A) h", lambda v: np.exp(v["A"]) @ v["h"]),
        ("cos.(A + B) h", lambda v: np.cos(v["A"] + v["B"]) @ v["h"]),
        ("(B ./ A) h", lambda v: (v["B"] / v["A"]) @ v["h"]),
        ("(B ⊘ A) h", lambda v: (v["B"] / v["A"]) @ v["h"]),
        ("(A .* B) h", lambda v: (v["A"] * v["B"]) @ v["h"]),
        ("b .* h", lambda v: v["b"] * v["h"]),
        ("(2 ./ b.^2)", lambda v: 2 / v["b"] ** 2),
        ("tanh(A) @ h", lambda v: np.tanh(v["A"]) @ v["h"]),
        ("abs(A) @ h", lambda v: np.abs(v["A"]) @ v["h"]),
        ("max.(A, B) @ h", lambda v: np.maximum(v["A"], v["B"]) @ v["h"]),
        ("exp(E) @ x", lambda v: np.exp(v["E"]) @ v["x"]),
        ("(W / E) @ x", lambda v: (v["W"] / v["E"]) @ v["x"]),
        ("A^1 h + Aᵀ h + A^T h", lambda v: (v["A"] + 2 * v["A"].T) @ v["h"]),
        ("b² + h^2", lambda v: v["b"] ** 2 + v["h"] ** 2),
    ],
)
def test_entries_are_asked_for(right, expected):
    read = cell(right)
    values = draw_sources(read)
    assert_allclose(step(read, values)["q"], expected(values), **CLOSE)


# Factors beside a bracket


@pytest.mark.parametrize(
    ("right", "same"),
    [
        ("h(1 - tanh(c))", "h * (1 - tanh(c))"),
        ("(1 - tanh(c)) h", "(1 - tanh(c)) * h"),
        ("tanh(c) h", "tanh(c) * h"),
        ("h_{t-1}(b + k)", "h * (b + k)"),
        ("tanh(h)(1 - h)(b)", "tanh(h) * (1 - h) * b"),
        ("A (h)", "A @ h"),
    ],
)
def test_a_gate_or_a_state_beside_a_bracket_multiplies(right, same):
    a, b = cell(right), cell(same)
    values = draw_sources(a)
    assert_allclose(step(a, values)["q"], step(b, values)["q"], **CLOSE)


@pytest.mark.parametrize("right", ["A (h)(1 - c)", "A h (1 - c)", "2 A h(1 - c)"])
def test_a_matrix_before_two_vectors_asks_which_is_meant(right):
    error = refused(right)
    assert "the product of both" in error.message
    assert ("(A h) * (1 - c)" in error.mend) or ("(A (h)) * (1 - c)" in error.mend) or "(2 A h) * (1 - c)" in error.mend


@pytest.mark.parametrize("right", ["b k", "b (k)", "h c", "b c", "(b) (k)", "h b"])
def test_vectors_beside_each_other_are_refused_elsewhere(right):
    assert "stand side by side" in refused(right).message or program(right)


@pytest.mark.parametrize("stack", ["[h_{t-1}, x_t]", "[h,x]", "[h; x]", "[tanh(h), x]", "[h, x] ", "[ h , x_t ]"])
def test_a_matrix_before_vectors_one_above_the_other(stack):
    head = "x in R^m; h in R^n; V in R^(n,n+m)\nh' = tanh("
    assert read_equations(f"{head}V{stack})").program == read_equations(f"{head}V @ [{stack.strip(' []')}])").program


def test_indices_stay_indices():
    text = "h in R^(n,n); i in R^n; j in R^n\ng = tanh(i * j)\nh'[i,j] = h[j,i] * sum[k] h[i,k] + g[i]"
    assert read_equations(text).states[0].name == "h"


# The dot between vectors


@pytest.mark.parametrize(("right", "meant"), [("h · b", "h * b"), ("b · tanh(k)", "b * tanh(k)"), ("c · h'", "c * h'")])
def test_a_dot_beside_a_gate_or_a_state_multiplies_entries(right, meant):
    assert program(right) == program(meant)


@pytest.mark.parametrize("right", ["b · k", "(b + k) · b", "(A @ b) · k", "s * b · k"])
def test_a_dot_between_other_vectors_asks_which_is_meant(right):
    error = refused(right)
    assert "dot(" in error.mend
    assert " * " in error.mend


# Numbers and characters

LITERALS = ["1e-20", "1e300", "1e-300", "0.1", "1e16", "1e-307", "12345678901234567890", "0.30000000000000004", "2^-10"]


@pytest.mark.parametrize("literal", LITERALS)
def test_a_number_is_read_exactly(literal):
    read = read_equations(f"h in R^n\na = {literal}\nh' = {literal} * h + a * h")
    base, _, power = literal.partition("^")
    from fractions import Fraction

    exact = Fraction(base) ** int(power) if power else Fraction(base)
    assert Fraction(int(read.constants["a"].p), int(read.constants["a"].q)) == exact
    assert step(read, {"h": np.ones(4), "a": float(exact)})["h'"] == pytest.approx(2 * float(exact), rel=1e-15)


@pytest.mark.parametrize(
    "right",
    ["1e-400 h", "1e400 h", "10**400 h", "1e300 * 1e300 * h", "1e-200 / 1e200 * h", "5e-324 h", "exp(710) h",
     "h / (c - c)", "exp(1e5) h", "(1/0) h", "(-1)^0.5 h", "0^-1 h", "log(1 - 1) h", "h / (0 * h)"],
)  # fmt: skip
def test_a_number_that_arithmetic_cannot_hold_is_refused(right):
    refused(right)


@pytest.mark.parametrize("right", ["h - h", "0 * h", "h * 0 + 1", "(h - h) * tanh(b)"])
def test_what_cancels_is_read_as_what_it_comes_to(right):
    read = cell(right)
    values = draw_sources(read)
    assert_allclose(step(read, values)["q"], 1 if "1" in right else 0)


UNSEEN = [*map(chr, range(32)), *map(chr, range(127, 160)), "\ud800", "\u202e", "\u2066", "\ufffe"]


@pytest.mark.parametrize("character", [ch for ch in UNSEEN if ch not in "\t\n\r"], ids=lambda ch: f"U+{ord(ch):04X}")
def test_an_unseen_character_is_refused_in_comments_too(character):
    for text in (f"h in R^n # a{character}b\nh' = h", f"h in R^n\nh' = h{character}"):
        with pytest.raises(EquationError, match=f"U\\+{ord(character):04X}") as caught:
            read_equations(text)
        assert caught.value.line == text[: text.index(character)].count("\n") + 1


def test_a_comment_does_not_end_unseen():
    with pytest.raises(EquationError, match=r"U\+2028"):
        read_equations("h in R^n\nh' = h # as before\u2028c = 2")


# Parameters of several gates


def warned(text: str) -> list[str]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        read_equations(text)
    return [str(w.message) for w in found if issubclass(w.category, EquationWarning)]


def test_a_parameter_of_another_gate_is_told():
    text = LSTM.replace("sigmoid(W_i @ x", "sigmoid(W_f @ x").replace("W_{i,f,g,o}", "W_*")
    assert any("W_f serves i" in told and "was W_i meant?" in told for told in warned(text))
    text = LSTM.replace("+ b_i)", "+ b_f)").replace("b_{i,f,g,o}", "b_*")
    assert any("b_f serves i" in told for told in warned(text))


def test_one_matrix_for_two_gates_is_told():
    text = "x in R^m; h in R^n; W in R^(n,m); b_* in R^n\nz = σ(W x + b_z)\nr = tanh(W x + b_r)\nh' = z * r * h"
    assert any("W serves z (line 2) and r (line 3)" in told for told in warned(text))


def test_parameters_shared_on_purpose_are_not_told():
    """A complex number's real and imaginary part are made of the same, a loop's lines share what they read."""
    text = """x in R^m; h, k in R^n; d, A_re, A_im in R^n; B in R^(n,m)
        Λ_re = exp(d * A_re) * cos(d * A_im)
        Λ_im = exp(d * A_re) * sin(d * A_im)
        h' = Λ_re * h - Λ_im * k + B x
        k' = Λ_re * k + Λ_im * h"""
    assert warned(text) == []


@pytest.mark.sampled
@pytest.mark.parametrize("name", library.names())
def test_no_cell_of_the_library_is_warned_of(name):
    assert warned(library.derivation(name).equations) == []


def test_sigmoid_of_the_test_is_that_of_the_cell():
    values = {"h": np.array([0.5, -1.0])}
    read = read_equations("h in R^n\nh' = 1/(1 + exp(-h))")
    assert_allclose(step(read, values)["h'"], sigmoid(values["h"]), **CLOSE)
