"""The backward pass over one segment of steps after the other, the last first.

A segment takes what the forward pass kept for its steps, and the adjoints that later steps sent to the states before
them. What is needed of a segment alone, above all the adjoints of products, takes no more memory than the longest
segment: so long trajectories are divided even where every step has been kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.backward_plan import BackwardPlan, Placed, finished_name, joined_name, plan_backward
from gatedsym.execution.layouts import axes_shape, block_places, join_parts
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.results import Gradients, Run
from gatedsym.execution.workspace import Store
from gatedsym.expect import expect_several, shown
from gatedsym.ir.interface import Kind, Rows
from gatedsym.typing import Array, DType

if TYPE_CHECKING:
    from gatedsym.execution.kernels import CallShape

Segment = tuple[int, int]

_WORK = 2**26
"""Bytes that the work arrays of a segment may take, about, or an eighth of what all steps together would take.

Every segment packs the weights again, so segments are long.
"""


def cut_steps(steps: int, length: int) -> list[Segment]:
    """Divide the steps from 0 to `steps` into segments of so many; the last may be shorter, and there is one."""
    return [(start, min(start + length, steps)) for start in range(0, steps, length)] or [(0, 0)]


def check_returns(returns: Iterable[str], known: tuple[str, ...]) -> frozenset[str]:
    """The names of what a caller wants to have, as a set.

    Raises
    ------
    ArgumentError
        If it asks for something else.
    """
    wanted = expect_several("returns", returns, f"one of {', '.join(known)}")
    for name in wanted:
        if not isinstance(name, str) or name not in known:
            raise ArgumentError(f"returns has {shown(name)}; choose of {', '.join(known)}.")
    return frozenset(wanted)


class BackwardPass:
    """The backward pass of one run.

    Parameters
    ----------
    cell : Cell
    parameters : mapping of str to array
        As kernels take them.
    call_shape : CallShape
        Of the whole run.
    dtype : dtype
    returns : set of str
    length : int
        Steps of the longest segment.
    store : Store
    threads : int, optional
    """

    def __init__(
        self,
        cell: RecurrentCell,
        parameters: Mapping[str, Array],
        call_shape: CallShape,
        dtype: DType,
        returns: frozenset[str],
        length: int,
        store: Store,
        threads: int | None,
    ) -> None:
        self.cell, self.kernels, self.parameters = cell, cell.kernels, parameters
        self.call_shape, self.dtype, self.returns, self.store, self.threads = call_shape, dtype, returns, store, threads
        key = ("backward plan", call_shape.key, length, returns)
        plan = self.plan = cell.memo.of(key, lambda: plan_backward(cell, call_shape, length, returns))
        self.sums = self.kernels.sums("backward", call_shape, dtype, store)
        self.fixed: dict[str, Array] = dict(parameters)
        for name, shape in plan.fixed:
            self.fixed[name] = store.empty(name, shape, dtype)
        for name, shape in plan.blocks:
            self.fixed[name] = store.zeros(name, shape, dtype)
        self.segmented = {name: store.empty(name, shape, dtype) for name, shape in plan.segmented}
        self.adjoints = {a.name: store.empty(a.name, a.shape, dtype) for a in plan.adjoints}

    def carry(self, start: int, stop: int, kept: Mapping[str, Array], cotangents: Placed) -> None:
        """Pass the steps from `start` to `stop`, after all later ones.

        Parameters
        ----------
        kept : mapping of str to array
            What the forward pass left of these steps, and of the states and inputs before them.
        cotangents : Placed
            Of the whole run, or of these steps.
        """
        for call in self.bound(self.open(start, stop, kept, cotangents), stop - start):
            call()

    def bound(self, arrays: Mapping[str, Array], steps: int) -> list[Callable[[], None]]:
        """The calls of kernels that `carry` makes, of steps that have been opened."""
        call_shape = self.call_shape.of_steps(steps)
        wanted = "inputs" in self.returns
        calls = [self.kernels.bound("backward", arrays, call_shape, self.threads, self.sums, wanted)]
        if self.plan.blocks:
            calls.append(self.kernels.bound_gradients(arrays, call_shape, self.threads))
        return calls

    def open(self, start: int, stop: int, kept: Mapping[str, Array], cotangents: Placed) -> dict[str, Array]:
        """Arrays that kernels take for these steps, with cotangents placed and with what later steps sent."""
        length, last = stop - start, stop == self.call_shape.steps
        arrays = {**kept, **self.fixed}
        for name, array in self.segmented.items():
            arrays[name] = array[:length]
        for name, part in self.plan.outputs:
            cotangents.place(part, arrays[name], start, length)
        for adjoint in self.plan.adjoints:
            name = adjoint.name
            arrays[name] = adjoint.open(self.adjoints[name], start, stop, last, cotangents)
        return arrays

    def gradients(self, batch_first: bool) -> Gradients:
        """The gradients that are asked for, when all steps have been passed."""
        return Gradients(self.cell, batch_first, self.found(), self.plan.results, self.store)

    def found(self) -> dict[str, Array]:
        """The arrays in which the plan's results lie, when all steps have been passed."""
        arrays = dict(self.adjoints)
        self._join_adjoints(arrays)
        if "params" in self.returns:
            blocks, sums, plan = self.fixed, self.sums, self.plan
            arrays |= find_parameters(self.cell, plan, blocks, sums, self.parameters, self.call_shape, self.store)
        return arrays

    @property
    def in_place(self) -> bool:
        """Whether gradients lie where kernels put them, so that what `found` gives once it gives after every pass."""
        plan = self.plan
        joined = plan.divided_adjoints or plan.divided_parameters or self.kernels.has("finish")
        return not joined and all(len(parts) == 1 for parts in self.sums.values())

    def _join_adjoints(self, arrays: dict[str, Array]) -> None:
        """Put the wholes of states and inputs that are several parts in place of these."""
        for layout, whole, adjoints in self.plan.divided_adjoints:
            rows = [arrays.pop(a.name)[: None if whole else a.delay] for a in adjoints]
            arrays[joined_name(layout.name)] = join_parts(layout, rows, self.call_shape.sizes)


def find_parameters(
    cell: RecurrentCell,
    plan: BackwardPlan,
    blocks: Mapping[str, Array],
    sums: Mapping[str, Array],
    parameters: Mapping[str, Array],
    call_shape: CallShape,
    store: Store,
) -> dict[str, Array]:
    """The arrays in which gradients of parameters lie, those that can be computed only when all steps are passed too.

    Parameters
    ----------
    cell : Cell
    plan : BackwardPlan
    blocks, sums, parameters : mapping of str to array
        Gradients of matrices, sums of each share of the batch, parameters as kernels take them.
    call_shape : CallShape
    store : Store
    """
    arrays = {name: blocks[name] for name, _ in plan.blocks}
    for name, parts in sums.items():
        arrays[name] = parts if len(parts) == 1 else _added(parts)
    if cell.kernels.has("finish"):
        _finish(cell, plan, arrays, parameters, call_shape, store)
    for layout in plan.divided_parameters:
        name, shape = joined_name(layout.name), axes_shape(layout.axes, call_shape.sizes)
        found = {part: plan.sources[f"d_{part}"].of(arrays) for part in layout.parts}
        whole = arrays[name] = store.empty(name, shape, found[layout.parts[0]].dtype)
        for part, where in block_places(layout, call_shape.sizes):
            whole[where] = found[part]
    return arrays


def _finish(
    cell: RecurrentCell,
    plan: BackwardPlan,
    found: dict[str, Array],
    parameters: Mapping[str, Array],
    call_shape: CallShape,
    store: Store,
) -> None:
    """Add gradients that follow from sums over time and batch."""
    shapes, arrays = cell.kernels.plan("finish", call_shape).shapes, dict(parameters)
    for a in cell.kernels.signature("finish").arrays:
        if a.kind is Kind.SUM:
            arrays[a.name] = np.asarray(plan.sources[a.tensor].of(found), order="C")
        elif a.kind is Kind.GRADIENT:
            name = finished_name(a.tensor)
            dtype = next(iter((*found.values(), *parameters.values()))).dtype
            arrays[a.name] = found[name] = store.zeros(name, shapes[a.name], dtype)
    cell.kernels.run_once("finish", arrays, call_shape)


def _added(parts: Array) -> Array:
    """The sum of what the chunks of a batch made, as one chunk would leave it."""
    from gatedsym.execution.kernels import added

    return added(parts)[np.newaxis]


def segment_length(cell: RecurrentCell, call_shape: CallShape, dtype: DType) -> int:
    """The number of steps that a backward pass takes together: what only they need stays small."""

    def find() -> int:
        plan = cell.kernels.plan("backward", call_shape)
        work = [a.name for a in cell.kernels.signature("backward").of_kind(Kind.WORK) if a.rows is Rows.STEPS]
        size = sum(math.prod(plan.shapes[name]) for name in work) * int(np.dtype(dtype).itemsize)
        return steps_at_once(call_shape.steps, size)

    return cell.memo.of(("segment", call_shape.key, dtype, _WORK), find)


def steps_at_once(steps: int, size: int) -> int:
    """The number of steps that are taken together, if the work arrays of all would take so many bytes."""
    return max(1, steps if size <= _WORK else max(steps // 8, steps * _WORK // size))


def residual_rows(run: Run, start: int, stop: int) -> dict[str, Array]:
    """The residuals of a segment of steps, as the backward pass takes them."""
    if stop - start == run.call_shape.steps:
        return run.arrays
    rows = {}
    for a in run.cell.kernels.signature("backward").arrays:
        if a.kind in (Kind.RESIDUAL, Kind.OUTPUT):
            rows[a.name] = run.arrays[a.name][start:stop]
        elif a.kind in (Kind.STATE, Kind.INPUT):
            rows[a.name] = run.arrays[a.name][start : stop + run.call_shape.delays.get(a.tensor, 0)]
    return rows
