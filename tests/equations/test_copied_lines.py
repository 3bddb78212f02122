"""Lines copied from a paper: numbers of equations, closing points and commas are no part of what they follow."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_published_cells import LSTM, PRINTED_LSTM

from gatedsym.equations import edit_equations, read_equations
from gatedsym.errors import EquationError, EquationWarning
from gatedsym.ir.program import Program

DECLARED = "x in R^m; h, c in R^n; W in R^(n,m); U in R^(n,n); b in R^n; s in R\n"
TAGS = [
    "(2)", "(2a)", "(12k)", "(1.3)", "(3.2.1)", "[2]", "[1.3]", "(A.1)", "(S12)", "(2')", "(2-4)", "(Eq. 2)", "(eq 2)",
    "(Equation 2)", "(Eq.2)", "Eq. 2", "(*)", "（2）", "⑵", "(式 2)", "( 2 )", "(2).", "(2),", "...... (2)", "(1) (2)",
]  # fmt: skip
GAPS = [" ", "  ", "      ", "\t", "\t\t", "\u00a0", "\u2003 ", "\u3000"]
STOPS = ["", ",", ".", " ,", "，"]
RIGHT_SIDES = [
    "tanh(W x + U h + b)", "s * h", "tanh(W x) ⊙ h", "h_{t-1}", "(h + b)", "U h", "W @ x + h'[-1]", "s h²", "[h, x]",
    "h / 2", "(1 - s) * h", "Uᵀ h", "c'",
]  # fmt: skip


def read(right: str, tail: str = "") -> Program:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        text = f"{DECLARED}y = {right}{tail}\noutput z = W x + U h + b * s\nh' = 2 * h\nc' = 2 * h"
        return read_equations(text + ("\noutput y" if "y = " in text else "")).program


def refused(right: str) -> EquationError:
    with pytest.raises(EquationError) as caught:
        read(right)
    return caught.value


READABLE = [right for right in RIGHT_SIDES if right != "W @ x + h'[-1]"]


@settings(max_examples=150)
@given(st.sampled_from(READABLE), st.sampled_from(STOPS), st.sampled_from(GAPS), st.sampled_from(TAGS))
@pytest.mark.long
def test_the_number_of_an_equation_is_no_factor(right, stop, gap, tag):
    assert read(right, f"{stop}{gap}{tag}") == read(right)


@settings(max_examples=60)
@given(st.sampled_from(READABLE), st.sampled_from([*STOPS, "。", " ."]))
def test_a_point_or_a_comma_closes_a_sentence(right, stop):
    assert read(right, stop) == read(right)


@settings(max_examples=150)
@given(
    st.sampled_from(READABLE),
    st.sampled_from(
        ["(2)", "(0.5)", " (0.5)", " 2", " ②", "(2s)", "(1/2)", " (0)", "(2)(3)", " (s)", " (2 s)", "(-2)", " (12b)"]
    ),
)
def test_a_number_behind_a_factor_is_refused_with_both_readings(right, tail):
    """Whatever is not clearly a tag is refused: no number behind a factor ever multiplies."""
    error = refused(right + tail)
    assert "number of the equation" in error.message or "divide by" in error.message, error.render()


def test_every_number_that_is_left_out_is_told():
    numbered = [f"{line}   ({n})" if " = " in line else line for n, line in enumerate(PRINTED_LSTM.splitlines(), 1)]
    with pytest.warns(EquationWarning, match=r"\(6\) \(line 6\), .* are read as numbers of equations"):
        cell = read_equations("\n".join(numbered))
    assert cell.program == read_equations(PRINTED_LSTM).program


def test_a_number_stays_in_the_text_that_an_edit_changes():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        edited = edit_equations(LSTM.replace("+ b_f)\n", "+ b_f)  (2)\n"), {"f": "1 - i"})
    assert re.search(r"f  = 1 - i  \(2\)\n", edited)


@pytest.mark.parametrize(
    "right", ["sqrt (2)", "b * (2)", "h / (2)", "h ** (2)", "F (2)", "max (2, 3) - (2)", "b -\n(2)"]
)
def test_an_argument_or_an_operand_in_brackets_is_no_tag(right):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        glued = right.replace(" (", "(").replace("\n", "")
        texts = [f"{DECLARED}h' = W x + U h + b * s + {r}\nc' = F(h)\nF(v) = tanh(v)" for r in (right, glued)]
        first, second = (read_equations(text).program for text in texts)
    assert first == second


@pytest.mark.parametrize(("right", "product"), [("U (b1)", "U b1"), ("s (A2)", "s A2")])
def test_a_name_in_brackets_is_a_factor_where_the_text_knows_it(right, product):
    names = "b1 = tanh(b)\nA2 = tanh(c)\n"
    programs = [
        read_equations(f"{DECLARED}{names}h' = W x + U h + s * A2 + b1 + {r}\nc' = h").program for r in (right, product)
    ]
    assert programs[0] == programs[1]


def test_an_unknown_letter_in_brackets_may_be_a_tag():
    error = refused("tanh(h)  (a)")
    assert "'a' is neither declared nor defined" in error.message
    assert "If (a) is the number of the equation, leave it out." in error.mend


def test_a_declaration_goes_on_after_a_comma():
    cell = read_equations("h in R^n; U,\n V in R^(n,n)\nh' = U h + V h,\n")
    assert [p.name for p in cell.parameters] == ["U", "V"]
