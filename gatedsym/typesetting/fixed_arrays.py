"""Arrays that the equations fix → boxes: a list of numbers as it is typed, a law by its name and its sizes."""

from __future__ import annotations

import sympy as sp

from gatedsym.ir.fixed_arrays import LAWS, VALUES, Law
from gatedsym.ir.program import Tensor
from gatedsym.typesetting.notation import (
    Box,
    Fence,
    Level,
    Name,
    Number,
    Op,
    Piece,
    Row,
    name_box,
    number,
    row,
    superscript,
)

DIGITS = 8
"""Digits of a number that is shown whole in such a list."""
MOST = 16
"""Numbers that a formula lists; of more it shows the first."""


def array_box(tensor: Tensor) -> Box:
    """``[[0, 1], [−1, 0]]``, ``lower(n)``."""
    array = tensor.array
    assert array is not None
    if array.law != VALUES:
        sizes = tensor.dims[:1] if LAWS[array.law].square else tensor.dims
        told = [_size_box(dim) for dim in sizes] + [number(n).whole() for n in array.numbers]
        return Row((name_box(array.law), Fence(_listed(told))))
    many = len(array.values) > MOST
    shown = [_rounded(value) if many else number(value.p, value.q).whole() for value in array.values]
    width = int(tensor.dims[-1])
    rows = [_bracket(shown[at : at + width], MOST) for at in range(0, len(shown), width)]
    return rows[0] if len(tensor.dims) == 1 else _bracket(rows, max(1, MOST // width))


def _rounded(value: sp.Rational) -> Box:
    """A number of a list that is not shown whole: of many digits the first four, with dots behind."""
    if len(str(abs(value.p))) + len(str(value.q)) <= DIGITS:
        return number(value.p, value.q).whole()
    text = f"{abs(float(value)):.4g}"
    mantissa, _, exponent = text.partition("e")
    box = row(Number(mantissa), Op("…"))
    if exponent:
        box = row(box, Op("·"), superscript(Number("10"), number(int(exponent)).whole()))
    return Piece(box, Level.ATOM, value < 0).whole()


def _size_box(dim: str) -> Box:
    return Number(dim) if dim.isdigit() else name_box(dim)


def _bracket(items: list[Box], most: int) -> Box:
    return Fence(_listed(items if len(items) <= most else [*items[:most], Op("…")]), "[]")


def _listed(items: list[Box]) -> Box:
    parts: list[Box] = []
    for item in items:
        parts += [Op(", "), item] if parts else [item]
    return row(*parts) if parts else Name("")


def is_listed(tensor: Tensor) -> bool:
    """Whether a tensor is a fixed array whose numbers stand in the text."""
    return tensor.array is not None and tensor.array.law == VALUES


def law_of(tensor: Tensor) -> Law:
    """The law that the entries of a fixed array follow."""
    assert tensor.array is not None
    return LAWS[tensor.array.law]
