"""Gradients of long sequences in little memory: the forward pass keeps few states, the backward pass computes the rest.

The steps are divided into √T segments of √T steps. The forward pass keeps the states before each segment and forgets
what it computes on the way; the backward pass takes the last segment first, computes it again from the states before
it, and carries the adjoints through it. Memory grows with √T, and the forward pass is done twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.arguments import Call
from gatedsym.execution.backward import BackwardPass, Segment, cut_steps
from gatedsym.execution.cotangents import Cotangents
from gatedsym.execution.layouts import block_places, part_place
from gatedsym.execution.own_parameters import OwnParameters
from gatedsym.execution.results import Gradients, Run
from gatedsym.execution.workspace import Store
from gatedsym.expect import is_whole
from gatedsym.ir.interface import Kind, Rows
from gatedsym.typing import Array

CotangentsOf = Callable[[Run, int, int], Mapping[str, Any] | None]

RETURNS = ("params", "inputs", "states", "trajectory")


def divide_steps(steps: int, segments: object) -> list[Segment]:
    """The segments into which a caller divides the steps.

    Parameters
    ----------
    steps : int
    segments : int or "sqrt"
        How many; "sqrt" for as many as each has steps.

    Raises
    ------
    ArgumentError
        If `segments` is something else.
    """
    if isinstance(segments, str) and segments == "sqrt":
        return cut_steps(steps, max(1, math.isqrt(max(steps - 1, 0)) + 1))
    if not is_whole(segments) or segments < 1:
        raise ArgumentError(f"segments must be 'sqrt' or an integer of at least 1, not {segments!r}.")
    return cut_steps(steps, max(1, -(-steps // int(segments))))


class _ForwardPass:
    """The forward pass over one segment at a time, from any segment on whose first states are known."""

    def __init__(self, call: Call, parts: list[Segment], whole: bool, store: Store, threads: int | None) -> None:
        self.call, self.cell, self.kernels, self.threads = call, call.cell, call.cell.kernels, threads
        self.store, self.whole = store, whole
        self.longest = call.call_shape.of_steps(max(stop - start for start, stop in parts))
        self.own = OwnParameters(call.parameters(store), call.dtype, store)
        self.parameters = self.own.arrays
        self.before: dict[str, Array] = {}  # for each state and segment the rows in front of it
        self.arrays = self._arrays(len(parts))

    def _arrays(self, count: int) -> dict[str, Array]:
        """Arrays that a segment needs; of states and outputs all steps, if they are asked for."""
        short = self.kernels.plan("forward", self.longest).shapes
        full = self.kernels.plan("forward", self.call.call_shape).shapes
        arrays = {}
        for a in self.kernels.signature("forward").arrays:
            if a.kind in (Kind.PARAMETER, Kind.INPUT):
                continue
            shape = (full if self.whole and a.kind in (Kind.STATE, Kind.OUTPUT) else short)[a.name]
            arrays[a.name] = self.store.empty(a.name, shape, self.call.dtype)
            if a.kind is Kind.STATE:
                delay = self.call.call_shape.delays.get(a.tensor, 0)
                shape = (count, delay, *shape[1:])
                self.before[a.name] = self.store.empty(f"{a.name} before", shape, self.call.dtype)
        for layout in self.cell.interface.states:
            for part, where in block_places(layout, self.call.call_shape.sizes):
                name = self.kernels.array_names[Kind.STATE, part]
                self.call.place_past(layout.name, part_place(layout, where), self.before[name][0])
        return arrays

    def run(self, number: int, start: int, stop: int) -> Run:
        """Compute a segment, and note the states after it."""
        call_shape = self.call.call_shape.of_steps(stop - start)
        arrays = {**self.parameters, **self._inputs(start, stop)}
        for a in self.kernels.signature("forward").arrays:
            if a.kind in (Kind.PARAMETER, Kind.INPUT):
                continue
            delay = self.call.call_shape.delays.get(a.tensor, 0) if a.rows is Rows.HISTORY else 0
            first = start if self.whole and a.kind in (Kind.STATE, Kind.OUTPUT) else 0
            own = self.arrays[a.name]
            arrays[a.name] = own if a.rows is Rows.BATCH else own[first : first + stop - start + delay]
        for name, before in self.before.items():
            arrays[name][: before.shape[1]] = before[number]
        self.kernels.run("forward", arrays, call_shape, self.threads)
        for name, before in self.before.items():
            if number + 1 < len(before):
                before[number + 1] = arrays[name][len(arrays[name]) - before.shape[1] :]
        rest = {name: array for name, array in arrays.items() if name not in self.parameters}
        return Run(
            self.cell, call_shape, rest, self.own, self.call.dtype, self.call.batch_first, self.store, self.threads
        )

    def _inputs(self, start: int, stop: int) -> dict[str, Array]:
        """The rows of inputs that a segment reads; as the caller gave them where kernels can take them so."""
        call, arrays = self.call, dict[str, Array]()
        for layout in self.cell.interface.inputs:
            given, delay = call.inputs[layout.name], call.call_shape.delays.get(layout.name, 0)
            for part, where in block_places(layout, call.call_shape.sizes):
                name = self.kernels.array_names[Kind.INPUT, part]
                place = part_place(layout, where)
                if delay == 0 and place is None and call.is_fit(given):
                    arrays[name] = given[start:stop]
                    continue
                shape = (stop - start + delay, call.call_shape.batch, *(s.stop - s.start for s in where))
                rows = arrays[name] = self.store.empty(name, shape, call.dtype)
                # Row r of the history is step r - delay; those before step 0 are the past.
                past = max(0, min(delay - start, len(rows)))
                if past:
                    before = np.empty((delay, *shape[1:]), call.dtype)
                    call.place_past(layout.name, place, before)
                    rows[:past] = before[start : start + past]
                first = start + past - delay
                rows[past:] = given[(slice(first, first + len(rows) - past), slice(None), *where)]
        return arrays


def checkpointed_gradients(
    call: Call,
    cotangents: Mapping[str, Any] | CotangentsOf,
    parts: list[Segment],
    returns: frozenset[str],
    stores: tuple[Store, Store],
    threads: int | None,
) -> Gradients:
    """The gradients of a run of which only states between segments are kept.

    Parameters
    ----------
    call : Call
    cotangents : mapping, or callable
        As `Cell.gradients` takes them.
    parts : list of (start, stop)
    returns : set of str
        Of `RETURNS`.
    stores : pair of Store
        For the forward and for the backward pass.
    threads : int, optional
    """
    call_shape, cell = call.call_shape, call.cell
    given = None if callable(cotangents) else Cotangents(cell, cotangents, call_shape, call.dtype, call.batch_first)
    forward = _ForwardPass(call, parts, "trajectory" in returns, stores[0], threads)
    longest = forward.longest.steps
    back = BackwardPass(cell, forward.parameters, call_shape, call.dtype, returns, longest, stores[1], threads)
    runs = [forward.run(number, start, stop) for number, (start, stop) in enumerate(parts)][-1:]
    for number in reversed(range(len(parts))):
        start, stop = parts[number]
        run = runs.pop() if runs else forward.run(number, start, stop)
        if given is not None:
            back.carry(start, stop, run.arrays, given)
        else:
            back.carry(start, stop, run.arrays, _asked(cotangents, run, start, stop))
    found = back.gradients(call.batch_first)
    if "trajectory" in returns:
        shown = cell.kernels.signature("forward").of_kind(Kind.STATE, Kind.OUTPUT)
        found.add_trajectory({a.tensor: forward.arrays[a.name] for a in shown}, call_shape, stores[0])
    return found


def _asked(cotangents: Any, run: Run, start: int, stop: int) -> Cotangents:
    """The cotangents of a segment, from a callable; with none where it gives None."""
    given = cotangents(run, start, stop)
    return Cotangents(run.cell, {} if given is None else given, run.call_shape, run.dtype, run.batch_first, start)
