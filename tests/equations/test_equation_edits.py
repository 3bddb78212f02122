"""Ablations as edits of the text, and expressions in the names of a cell."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from one_step import draw_sources, step
from test_published_cells import CLOSE, LSTM, PRINTED_LSTM, RHN

from gatedsym.equations import constants_left, edit_equations, read_equations, read_expression
from gatedsym.errors import EquationError
from gatedsym.ir.evaluate import NUMPY, evaluate


def test_an_edit_replaces_a_right_side_and_clears_what_it_leaves_unused():
    assert edit_equations(LSTM, {"f": "1 - i"}) == LSTM.replace("sigmoid(W_f @ x + U_f @ h + b_f)", "1 - i").replace(
        "{i,f,g,o}", "{i,g,o}"
    )


def test_a_constant_is_found_in_a_text_however_it_is_spelled():
    text = "h, k in R^n\nλ = 1/2\nh' = λ h + k"
    assert constants_left(text, {"lam": 2}) == {"lam": 2}
    assert constants_left(text, {"λ": 2, "beta": 3}) == {"λ": 2}
    assert constants_left(text, {"lam": 2}, edits=["λ"]) == {}


def test_families_shrink_to_a_name_and_vanish():
    text = edit_equations(LSTM, {"f": "1", "i": "1", "o": "1", "c'": "g"})
    assert "W_g in R^(n,m);  U_g in R^(n,n);  b_g in R^n" in text
    assert "i =" not in text.replace("  ", " ")
    assert "f =" not in text.replace("  ", " ")
    gone = edit_equations(text, {"g": "tanh(h)"})
    assert "W_" not in gone
    assert "U_" not in gone
    assert "b_" not in gone


@pytest.mark.parametrize("target", ["c'", "c_t", "c′"])
def test_states_are_edited_under_any_of_their_names(target):
    text = edit_equations(PRINTED_LSTM, {target: "f ⊙ c + (1 - f) ⊙ c̃", "i": "1"})
    assert "c_t = f ⊙ c + (1 - f) ⊙ c̃\n" in text
    assert "W_{f,c,o} ∈ ℝ^{n×(n+m)};  b_{f,c,o} ∈ ℝ^n" in text


def test_comments_and_layout_stay():
    declarations = "h in R^n  # state\nW in R^(n,n) # matrix\nb in R^n; k in R; h_0 in R^n # rest\n"
    text = declarations + "\nh' = tanh(W h + b*k) + h_0 # go\n"
    assert edit_equations(text, {"h'": "tanh(W h) + h_0"}) == (
        "h in R^n  # state\nW in R^(n,n) # matrix\nh_0 in R^n # rest\n\nh' = tanh(W h) + h_0 # go\n"
    )
    assert edit_equations(text, {"h'": "tanh(h + k)"}) == "h in R^n  # state\nk in R # rest\n\nh' = tanh(h + k) # go\n"


def test_constants_definitions_and_dimensions_go_when_nothing_needs_them():
    text = "h in R^n\nA in R^(r,n)\ndim r = n/2\nalpha = 0.5\nF(v) = alpha * v\nh' = F(h) + sum(A)\n"
    assert edit_equations(text, {"h'": "tanh(h)"}) == "h in R^n\nh' = tanh(h)\n"


def test_micro_steps_are_edited_by_their_typed_name():
    text = edit_equations(RHN, {"T[l]": "1/2"}, constants={"L": 3})
    assert "        T[l] = 1/2\n" in text
    assert "R_H[1..L], R_T[1], V[2..L] in R^(n,n);  b_H[1..L], b_T[1] in R^n" in text
    read_equations(text)


def test_a_constant_of_the_caller_may_become_unnecessary():
    text = edit_equations("h, k in R^n\nh' = a h + k", {"h'": "tanh(h)"}, constants={"a": 2})
    assert text == "h in R^n\nh' = tanh(h)"


def test_a_constant_is_edited():
    assert edit_equations("h in R^n\na = 0.5\nh' = a h", {"a": "0.25"}) == "h in R^n\na = 0.25\nh' = a h"


def test_an_edit_of_nothing_is_refused():
    with pytest.raises(EquationError, match="cifg: no equation defines 'ff'"):
        edit_equations(LSTM, {"ff": "1"}, "cifg")
    with pytest.raises(EquationError):
        edit_equations(LSTM, {"f": "1\n g = 2"})
    with pytest.raises(EquationError, match="neither declared nor defined"):
        edit_equations(LSTM, {"f": "1 - q"})


CLAIMS = [
    ("diag(f)", lambda v: np.diag(v["f"])),
    ("diag(o * (1 - tanh(c')**2)) @ diag(f)", lambda v: np.diag(v["o"] * (1 - np.tanh(v["c'"]) ** 2) * v["f"])),
    ("diag(g) @ U_i + eye(n)", lambda v: v["g"][:, None] * v["U_i"] + np.eye(4)),
    ("eye(n)", lambda v: np.eye(4)),
    ("W_i", lambda v: v["W_i"]),
    ("f ⊙ c_{t-1} - c_t", lambda v: v["f"] * v["c"] - v["c'"]),
    ("sech2(a_g)", lambda v: 1 - np.tanh(v["a_g"]) ** 2),
    ("h'", lambda v: v["h'"]),
    ("0", lambda v: 0.0),
]


@pytest.mark.parametrize(("text", "expected"), CLAIMS)
def test_an_expression_in_the_names_of_a_cell(text, expected):
    cell = read_equations(LSTM)
    program = read_expression(text, cell)
    assert program.results == ("claim",)
    assert program.statements[: len(cell.program.statements)] == cell.program.statements
    computed = evaluate(program, draw_sources(cell), NUMPY)
    assert_allclose(computed["claim"], expected(step(cell, draw_sources(cell))), **CLOSE)


def test_the_identity_of_an_expression_has_its_role():
    tensor = read_expression("eye(n)", read_equations(LSTM))["delta_n"]
    assert (tensor.role, tensor.dims) == ("identity", ("n", "n"))


def test_a_cell_may_have_a_name_claim():
    cell = read_equations("h, claim in R^n\nh' = h * claim")
    program = read_expression("diag(claim)", cell)
    assert program.results == ("claim_2",)


def test_a_comment_keeps_its_column_where_the_new_side_leaves_room():
    text = "x in R^n; h in R^n\nf  = sigmoid(x)    # gate\nh' = f * h         # state\n"
    short = edit_equations(text, {"f": "1 - x"})
    assert short.splitlines()[1] == "f  = 1 - x         # gate"
    long = edit_equations(text, {"f": "1 - x * x * x * x"})
    assert long.splitlines()[1] == "f  = 1 - x * x * x * x  # gate"


def test_all_statements_of_a_line_may_go():
    text = "x in R^n; h in R^n; U, V in R^(n,n);  b in R^n\nf  = U @ x + V @ h + b\nh' = f\n"
    assert edit_equations(text, {"h'": "h", "f": "1"}) == "h in R^n\nh' = h\n"
    text = "h in R^n\nU in R^(n,n);  V in R^(n,n);  b in R^n\nf  = U @ h + V @ h + b\nh' = f\n"
    assert edit_equations(text, {"f": "2 * h"}) == "h in R^n\nf  = 2 * h\nh' = f\n"


def test_a_domain_goes_with_the_input_that_nothing_reads_any_more():
    text = "x in R^n;  h in R^n;  cut in {0,1}\nmask in {0, 1}^n   # where\ns = cut * h + mask\nh' = tanh(x + s)"
    assert edit_equations(text, {"s": "h"}) == "x in R^n;  h in R^n\ns = h\nh' = tanh(x + s)"
