"""Vectors as rows: which texts are texts of rows, what their products mean, and which are refused."""

from __future__ import annotations

import pytest

import gatedsym as gs
from gatedsym.equations import read_equations, read_expression

DECLARED = "input X in R^m; H in R^n; W in R^(m,n); U in R^(n,n); b in R^n\n"
ROWS = ["X_W[j] = sum[k] X[k]*W[k,j]", "H_U[j] = sum[k] H[k]*U[k,j]"]


def statements(text: str) -> list[str]:
    return [str(s) for s in read_equations(text).program.statements]


@pytest.mark.parametrize("product", ["X @ W + H @ U", "X W + H U", "X · W + H · U", "X_t W + H_{t-1} U"])
def test_a_vector_before_a_matrix_is_a_row(product: str) -> None:
    text = f"{DECLARED}H' = tanh({product} + b)"
    assert statements(text)[:2] == ROWS
    assert statements(f"convention rows\n{text}") == statements(text)
    assert read_equations(text).rows


def test_latex_of_a_book_in_rows_is_read_with_its_batch() -> None:
    text = r"""$\mathbf{X}_t \in \mathbb{R}^{n \times d}$
$\mathbf{W} \in \mathbb{R}^{d \times h}$, $\mathbf{U} \in \mathbb{R}^{h \times h}$
$\mathbf{b} \in \mathbb{R}^{1 \times h}$
$\mathbf{H} \in \mathbb{R}^{n \times h}$
$$\mathbf{H}_t = \tanh(\mathbf{X}_t \mathbf{W} + \mathbf{H}_{t-1}\mathbf{U} + \mathbf{b})$$
"""
    with pytest.warns(gs.EquationWarning, match="n, the first axis of X, H, is read as the batch of the arrays"):
        read = read_equations(text)
    assert [str(s) for s in read.program.statements][:2] == ROWS
    assert [(layout.name, layout.axes) for layout in (*read.inputs, *read.states)] == [
        ("X", (("d",),)),
        ("H", (("h",),)),
    ]
    assert [d.name for d in read.dimensions] == ["d", "h"]


@pytest.mark.filterwarnings("ignore::gatedsym.EquationWarning")
def test_one_row_is_a_vector() -> None:
    text = "input X in R^(1,m); H in R^(1,n); W in R^(m,n); U in R^(n,n); b in R^(1,n)\nH' = tanh(X W + H U + b)"
    assert statements(text) == statements(f"{DECLARED}H' = tanh(X W + H U + b)")


def test_a_first_axis_that_a_parameter_has_too_is_no_batch() -> None:
    text = "input X in R^(p,m); H in R^(p,n); W in R^(m,n); A in R^(p,p)\nH' = tanh(A @ H + X @ W)"
    read = read_equations(text)
    assert not read.rows
    assert read.states[0].axes == (("p",), ("n",))
    kept = read_equations(f"convention columns\n{text.replace('A @ H', 'H').replace('; A in R^(p,p)', '')}")
    assert kept.states[0].axes == (("p",), ("n",))


def test_a_batch_whose_size_or_index_the_equations_read_is_a_matrix() -> None:
    text = "input X in R^(p,m); H in R^(p,n); W in R^(m,n)\nH' = tanh(H + X @ W) / p"
    assert not read_equations(text).rows
    indexed = "input X in R^(p,n); H in R^(p,n)\nH'[a,j] = tanh(H[a,j] + X[a,j])"
    assert not read_equations(indexed).rows


def test_stacks_of_rows_stand_side_by_side() -> None:
    text = "convention rows\nx in R^m; h in R^n; W in R^(n+m,n); b in R^n\nh' = tanh([h, x] W + b)"
    assert statements(text)[:2] == ["h_W_1[j] = sum[k] h[k]*W_1[k,j]", "x_W_2[j] = sum[k] x[k]*W_2[k,j]"]


def test_a_transposed_matrix_behind_a_row_is_summed_over_its_second_index() -> None:
    text = "convention rows\nx in R^m; h in R^n; W in R^(n,m)\nh' = tanh(x W^T + h)"
    assert statements(text)[0] == "x_W[j] = sum[k] x[k]*W[j,k]"


def test_two_matrices_behind_a_row_are_passed_one_after_the_other() -> None:
    text = "convention rows\nx in R^m; h in R^n; W in R^(m,n); U, V in R^(n,n)\nh' = tanh(h U V + x W)"
    assert statements(text)[:2] == ["h_U[j] = sum[k] h[k]*U[k,j]", "h_U_V[j] = sum[k] h_U[k]*V[k,j]"]


def test_inner_and_outer_products_of_rows_are_those_of_rows() -> None:
    head = "convention rows\nx in R^n; h in R^n; M in R^(n,n)\n"
    assert statements(f"{head}h' = (h x^T) * h\nM' = M")[0] == "h_x = sum[j] h[j]*x[j]"
    assert "M'[j,k] = M[j,k] + h[j]*x[k]" in statements(f"{head}h' = x\nM' = M + h^T x")


def test_a_square_matrix_is_decided_by_the_side_on_which_the_vector_stands() -> None:
    before, behind = ("h in R^n; U in R^(n,n)\nh' = tanh(" + product + ")" for product in ("h U", "U h"))
    assert statements(before)[0] == "h_U[j] = sum[k] h[k]*U[k,j]"
    assert statements(behind)[0] == "U_h[j] = sum[k] U[j,k]*h[k]"
    assert read_equations(before).rows
    assert not read_equations(behind).rows


@pytest.mark.parametrize("product", ["W x + h U", "h U + W x", "W @ x + h @ U"])
def test_a_text_of_rows_and_columns_is_refused(product: str) -> None:
    text = f"x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh({product})"
    with pytest.raises(gs.EquationError, match="Vectors are columns here"):
        read_equations(text)
    with pytest.raises(gs.EquationError, match=r"Vectors are rows here: write x @ W\.T"):
        read_equations(f"convention rows\n{text}")


def test_columns_that_are_asked_for_stay_columns() -> None:
    with pytest.raises(gs.EquationError, match="Vectors are columns here"):
        read_equations(f"convention columns\n{DECLARED}H' = tanh(X W + H U + b)")


def test_a_gate_before_the_row_of_a_matrix_has_two_readings_that_are_typed_out() -> None:
    head = "convention rows\nx in R^m; h in R^n; W in R^(m,n); U in R^(n,n)\nz = sigmoid(x W)\n"
    with pytest.raises(gs.EquationError) as refusal:
        read_equations(f"{head}h' = (1 - z) (h) U")
    assert refusal.value.mend == "Write ((1 - z) * (h)) U for the one, or (1 - z) * ((h) U) for the other."
    for whole, right in (("((1 - z) * (h)) U", "((1 - z) * h) @ U"), ("(1 - z) * ((h) U)", "(1 - z) * (h @ U)")):
        assert statements(f"{head}h' = {whole}") == statements(f"{head}h' = {right}")
    assert statements(f"{head}h' = h U (1 - z)") == statements(f"{head}h' = (h @ U) * (1 - z)")


def test_an_unknown_convention_is_refused_with_a_caret() -> None:
    with pytest.raises(gs.EquationError) as refusal:
        read_equations(f"convention upright\n{DECLARED}H' = X W")
    assert (refusal.value.line, refusal.value.column, refusal.value.width) == (1, 12, 7)
    assert refusal.value.mend == "Write convention rows, or convention columns."


def test_claims_about_a_cell_in_rows_are_written_in_rows() -> None:
    recurrence = read_equations(f"{DECLARED}H' = tanh(X W + H U + b)")
    assert str(read_expression("H U", recurrence).statements[-1]) == "claim[j] = sum[k] H[k]*U[k,j]"
    with pytest.raises(gs.EquationError, match="Vectors are rows here"):
        read_expression("U H", recurrence)
