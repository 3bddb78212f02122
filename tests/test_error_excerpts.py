"""The excerpt of a refusal: the person's own line, and the caret under her characters as a screen shows them."""

from __future__ import annotations

import unicodedata

import pytest

import gatedsym as gs
from gatedsym.errors import EquationError


def columns(text: str) -> int:
    """Columns that a text takes on a screen, by the widths that Unicode states."""
    marks = sum(unicodedata.combining(ch) > 0 for ch in text)
    return len(text) - marks + sum(unicodedata.east_asian_width(ch) in "WF" for ch in text)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("h' = tanh(W @ x) + hh", "hh"),
        ("\th' = tanh(W @ x) + hh", "hh"),
        ("状态 = 1;  h' = hh", "hh"),
        ("h' = c\u0303 * hh", "hh"),
        ("h' = 门 + 门门", "门门"),
        ("h' = " + "h + " * 80 + "hh + " + "h + " * 80 + "h", "hh"),
        ("h' = " + "门 + " * 80 + "hh", "hh"),
    ],
)
def test_the_caret_stands_under_the_characters(line: str, wrong: str) -> None:
    column = line.index(wrong) + 1
    _, shown, carets = EquationError("this is wrong.", line, 1, column, len(wrong)).render().split("\n")
    assert columns(shown) <= 4 + 100 + 2
    before = len(carets) - len(carets.lstrip())
    at = next(n for n in range(len(shown) + 1) if columns(shown[:n]) >= before)
    assert shown[at : at + len(wrong)] == wrong
    assert carets.strip() == "^" * columns(wrong)


def test_a_caret_at_an_accent_stands_under_its_letter() -> None:
    line = "h' = c\u0303 * h"
    carets = EquationError("this is wrong.", line, 1, line.index("\u0303") + 1, 1).render().split("\n")[2]
    assert carets == " " * 9 + "^"


def test_tabs_are_shown_as_blanks() -> None:
    shown = EquationError("this is wrong.", "\th' = hh", 1, 7, 2).render().split("\n")[1:]
    assert shown == ["        h' = hh", "             ^^"]


def test_an_undeclared_line_in_rows_is_pointed_at_beside_wide_characters() -> None:
    with pytest.raises(gs.EquationError) as refusal:
        gs.Cell("convention rows\nx in R^m; h in R^n; W in R^(n,m)\nh' = tanh(W x)   # 门控")
    _, shown, carets = str(refusal.value).split("\n")[:3]
    assert shown[carets.index("^") : carets.index("^") + 3] == "W x"
