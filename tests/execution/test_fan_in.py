"""Initialisations take the fan-in from the products of a weight; complex ones have the scheme's variance."""

from __future__ import annotations

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.calculus.fan_in import find_summed_axes
from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.execution.initialisation import draw_parameters, fans_of
from gatedsym.flow.theory.population import SCHEMES, entry_variance
from gatedsym.ir.interface_table import InterfaceError, as_table, read_interface, table_of

ROWS = "convention rows\nx in R^m; h in R^n; W in R^(m,n); U in R^(n,n)\nh' = tanh(x @ W + h @ U)"

TEXTS = {
    "columns": ("x in R^m; h in R^n; W in R^(n,m)\nh' = h + W @ x", {}),
    "rows": (ROWS, {"W": ((0,),)}),
    "two axes at once": (
        "x in R^m; h in R^n; T in R^(n,m,n)\nh'[j] = tanh(sum[k,l] T[j,k,l]*x[k]*h[l])",
        {"T": ((1, 2),)},
    ),
    "two uses": ("x in R^m; h in R^n; W in R^(n,m)\nh' = tanh(W @ (W.T @ h) + W @ x)", {"W": ((0,), (1,))}),
    "a square one in two uses": ("h in R^n; W in R^(n,n)\nh' = tanh((W - W.T) @ h)", {}),
    "behind a mask": (
        "x in R^m; h in R^n; W, M in R^(m,n)\nh' = h + (M * W).T @ x",
        {"W": ((0,),), "M": ((0,),)},
    ),
    "packed": ("convention rows\nx in R^m; h in R^n; W in R^(m,2n)\n[a, b] = x @ W\nh' = a * h + b", {"W": ((0,),)}),
    "in no product": ("x in R^m; H in R^(n,m); A in R^(n,m)\nH' = A * H + outer(ones(n), x)", {}),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_axes_that_products_sum_are_found(name):
    text, expected = TEXTS[name]
    recurrence = read_equations(text)
    assert find_summed_axes(recurrence.program, recurrence.parameters) == expected


@pytest.mark.parametrize(
    ("ways", "fans"), [((), (5, 6)), (((0,),), (2, 15)), (((1, 2),), (15, 2)), (((0,), (2,)), (5, 6))]
)
def test_of_several_uses_the_largest_sum_counts(ways, fans):
    assert fans_of((2, 3, 5), ways) == fans


def test_a_row_weight_is_as_large_as_the_column_weight_that_it_is():
    """To 5 %: forty standard errors of 20,000 draws are 28 %, one is under 1 %."""
    rows, columns = gs.Cell(ROWS), gs.Cell("x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ x + U @ h)")
    for scheme in ("gaussian", "xavier"):
        ours, theirs = (c.init(m=400, n=50, scheme=scheme)["W"] for c in (rows, columns))
        assert np.isclose(ours.std(), theirs.std(), rtol=0.05)
    assert np.isclose(rows.init(m=400, n=50, scheme="gaussian")["W"].std(), 1 / 20, rtol=0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_theory_has_the_variance_that_is_drawn(scheme):
    """To 10 %: the relative standard error of a variance of 6,000 draws is under 2 %."""
    ways = {"T": [(0, 1)]}
    drawn = draw_parameters(
        {"T": (10, 20, 30)}, hidden=40, biases=(), scheme=scheme, gain=1.0, seed=0, dtype=float, fan_in=ways
    )
    assert np.isclose(drawn["T"].var(), entry_variance(scheme, (10, 20, 30), 40, 1.0, ways["T"]), rtol=0.1)


@pytest.mark.parametrize("scheme", ["gaussian", "xavier", "xavier-stacked", "orthogonal", "uniform"])
def test_a_complex_weight_has_the_variance_of_a_real_one(scheme):
    """To 10 %, as above."""
    text = "x in R^m; z in {0}^n; W in {0}^(n,m); A in {0}^(n,n)\nz' = A @ z + W @ x"
    ours, theirs = (gs.Cell(text.format(field)).init(m=100, n=80, scheme=scheme, seed=1) for field in "CR")
    for name in ("W", "A"):
        assert np.isclose(np.mean(abs(ours[name]) ** 2), np.mean(abs(theirs[name]) ** 2), rtol=0.1), name
        assert np.isclose(ours[name].real.var(), ours[name].imag.var(), rtol=0.1)
    if scheme == "orthogonal":
        assert np.allclose(ours["A"].conj().T @ ours["A"], np.eye(80), rtol=0, atol=1e-12)


def test_the_table_says_how_a_weight_is_summed_and_is_checked():
    table = table_of(write_module(read_equations(ROWS, name="rows")))
    assert table["fan_in"] == {"W": [[0]]}
    assert as_table(read_interface(table)) == table
    for wrong in ({"V": [[0]]}, {"W": [[2]]}, {"W": [["0"]]}, {"W": 0}, {"W": [[]]}, {"W": [[0, 0]]}, {"W": [[1, 0]]}):
        with pytest.raises(InterfaceError):
            read_interface({**table, "fan_in": wrong})
