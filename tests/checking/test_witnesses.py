"""Where no known slip gives her numbers, what agrees and what differs says which adjoint must be wrong."""

from __future__ import annotations

import pytest

import gatedsym as gs
from gatedsym.checking.reference import proven_adjoint
from gatedsym.checking.textbook import as_printed
from gatedsym.checking.witnesses import first_wrong_adjoint, witnessed

ADJOINT = proven_adjoint(gs.cell("lstm").recurrence.program)
PRINTED = as_printed(ADJOINT)
ALL = set(ADJOINT.results)
WRONG = {
    "d_a_i": {"W_i", "U_i", "b_i", "x", "h"},
    "d_a_o": {"W_o", "U_o", "b_o", "x", "h"},
    ADJOINT.results["U_f"]: {"U_f"},
    ADJOINT.results["x"]: {"x"},
    ADJOINT.results["c"]: {"c"},
}


@pytest.mark.parametrize("first", WRONG)
def test_the_first_wrong_adjoint_is_the_one_whose_arrays_all_differ(first: str) -> None:
    assert first_wrong_adjoint(PRINTED, ADJOINT.results, WRONG[first], ALL - WRONG[first]) == first


def test_the_first_of_several_comes_first_going_backward() -> None:
    wrong = {"W_o", "U_o", "b_o", "W_f", "U_f", "b_f", "x", "h"}
    assert first_wrong_adjoint(PRINTED, ADJOINT.results, wrong, ALL - wrong) == "d_a_o"


def test_one_array_that_agrees_says_that_its_adjoint_is_right() -> None:
    known = witnessed(PRINTED, ADJOINT.results, {"U_f", "W_i", "U_i", "b_i"}, {"W_f", "b_f"})
    assert (known["d_a_f"], known["d_f"], known["d_a_i"]) == (True, True, False)
    assert "d_a_o" not in known
