"""Arrays → grids of digits, and lists of Python to paste."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from gatedsym.typesetting.in_time import whole_number
from gatedsym.typesetting.notation import Box, Grid, Number, Op, Row, Sum, superscript
from gatedsym.typing import Array

DIGITS = 4
"""Decimals of what is computed."""

_LARGE, _SMALL = 1e4, 1e-3
"""Numbers outside are printed with a power of ten: four decimals would be too many or too few."""


def array_box(array: Array | float, rows: bool = False, given: bool = False) -> Box:
    """An array as it is printed: a number, a column (a row where vectors are rows), a matrix, a column of matrices.

    Parameters
    ----------
    array : array or float
    rows : bool
        Vectors are rows.
    given : bool
        All digits, as the numbers were drawn; else `DIGITS` decimals.
    """
    array = np.asarray(array, dtype=float)
    if array.ndim == 0:
        return number_box(float(array), given)
    if array.ndim == 1:
        entries = tuple(number_box(float(v), given) for v in array)
        return Grid((entries,)) if rows else Grid(tuple((e,) for e in entries))
    if array.ndim == 2:
        return Grid(tuple(tuple(number_box(float(v), given) for v in row) for row in array))
    return Grid(tuple((array_box(part, rows, given),) for part in array))


def number_box(value: float, given: bool = False) -> Box:
    """A number in decimals; a large or a small one with a power of ten."""
    text = number_text(value, given)
    negative, text = text.startswith("-"), text.lstrip("-")
    front, _, exponent = text.partition("e")
    box: Box = Number(front)
    if exponent:
        box = Row((box, Op("·"), superscript(Number("10"), whole_number(int(exponent)))))
    return Sum(((True, box),)) if negative else box


def number_text(value: float, given: bool = False) -> str:
    """A number in decimals, as Python writes it."""
    if given:
        return f"{value:.6g}"
    if value and math.isfinite(value) and not _SMALL <= abs(value) < _LARGE:
        return f"{value:.{DIGITS - 1}e}"
    return f"{value + 0.0:.{DIGITS}f}"


def python_literal(array: Array) -> str:
    """An array as nested lists of Python."""
    array = np.asarray(array, dtype=float)
    if array.ndim == 0:
        return number_text(float(array), given=True)
    return "[" + ", ".join(python_literal(part) for part in array) + "]"


def python_dict(name: str, arrays: Mapping[str, Array]) -> str:
    """Arrays by name as a dict of Python, an array a line."""
    lines = [f"    {key!r}: {python_literal(value)}," for key, value in arrays.items()]
    return "\n".join([f"{name} = {{", *lines, "}"]) if lines else f"{name} = {{}}"
