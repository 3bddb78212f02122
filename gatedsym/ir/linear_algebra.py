"""Linear systems over any numbers → their solutions: floats by LAPACK, everything else exactly, by minors.

By minors, because numbers of a field and symbols have no size by which a pivot could be chosen, and because the one
division is by the determinant: a matrix with a zero on its diagonal is a matrix like any other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gatedsym.typing import Array

Minors = dict[tuple[tuple[int, ...], tuple[int, ...]], Any]


def solve_floats(matrix: Array, right: Array) -> Array:
    """The solutions of systems of floats or complex numbers; NaN for a matrix that is singular.

    Parameters
    ----------
    matrix : array (..., n, n)
    right : array (..., n, c)

    Returns
    -------
    array (..., n, c)
    """
    with np.errstate(all="ignore"):
        try:
            return np.asarray(np.linalg.solve(matrix, right))
        except np.linalg.LinAlgError:  # one of several may be
            pass
    lead = np.broadcast_shapes(matrix.shape[:-2], right.shape[:-2])
    matrices = np.broadcast_to(matrix, (*lead, *matrix.shape[-2:]))
    rights = np.broadcast_to(right, (*lead, *right.shape[-2:]))
    found = np.full(rights.shape, np.nan, dtype=np.result_type(matrix, right, np.float32))
    for place in np.ndindex(*lead):
        try:
            found[place] = np.linalg.solve(matrices[place], rights[place])
        except np.linalg.LinAlgError:
            continue
    return found


def solve_exactly(matrix: Array, right: Array, one: Any) -> Array:
    """The solutions of systems of any numbers with + - * and /, by Cramer's rule.

    Parameters
    ----------
    matrix : object array (..., n, n)
    right : object array (..., n, c)
    one : object
        The number 1.

    Returns
    -------
    object array (..., n, c)
    """
    return np.asarray(np.einsum("...kj,...jc->...kc", inverse_exactly(matrix, one), right), dtype=object)


def inverse_exactly(matrix: Array, one: Any) -> Array:
    """The inverses of matrices of any numbers: the adjugate over the determinant."""
    size = matrix.shape[-1]
    minors: Minors = {}
    everything = tuple(range(size))
    scale = one / _minor(matrix, everything, everything, one, minors)
    inverse = np.empty(matrix.shape, dtype=object)
    for row in everything:
        others = everything[:row] + everything[row + 1 :]
        for column in everything:
            rest = everything[:column] + everything[column + 1 :]
            value = _minor(matrix, others, rest, one, minors) * scale
            inverse[..., column, row] = -value if (row + column) % 2 else value
    return inverse


def _minor(matrix: Array, rows: tuple[int, ...], columns: tuple[int, ...], one: Any, minors: Minors) -> Any:
    """The determinant of some rows and columns, expanded along the first of the rows."""
    if not rows:
        return one
    if (rows, columns) not in minors:
        total: Any = None
        for place, column in enumerate(columns):
            rest = columns[:place] + columns[place + 1 :]
            inner = _minor(matrix, rows[1:], rest, one, minors)
            entry = matrix[..., rows[0], column]
            term = entry * inner if rest else entry
            total = term if total is None else total - term if place % 2 else total + term
        minors[rows, columns] = total
    return minors[rows, columns]
