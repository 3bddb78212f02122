"""Linear systems of the size of a state: elimination with partial pivoting.

In each column the row with the largest entry becomes the pivot; ties go to the first. Sums go upwards, so that the same
arguments give the same bits wherever a system stands. NaN and infinity propagate; a singular matrix divides by zero,
which leaves inf or NaN in the solution (Higham, Accuracy and Stability of Numerical Algorithms, 2002, chapter 9).
"""

from __future__ import annotations

from typing import Any

from gatedsym.runtime.jit.compile import routine


@routine
def solve(out: Any, matrix: Any, right: Any, work: Any) -> None:
    """Set `out` to the solution of ``matrix @ out = right``.

    Parameters
    ----------
    out, right : array (n, c)
    matrix : array (n, n)
        Left as it is.
    work : array (n, n)
        Scratch.
    """
    for j in range(right.shape[0]):
        for k in range(right.shape[1]):
            out[j, k] = right[j, k]
    _eliminate(out, matrix, work)


@routine
def invert(out: Any, matrix: Any, work: Any) -> None:
    """Set `out` to the inverse of a matrix (n, n)."""
    for j in range(out.shape[0]):
        for k in range(out.shape[1]):
            out[j, k] = 1.0 if j == k else 0.0
    _eliminate(out, matrix, work)


@routine
def _eliminate(out: Any, matrix: Any, work: Any) -> None:
    """Turn right sides into solutions in place: downwards to a triangle, then back upwards."""
    size = matrix.shape[0]
    for j in range(size):
        for k in range(size):
            work[j, k] = matrix[j, k]
    for column in range(size):
        pivot = _pivot(work, column)
        if pivot != column:
            _swap(work, pivot, column)
            _swap(out, pivot, column)
        for j in range(column + 1, size):
            factor = work[j, column] / work[column, column]
            _subtract(work, j, column, factor, column)
            _subtract(out, j, column, factor, 0)
    for column in range(size - 1, -1, -1):
        row, diagonal = out[column], work[column, column]
        for k in range(out.shape[1]):
            row[k] = row[k] / diagonal
        for j in range(column):
            _subtract(out, j, column, work[j, column], 0)


@routine
def _pivot(work: Any, column: int) -> int:
    """The row at or below the diagonal whose entry of a column is largest."""
    best, size = column, abs(work[column, column])
    for j in range(column + 1, work.shape[0]):
        if abs(work[j, column]) > size:
            best, size = j, abs(work[j, column])
    return best


@routine
def _swap(array: Any, one: int, other: int) -> None:
    a, b = array[one], array[other]
    for k in range(array.shape[1]):
        a[k], b[k] = b[k], a[k]


@routine
def _subtract(array: Any, row: int, pivot: int, factor: Any, first: int) -> None:
    """Subtract a multiple of one row from another, from a column on."""
    a, b = array[row], array[pivot]
    for k in range(first, array.shape[1]):
        a[k] -= factor * b[k]
