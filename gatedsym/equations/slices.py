"""Values cut at the edges of their parts: a slice of an array, and the parts that a line hands out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, product

import sympy as sp

from gatedsym.equations import syntax
from gatedsym.equations.declarations import Axes, is_size, size_of
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.scope import axis_text
from gatedsym.equations.value import Value

Axis = tuple[str, ...]


def cut(value: Value, node: syntax.Sliced, dims: frozenset[str], source: Source) -> Value:
    """The blocks of an array that slices choose.

    Raises
    ------
    EquationError
        For a slice that does not begin and end where parts do, and for more slices than axes.
    """
    if value.letters or value.row or len(node.slices) > value.rank:
        raise source.error(
            f"these slices do not fit the shape {value.shape}.", node.span, "Write one slice for each axis: a[0:n]."
        )
    ranges = [range(len(axis)) for axis in value.axes]
    for at, one in enumerate(node.slices):
        ranges[at] = _blocks(value.axes[at], one, set(dims), node, source)
    axes = tuple(tuple(axis[k] for k in chosen) for axis, chosen in zip(value.axes, ranges, strict=True))
    every = product(*(range(len(axis)) for axis in value.axes))
    places = dict(zip(every, value.parts, strict=True))
    return replace(value, axes=axes, parts=tuple(places[place] for place in product(*ranges)))


def _edges(axis: Axis) -> list[sp.Expr]:
    """Places where the parts of an axis begin, and where the last one ends."""
    sizes = [sp.Integer(dim) if dim.isdigit() else sp.Symbol(dim) for dim in axis]
    return [sp.S.Zero, *accumulate(sizes)]


def _blocks(axis: Axis, one: syntax.Slice, dims: set[str], node: syntax.Sliced, source: Source) -> range:
    """The parts between the ends of a slice."""
    edges = _edges(axis)
    ends = []
    for end, default in ((one.first, edges[0]), (one.last, edges[-1])):
        if end is not None and not is_size(end, dims):
            raise source.error("an end of a slice is a size.", end.span, "Write a[0:n] or a[n:2n].")
        ends.append(default if end is None else sp.expand(size_of(end, source)))
    first, last = ends
    if first in edges and last in edges and edges.index(first) < edges.index(last):
        return range(edges.index(first), edges.index(last))
    name = source.excerpt(node.operand.span)
    if one.first is not None and first - 1 in edges and last in edges:
        raise source.error(
            "does this slice count from 1 and take its last entry, or from 0 and stop before it?",
            one.span,
            f"Counted from 1, write {name}[{_end(first - 1)}:{_end(last)}]; from 0 it begins within a part, which a "
            f"declaration such as {name} in R^(1 + …) has to divide.",
        )
    shown = ", ".join(map(_end, edges))
    raise source.error(
        f"this slice has to begin and end where parts of {axis_text(axis)} do.",
        one.span,
        f"Its edges are {shown}; declare an axis by its parts, as in R^(4n) or R^(n+m), to cut it there.",
    )


def _end(size: sp.Expr) -> str:
    return str(size).replace("*", "").replace(" ", "")


def deal(
    value: Value, wanted: Sequence[Axes | None], span: Span, source: Source, each: sp.Expr | None = None
) -> list[Value]:
    """The parts of a vector (or of an array's rows), one for each of several names.

    Parameters
    ----------
    value : Value
    wanted : sequence of axes or None
        The shape that each name was declared with.
    span : Span
    source : Source
    each : sympy.Expr, optional
        The size that each part is said to have.

    Raises
    ------
    EquationError
        Where the parts do not go round.
    """
    counts = None if not value.rank or value.row or value.letters else _counts(value.axes[0], wanted)
    if counts is None:
        raise source.error(
            f"shape {value.shape} does not divide among {len(wanted)} names.",
            span,
            f"Give it {len(wanted)} parts: an axis such as R^({len(wanted)}n), or n+m for parts of other sizes.",
        )
    rows = len(value.parts) // len(value.axes[0])
    found, start = [], 0
    for count in counts:
        axis = value.axes[0][start : start + count]
        if each is not None and _edges(axis)[-1] != sp.expand(each):
            raise source.error(
                f"a part has size {axis_text(axis)}, not {_end(each)}.", span, "Correct the size, or leave it out."
            )
        parts = value.parts[start * rows : (start + count) * rows]
        found.append(replace(value, axes=(axis, *value.axes[1:]), parts=parts))
        start += count
    return found


def _counts(axis: Axis, wanted: Sequence[Axes | None]) -> list[int] | None:
    """Number of blocks that each name takes; None if they do not go round."""
    if len(axis) == len(wanted):
        return [1] * len(wanted)
    if all(axes for axes in wanted):
        counts = [len(axes[0]) for axes in wanted if axes]
        return counts if sum(counts) == len(axis) else None
    each, rest = divmod(len(axis), len(wanted))
    if rest or not each:
        return None
    groups = {axis[k * each : (k + 1) * each] for k in range(len(wanted))}
    return [each] * len(wanted) if len(groups) == 1 else None


def apply_column(
    value: Value, node: syntax.FunctionColumn, source: Source, apply: Callable[[int, Value], Value]
) -> Value:
    """Functions one above the other, each taken of its part of a vector."""
    parts = deal(value, [None] * len(node.functions), node.span, source)
    done = [apply(k, part) for k, part in enumerate(parts)]
    axis = tuple(dim for part in done for dim in part.axes[0])
    return replace(value, axes=(axis, *value.axes[1:]), parts=tuple(p for part in done for p in part.parts), gated=True)
