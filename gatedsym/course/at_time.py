"""Formulas of step t → the same at a step with a number; arrays → grids of digits."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import numpy as np

from gatedsym.ir.program import BATCHLESS
from gatedsym.typesetting.notation import (
    Big,
    Box,
    Grid,
    Name,
    Number,
    Op,
    Row,
    Script,
    Sum,
    mapped,
    name_box,
    superscript,
)
from gatedsym.typesetting.pages.step import Step
from gatedsym.typing import Array

DIGITS = 4
"""Decimals of what is computed."""

_LARGE, _SMALL = 1e4, 1e-3
"""Numbers outside are printed with a power of ten: four decimals would be too many or too few."""


def at_time(box: Box, t: int, untimed: Collection[Box] = ()) -> Box:
    """A formula of step t with the number of the step for the time among its subscripts.

    Parameters
    ----------
    box : Box
    t : int
    untimed : collection of Box
        Letters without a time, whose subscript may be a t: W_t, the weights of a gate t.
    """
    if box in untimed:
        return box
    if isinstance(box, Script):
        sub = None if box.sub is None else _timed(box.sub, t)
        sup = None if box.sup is None else at_time(box.sup, t, untimed)
        return Script(at_time(box.base, t, untimed), sub, sup)
    if isinstance(box, Big):
        return Big(box.sign, box.under, at_time(box.body, t, untimed), box.over)
    return mapped(box, lambda inner: at_time(inner, t, untimed))


def untimed_letters(step: Step) -> frozenset[Box]:
    """The letters of a cell that have no time: those of parameters and constants."""
    program = step.program
    return frozenset(name_box(t.name) for t in program.tensors if t.role in BATCHLESS or t.name not in program.batched)


def _timed(sub: Box, t: int) -> Box:
    """A subscript, which ends in the time: t, t−1 or t+1 become numbers; a letter t before it is a name."""
    match sub:
        case Name("t"):
            return Number(str(t))
        case Row((Name("t"), Op("−" | "+" as sign), Number(lag))):
            return _whole(t + (int(lag) if sign == "+" else -int(lag)))
        case Row(parts):
            return Row((*parts[:-1], _timed(parts[-1], t)))
    return sub


def _whole(n: int) -> Box:
    return Number(str(n)) if n >= 0 else Row((Op("−"), Number(str(-n))))


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
        box = Row((box, Op("·"), superscript(Number("10"), _whole(int(exponent)))))
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
