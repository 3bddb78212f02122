"""Elimination with pivots, against LAPACK and against what it stands for in proofs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import specification
from gatedsym.runtime import invert, solve

UNITS = {"float64": 2.0**-52, "float32": 2.0**-23}


def solved(matrix, right):
    out, work = np.empty_like(right), np.empty_like(np.ascontiguousarray(matrix))
    solve(out, matrix, right, work)
    return out


@pytest.mark.long
@pytest.mark.parametrize("dtype", UNITS)
def test_the_residual_is_as_small_as_pivoting_promises(dtype):
    """Backward error: |b - A x| is a few n units of |A| |x| (Higham 2002, theorem 9.4, with an ordinary growth)."""
    rng = np.random.default_rng(0)
    for size in (1, 2, 5, 40):
        matrix = rng.standard_normal((size, size)).astype(dtype)
        right = rng.standard_normal((size, 3)).astype(dtype)
        for turned in (matrix, matrix.T):
            found = solved(turned, right)
            residual = np.abs(turned.astype(float) @ found - right).max()
            assert residual <= 8 * size * UNITS[dtype] * np.abs(turned).sum(axis=1).max() * np.abs(found).max()
            assert found.dtype == dtype


def test_a_zero_on_the_diagonal_is_no_singular_matrix():
    matrix = np.array([[0.0, 2.0], [3.0, 0.0]])
    assert_array_equal(solved(matrix, np.array([[4.0], [6.0]])), [[2.0], [2.0]])


def test_the_matrix_stays_as_it_is():
    rng = np.random.default_rng(1)
    matrix, right = rng.standard_normal((4, 4)), rng.standard_normal((4, 2))
    given = matrix.copy(), right.copy()
    solved(matrix, right)
    assert_array_equal(matrix, given[0])
    assert_array_equal(right, given[1])


def test_columns_are_solved_alike_one_by_one_and_together():
    rng = np.random.default_rng(2)
    matrix, right = rng.standard_normal((6, 6)), rng.standard_normal((6, 5))
    alone = [solved(matrix, right[:, [c]].copy())[:, 0] for c in range(5)]
    assert_array_equal(solved(matrix, right), np.stack(alone, axis=1))


def test_a_singular_matrix_gives_no_finite_solution():
    for matrix in (np.ones((3, 3)), np.zeros((3, 3)), np.diag([1.0, 0.0, 2.0])):
        assert not np.isfinite(solved(matrix, np.ones((3, 1)))).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_propagates(bad):
    rng = np.random.default_rng(3)
    for place in ((0, 0), (3, 1), (2, 3)):
        matrix = rng.standard_normal((4, 4))
        matrix[place] = np.nan
        assert np.isnan(solved(matrix, np.ones((4, 1)))).any()
    right = np.ones((4, 1))
    right[2] = bad
    assert not np.isfinite(solved(rng.standard_normal((4, 4)), right)).all()


def test_an_inverse_is_the_solution_for_the_identity():
    matrix = np.random.default_rng(4).standard_normal((5, 5))
    out, work = np.empty((5, 5)), np.empty((5, 5))
    invert(out, matrix, work)
    assert_array_equal(out, solved(matrix, np.eye(5)))


def test_the_specification_says_what_the_runtime_does():
    names = specification(NUMPY)
    rng = np.random.default_rng(5)
    matrix, right = rng.standard_normal((5, 5)), rng.standard_normal((5, 2))
    out, inverse = np.empty((5, 2)), np.empty((5, 5))
    names["solve"](out, matrix, right, np.empty((5, 5)))
    names["invert"](inverse, matrix, np.empty((5, 5)))
    assert_allclose(solved(matrix, right), out, rtol=1e-10)
    assert_allclose(inverse @ matrix, np.eye(5), atol=1e-10)
