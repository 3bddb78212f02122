"""Linear systems over floats, fractions and symbols."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from numpy.testing import assert_allclose

from gatedsym.ir.linear_algebra import solve_exactly, solve_floats
from gatedsym.ir.program import Program, Ref, Solve, Tensor


def _fractions(rng: np.random.Generator, *shape: int):
    return np.vectorize(lambda n: Fraction(int(n)), otypes=[object])(rng.integers(-9, 10, shape))


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_fractions_are_solved_exactly(size):
    rng = np.random.default_rng(size)
    matrix, right = (
        _fractions(rng, 2, size, size) + 30 * np.eye(size, dtype=int).astype(object),
        _fractions(rng, 2, size, 3),
    )
    found = solve_exactly(matrix, right, Fraction(1))
    assert (np.einsum("bjk,bkc->bjc", matrix, found) == right).all()


def test_a_zero_on_the_diagonal_needs_no_pivot():
    matrix = np.array([[Fraction(0), Fraction(2)], [Fraction(3), Fraction(0)]], dtype=object)
    found = solve_exactly(matrix, np.array([[Fraction(4)], [Fraction(6)]], dtype=object), Fraction(1))
    assert list(found[:, 0]) == [2, 2]


def test_symbols_are_solved_by_cramers_rule():
    a, b, c, d = sp.symbols("a b c d")
    found = solve_exactly(np.array([[a, b], [c, d]], dtype=object), np.array([[1], [0]], dtype=object), sp.S.One)
    assert sp.simplify(found[0, 0] - d / (a * d - b * c)) == 0


def test_a_singular_matrix_among_several_is_nan_and_the_others_are_solved():
    matrices = np.array([np.eye(2), np.ones((2, 2)), 2 * np.eye(2)])
    found = solve_floats(matrices, np.ones((3, 2, 1)))
    assert_allclose(found[[0, 2], :, 0], [[1, 1], [0.5, 0.5]])
    assert np.isnan(found[1]).all()


@pytest.mark.parametrize(
    ("target", "matrix", "right"),
    [
        (("k",), ("j", "j"), ("j",)),
        (("k",), ("j", "k"), ("k",)),
        (("k", "c"), ("j", "k"), ("j",)),
        (("c", "k"), ("j", "k"), ("c", "j")),
        ((), ("j", "k"), ("j",)),
    ],
)
def test_indices_that_are_no_system_are_told(target, matrix, right):
    tensors = (
        Tensor("A", ("n", "n"), "parameter"),
        Tensor("b", ("n",) * len(right), "parameter"),
        Tensor("v", ("n",) * len(target), "output"),
    )
    statement = Solve(Ref("v", target), Ref("A", matrix), Ref("b", right))
    with pytest.raises(ValueError, match=r"system|lacks"):
        Program(tensors, (statement,), ("v",)).check()
