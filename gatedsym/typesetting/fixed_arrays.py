"""Arrays that the equations fix → boxes: a list of numbers as it is typed, a law by its name and its sizes."""

from __future__ import annotations

from gatedsym.ir.fixed_arrays import LAWS, VALUES
from gatedsym.ir.program import Tensor
from gatedsym.typesetting.notation import Box, Fence, Name, Number, Op, Row, name_box, number, row

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
    shown = [number(value.p, value.q).whole() for value in array.values]
    width = int(tensor.dims[-1])
    rows = [_bracket(shown[at : at + width], MOST) for at in range(0, len(shown), width)]
    return rows[0] if len(tensor.dims) == 1 else _bracket(rows, max(1, MOST // width))


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


def law_text(tensor: Tensor) -> str:
    """The entries of a fixed array in words."""
    assert tensor.array is not None
    return "its values stand in the text" if is_listed(tensor) else LAWS[tensor.array.law].text
