"""Program → over which axes each weight is summed: what decides how large its first values may be.

A matrix W of ``W @ x`` is summed over its last axis, of ``x @ W`` over its first, an array of three axes over one or
two. A weight that is used in two ways, ``W @ h`` here and ``W.T @ y`` there, has two sets of axes: an initialisation
takes the one that is the larger sum, so that neither result grows.
"""

from __future__ import annotations

from collections.abc import Iterable

from gatedsym.ir.program import Contraction, Layout, Program, Ref, Solve, Statement

Axes = tuple[int, ...]


def find_summed_axes(program: Program, layouts: Iterable[Layout]) -> dict[str, tuple[Axes, ...]]:
    """For each weight of two axes or more the sets of axes that contractions sum it over, in order of use.

    Parameters
    ----------
    program : Program
    layouts : iterable of Layout
        Of parameters; the blocks of a packed one are summed over the axes of the whole.

    Returns
    -------
    dict of str to tuple of tuple of int
        By the names of layouts. A weight that is not there is summed over as many entries as its last axis has, or is
        not summed.
    """
    found: dict[str, tuple[Axes, ...]] = {}
    for layout in layouts:
        axes = tuple(range(len(layout.axes)))
        ways = tuple(dict.fromkeys(way for part in layout.parts for way in _ways(program, part, axes)))
        if len(axes) > 1 and any(sorted(layout.axes[a] for a in way) != [layout.axes[-1]] for way in ways):
            found[layout.name] = ways
    return found


def _ways(program: Program, name: str, axes: tuple[int | None, ...]) -> list[Axes]:
    """The sets of axes that an array is summed over; `axes` says which axis of the weight each of its own is."""
    found: list[Axes] = []
    for statement in program.statements:
        for ref in statement.operands:
            if ref.name == name:
                found += _ways_of_use(program, statement, ref, axes)
    return found


def _ways_of_use(program: Program, statement: Statement, ref: Ref, axes: tuple[int | None, ...]) -> list[Axes]:
    at = dict(zip(ref.indices, axes, strict=True))
    if isinstance(statement, Contraction):
        summed = tuple(sorted(a for i, a in at.items() if i in statement.summed and a is not None))
        return [summed] if summed and len(summed) < len([a for a in axes if a is not None]) else []
    if statement.target.name in program.batched or (isinstance(statement, Solve) and ref != statement.right):
        return []  # the matrix of a system is square: whichever axis is summed, it is as long as the last
    if isinstance(statement, Solve):
        at[statement.unknown] = at[statement.row]
    # What parameters alone give entry by entry, a mask times a weight, is summed as the weight.
    return _ways(program, statement.target.name, tuple(at.get(i) for i in statement.target.indices))
