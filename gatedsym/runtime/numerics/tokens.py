"""Tokens, whole numbers that name places: which one a token names, and rows that are added there in a fixed order.

Every entry of a sum is one chain of additions upwards in s, as that of a product with one-hot vectors: the same bits.
"""

from __future__ import annotations

from typing import Any

from gatedsym.runtime.jit.compile import inlined, routine

ABREAST = 16
"""Rows of a gradient that are summed side by side."""
_BLOCK = 16  # rows and columns that are copied together: their lines stay in the first cache


@inlined
def place(token: Any, size: int) -> int:
    """The place that a token names; one that names none, which calls refuse, is the nearest."""
    return min(max(int(token), 0), size - 1) if token == token else 0


@routine
def copy_columns(out: Any, matrix: Any) -> None:
    """Set row k of `out` to column k of a matrix, for every k."""
    rows, columns = matrix.shape
    for first_row in range(0, rows, _BLOCK):
        last_row = min(first_row + _BLOCK, rows)
        for first in range(0, columns, _BLOCK):
            for column in range(first, min(first + _BLOCK, columns)):
                for row in range(first_row, last_row):
                    out[column, row] = matrix[row, column]


@routine
def add_to_columns(out: Any, first: int, a: Any, tokens: Any, beside: Any) -> None:
    """Add ``a[s, first:first + R]`` to the column ``tokens[s]`` of `out` for every s, upwards.

    Parameters
    ----------
    out : array (R, N)
    first : int
        The column of `a` that belongs to the first row of `out`.
    a : array (S, ·)
    tokens : array (S,)
        Whole numbers from 0 to N - 1.
    beside : array (N, 16)
        Room for sixteen rows of `out` with the entries of a column side by side.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    rows, columns = out.shape
    fits = a.shape[0] == tokens.shape[0] and first >= 0 and first + rows <= a.shape[1]
    if not fits or beside.shape != (columns, ABREAST):
        raise ValueError("add_to_columns: out must be (R, N), a (S, first + R or more), beside (N, 16), for S tokens.")
    begin = 0
    while columns <= tokens.shape[0] and begin + ABREAST <= rows:
        _add_abreast(out[begin : begin + ABREAST], a[:, first + begin : first + begin + ABREAST], tokens, beside)
        begin += ABREAST
    for start in range(begin, rows, ABREAST):  # few tokens, or few rows: not worth the copies
        for s in range(tokens.shape[0]):
            column = place(tokens[s], columns)
            for row in range(start, min(start + ABREAST, rows)):
                out[row, column] += a[s, first + row]


@routine
def _add_abreast(out: Any, a: Any, tokens: Any, beside: Any) -> None:
    """Add the rows of `a` to the columns of sixteen rows of `out`, which are copied and brought back."""
    for column in range(out.shape[1]):
        for row in range(ABREAST):
            beside[column, row] = out[row, column]
    for s in range(tokens.shape[0]):
        sums, given = beside[place(tokens[s], out.shape[1])], a[s]
        for row in range(ABREAST):
            sums[row] += given[row]
    for column in range(out.shape[1]):
        for row in range(ABREAST):
            out[row, column] = beside[column, row]


@routine
def add_to_rows(out: Any, first: int, tokens: Any, b: Any) -> None:
    """Add ``b[s]`` to row ``tokens[s] - first`` of `out` for every s, upwards; a token of another row adds nothing.

    Parameters
    ----------
    out : array (R, N)
    first : int
        The token of the first row of `out`.
    tokens : array (S,)
    b : array (S, N)

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    rows, columns = out.shape
    if b.shape[0] != tokens.shape[0] or columns != b.shape[1]:
        raise ValueError("add_to_rows: out must be (R, N), b (S, N), and there are S tokens.")
    for s in range(tokens.shape[0]):
        row = int(tokens[s]) - first
        if 0 <= row < rows:
            for column in range(columns):
                out[row, column] += b[s, column]
