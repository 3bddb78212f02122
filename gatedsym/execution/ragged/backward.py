"""The backward pass over packed rows, some groups of episodes at a time, and its results as a caller sees them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple, Protocol

from gatedsym.execution.arguments import Arrays
from gatedsym.execution.backward import find_parameters, steps_at_once
from gatedsym.execution.backward_plan import plan_backward
from gatedsym.execution.layouts import join_parts
from gatedsym.execution.ragged.kernels import PackedKernels
from gatedsym.execution.ragged.rows import PackedRows
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.results import Gradients, Shown
from gatedsym.execution.workspace import Store
from gatedsym.ir.interface import Group, Kind, Layout, Rows
from gatedsym.typing import Array

_HISTORIES: tuple[Group, ...] = ("states", "inputs")


class SpreadView(NamedTuple):
    """A result that a caller sees with padding, zeros, and that lies packed.

    Attributes
    ----------
    name : str
    layout : Layout
    arrays : tuple of str
        Of its parts.
    group : {"states", "inputs", "initial"}
    delay : int
    rows : PackedRows
    sizes : mapping of str to int
    """

    name: str
    layout: Layout
    arrays: tuple[str, ...]
    group: str
    delay: int
    rows: PackedRows
    sizes: Mapping[str, int]

    def of(self, arrays: Mapping[str, Array]) -> Array:
        """The rows as a caller sees them: of the past alone, or of the steps, behind row 0 of a state."""
        parts = [self._part(arrays[name]) for name in self.arrays]
        return join_parts(self.layout, parts, self.sizes)

    def _part(self, packed: Array) -> Array:
        if self.group == "initial":
            return self._past(packed)
        ahead = int(self.group == "states")
        found = self.rows.spread(packed[self.rows.after(self.delay)], ahead)
        if ahead:
            found[0] = self._past(packed)[-1]
        return found

    def _past(self, packed: Array) -> Array:
        """Of all episodes of each sequence together, (delay, B, …)."""
        return self.rows.summed(packed[self.rows.past(self.delay), 0])


class Placed(Protocol):
    """Cotangents that are put where kernels read them; see `PackedCotangents`."""

    def add(self, part: str, array: Array) -> None:
        """Put the cotangents of a part of a state or an output into its packed rows, of zeros."""
        ...


class CarriedBack(NamedTuple):
    """The results of a backward pass over packed rows.

    Attributes
    ----------
    arrays : dict of str to array
    views : dict of str to list of Shown
        What of them `Gradients` hands out, by group.
    """

    arrays: dict[str, Array]
    views: dict[str, list[Shown]]

    def gradients(self, run: RaggedRun, store: Store) -> Gradients:
        """These as a caller sees them; they lie in a store."""
        return Gradients(run.cell, run.batch_first, self.arrays, self.views, store)


def carry_back(
    run: RaggedRun,
    parameters: Arrays,
    given: Placed,
    returns: frozenset[str],
    threads: int | None,
    store: Store,
) -> CarriedBack:
    """Carry cotangents back through all steps that there are.

    Parameters
    ----------
    run : RaggedRun
    parameters : mapping of str to array
        As kernels take them.
    given : Placed
    returns : set of str
    threads : int, optional
    store : Store
    """
    cell, packed = run.cell, run.packed
    signature = cell.kernels.signature("backward")
    key, wanted = ("packed backward plan", packed.one.key, returns), returns & {"params"}
    plan = cell.memo.of(key, lambda: plan_backward(cell, packed.one, 1, wanted))
    sums = packed.sums("backward", store)
    known = {name: store.zeros(name, shape, run.dtype) for name, shape in plan.blocks}
    adjoints = packed.allocate("backward", (Kind.ADJOINT,), store, zero=True)
    given_steps = packed.allocate("backward", (Kind.COTANGENT,), store, zero=True)
    for a in signature.of_kind(Kind.ADJOINT, Kind.COTANGENT):
        given.add(a.tensor, (adjoints | given_steps)[a.name])
    arrays = {**run.arrays, **parameters, **sums, **known, **adjoints, **given_steps}
    parts, longest = packed.memo.of("parts", lambda: _parts(packed))
    arrays |= packed.allocate("backward", (Kind.WORK,), store, count=longest)
    for groups in parts:
        packed.run("backward", arrays, threads, backward=True, inputs="inputs" in returns, groups=groups)
        if plan.blocks:
            packed.run_gradients(arrays, threads, groups)
    views = _views(run, returns)
    if "params" in returns:
        views["params"] = [*plan.results["params"]]
        adjoints |= find_parameters(cell, plan, known, sums, parameters, packed.one, store)
    return CarriedBack(adjoints, views)


def _parts(packed: PackedKernels) -> tuple[list[range], int]:
    """Groups that are taken together, and the most steps of these: arrays of work are as large as for other runs."""
    rows, turning = packed.rows, packed.turning("backward")
    of_steps = [a for a in packed.kernels.signature("backward").of_kind(Kind.WORK) if a.rows is Rows.STEPS]
    shapes = [packed.shape("backward", a, 1) for a in of_steps if a.name not in turning]
    width = sum(map(math.prod, shapes)) * packed.dtype.itemsize
    most = steps_at_once(rows.count, rows.count * width)
    edges, held = [0], 0
    for number in range(rows.group_count):
        total = rows.total([number])
        if held and held + total > most:
            edges.append(number)
            held = 0
        held += total
    parts = [range(a, b) for a, b in pairwise([*edges, rows.group_count]) if a < b]
    return parts, max(map(rows.total, parts), default=0)


def _views(run: RaggedRun, returns: frozenset[str]) -> dict[str, list[Shown]]:
    """The results but parameters, by group."""
    names = {a.tensor: a.name for a in run.cell.kernels.signature("backward").of_kind(Kind.ADJOINT)}
    found: dict[str, list[Shown]] = {g: [] for g in ("initial", *_HISTORIES) if g in returns | {"initial"}}
    for group in _HISTORIES:
        for layout in run.cell.interface.layouts(group):
            delay, arrays = run.call_shape.delays.get(layout.name, 0), tuple(names[part] for part in layout.parts)
            for shown in ("initial", group):
                if shown in found:
                    view = SpreadView(layout.name, layout, arrays, shown, delay, run.rows, run.call_shape.sizes)
                    found[shown].append(view)
    return found
