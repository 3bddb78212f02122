"""Gradients of long sequences of unlike length in little memory: as `execution.checkpointing`, by packed rows.

Of each segment of steps there is a run of its own: its sequences begin with what the segment before left of them, or
with the initial state where an episode begins. What they send back goes the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gatedsym.execution.arguments import Call
from gatedsym.execution.backward import Segment
from gatedsym.execution.checkpointing import CotangentsOf
from gatedsym.execution.complex_arrays import in_pairs
from gatedsym.execution.cotangents import END, GivenCotangents, find_cotangents
from gatedsym.execution.layouts import axes_shape, join_parts
from gatedsym.execution.own_parameters import OwnParameters
from gatedsym.execution.ragged.backward import CarriedBack, Placed, carry_back
from gatedsym.execution.ragged.cotangents import PackedCotangents, check_own_times
from gatedsym.execution.ragged.forward import check_numbers, pack_rows, packed_histories, run_rows
from gatedsym.execution.ragged.kernels import PackedKernels
from gatedsym.execution.ragged.lengths import divide_sequences
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.results import Gradients, View
from gatedsym.execution.workspace import Store
from gatedsym.ir.interface import Group, Kind
from gatedsym.typing import Array

_HISTORIES: tuple[Group, ...] = ("states", "inputs")


class _ForwardPass:
    """The forward pass over one segment at a time, from any on whose first states are known."""

    def __init__(self, call: Call, lengths: object, resets: object, store: Store, threads: int | None) -> None:
        self.call, self.store, self.threads, shape = call, store, threads, call.call_shape
        episodes = divide_sequences(lengths, resets, shape.steps, shape.batch, call.batch_first)
        self.lengths, self.begins = episodes.lengths, np.zeros((shape.steps, shape.batch), bool)
        later = episodes.start > 0
        self.begins[episodes.start[later], episodes.sequence[later]] = True
        check_numbers(call, self.lengths)
        self.own = OwnParameters(call.parameters(store), call.dtype, store)
        self.before: dict[int, dict[str, Array]] = {}  # by a segment's first step, what it begins with

    def continues(self, start: int) -> Array:
        """Whether each sequence goes on at a step with what was before, (B,)."""
        return ~self.begins[start] if start else np.zeros(len(self.lengths), bool)

    def run(self, start: int, stop: int) -> RaggedRun:
        """Compute a segment, and note what it leaves."""
        call = self.call.part(start, stop)
        lengths, shape = np.clip(self.lengths - start, 0, stop - start), call.call_shape
        rows = pack_rows(call, divide_sequences(lengths, self.begins[start:stop], shape.steps, shape.batch, False))
        packed = PackedKernels(call.cell.kernels, rows, shape, call.dtype)
        arrays = packed_histories(call, rows, self.store)
        going_on = np.flatnonzero(self.continues(start))
        for name, left in self.before.get(start, {}).items():
            arrays[name][rows.past(len(left))[:, rows.begin_with][:, going_on], 0] = left[:, going_on]
        run = run_rows(call, packed, arrays, self.own, True, self.threads, self.store)
        self.before[stop] = {name: run.arrays[name][rows.final(delay), 0] for name, delay in self.histories() if delay}
        return run

    def histories(self) -> list[tuple[str, int]]:
        """The arrays of states and inputs, and how many rows of the past each has."""
        return [(history.array, history.delay) for history in self.call.histories]


class _Segmented:
    """The cotangents of a whole run, segment by segment.

    Attributes
    ----------
    at_start : dict of str to array
        By part of a state those of sequences without steps, (B, …), which end with their initial state.
    """

    def __init__(self, call: Call, given: Mapping[str, Any], lengths: Array) -> None:
        shape, self._lengths = call.call_shape, lengths
        found, self._places = find_cotangents(
            call.cell, in_pairs(call.cell, given), shape, call.dtype, call.batch_first
        )
        self._found = {name: self._of_whole_run(name, one) for name, one in found.items()}
        empty = (lengths == 0).reshape
        self.at_start = {
            part: np.where(empty((-1, *(1,) * (values.ndim - 1))), values, 0)
            for part, name, place in self._places
            if found[name].times is END and name in call.cell.states
            for values in [found[name].values if place is None else found[name].values[place]]
        }

    def _of_whole_run(self, name: str, given: GivenCotangents) -> GivenCotangents:
        """The same with times that are counted from the first step."""
        if given.times is END:
            return GivenCotangents(given.values[None], self._lengths[None] - 1)
        if isinstance(given.times, np.ndarray) and given.times.ndim == 2:
            check_own_times(name, given.times, self._lengths)
            return GivenCotangents(given.values, np.where(given.times < 0, given.times + self._lengths, given.times))
        return given

    def of(self, run: RaggedRun, start: int, stop: int) -> PackedCotangents:
        """Those of a segment's run."""
        part: dict[str, GivenCotangents] = {}
        for name, (values, times) in self._found.items():
            if not isinstance(times, np.ndarray):
                part[name] = GivenCotangents(values[start:stop], None)
                continue
            rows = np.zeros((stop - start, *values.shape[1:]), values.dtype)
            inside = (times >= start) & (times < stop)
            if times.ndim == 1:
                np.add.at(rows, times[inside] - start, values[inside])
            else:
                np.add.at(rows, (times[inside] - start, np.nonzero(inside)[1]), values[inside])
            part[name] = GivenCotangents(rows, None)
        return PackedCotangents.of_parts(run, part, self._places)


class _WithLater:
    """The cotangents of a segment, and what later segments sent to the states that it ends with."""

    def __init__(self, run: RaggedRun, given: Placed | None, later: Mapping[str, Array]) -> None:
        self._rows, self._given, self._later = run.rows, given, later

    def add(self, part: str, array: Array) -> None:
        """As `PackedCotangents.add`."""
        if self._given is not None:
            self._given.add(part, array)
        if part in self._later:
            sent = self._later[part]
            array[self._rows.final(len(sent)), 0] += sent


class _BackwardPass:
    """Parts that the segments, the last first, add to the gradients of the whole."""

    def __init__(self, forward: _ForwardPass, returns: frozenset[str], store: Store) -> None:
        self.forward, self.returns, self.store = forward, returns, store
        self.call = forward.call
        cell, shape = self.call.cell, self.call.call_shape
        self.later: dict[str, Array] = {}
        own = cell.interface.part_dims
        self.initial = {
            part: np.zeros((shape.delays.get(part, 0), shape.batch, *shape.lengths(own[part])), self.call.dtype)
            for layout in cell.interface.layouts("states", "inputs")
            for part in layout.parts
        }
        self.found: dict[tuple[str, str], Array] = {}
        for group in (g for g in _HISTORIES if g in returns):
            for layout in cell.interface.layouts(group):
                rows = shape.steps + (group == "states")
                self._zeros(group, layout.name, (rows, shape.batch, *axes_shape(layout.axes, shape.sizes)))
        for layout in cell.interface.parameters if "params" in returns else ():
            self._zeros("params", layout.name, axes_shape(layout.axes, shape.sizes))

    def _zeros(self, group: str, name: str, shape: tuple[int, ...]) -> None:
        self.found[group, name] = self.store.zeros(f"whole {group} {name}", shape, self.call.dtype)

    def carry(self, run: RaggedRun, given: Placed | None, start: int, stop: int) -> None:
        """Pass the steps from `start` to `stop`, after all later ones."""
        forward, wanted = self.forward, self.returns - {"trajectory"}
        placed = _WithLater(run, given, self.later)
        back = carry_back(run, forward.own.arrays, placed, wanted, forward.threads, self.store)
        for group, views in back.views.items():
            for view in views:
                if group == "params":
                    self.found[group, view.name] += view.of(back.arrays)
                elif group == "inputs":
                    self.found[group, view.name][start:stop] = view.of(back.arrays)
                elif group == "states":
                    self.found[group, view.name][start + 1 : stop + 1] = view.of(back.arrays)[1:]
        self._send(run, back, start)

    def _send(self, run: RaggedRun, back: CarriedBack, start: int) -> None:
        """Divide what comes out at the first states of episodes: to the segment before, or to the initial state."""
        rows, going_on = run.rows, self.forward.continues(start)
        for a in run.cell.kernels.signature("backward").of_kind(Kind.ADJOINT):
            if not (delay := run.call_shape.delays.get(a.tensor, 0)):
                continue
            past = back.arrays[a.name][rows.past(delay), 0]
            first = rows.begin_with[going_on]
            sent = self.later[a.tensor] = np.zeros_like(self.initial[a.tensor])
            sent[:, going_on], past[:, first] = past[:, first], 0
            self.initial[a.tensor] += rows.summed(past)

    def gradients(self, at_start: Mapping[str, Array]) -> Gradients:
        """The gradients that were asked for, when all steps have been passed."""
        cell, shape = self.call.cell, self.call.call_shape
        for part, values in at_start.items():
            self.initial[part][-1] += values
        for group in _HISTORIES:
            for layout in cell.interface.layouts(group):
                whole = join_parts(layout, [self.initial[part] for part in layout.parts], shape.sizes)
                self.found["initial", layout.name] = whole
                if group == "states" and group in self.returns:
                    self.found[group, layout.name][0] = whole[-1]
        views: dict[str, list[View]] = {kind: [] for kind in sorted(self.returns - {"trajectory"} | {"initial"})}
        for kind, name in self.found:
            views[kind].append(View(name, f"{kind} {name}", (...,)))
        arrays = {f"{kind} {name}": array for (kind, name), array in self.found.items()}
        return Gradients(cell, self.call.batch_first, arrays, views, self.store)


def ragged_checkpointed_gradients(
    call: Call,
    lengths: object,
    resets: object,
    cotangents: Mapping[str, Any] | CotangentsOf,
    parts: list[Segment],
    returns: frozenset[str],
    stores: tuple[Store, Store],
    threads: int | None,
) -> Gradients:
    """As `checkpointed_gradients`; with lengths and resets as `divide_sequences` takes them."""
    forward = _ForwardPass(call, lengths, resets, stores[0], threads)
    given = None if callable(cotangents) else _Segmented(call, cotangents, forward.lengths)
    shown = _Trajectory(call, stores[0]) if "trajectory" in returns else None
    run = None
    for start, stop in parts:
        run = forward.run(start, stop)
        if shown is not None:
            shown.note(run, start, stop)
    back = _BackwardPass(forward, returns, stores[1])
    for start, stop in reversed(parts):
        run = forward.run(start, stop) if run is None else run
        if given is not None:
            back.carry(run, given.of(run, start, stop), start, stop)
        else:
            asked = cotangents(run, start, stop)  # type: ignore[operator]
            back.carry(run, PackedCotangents(run, asked) if asked else None, start, stop)
        run = None
    found = back.gradients({} if given is None else given.at_start)
    if shown is not None:
        found.show_trajectory(shown.rows, stores[0])
    return found


class _Trajectory:
    """States (T + 1, B, …) and outputs (T, B, …) of the whole run."""

    def __init__(self, call: Call, store: Store) -> None:
        shape, self.interface = call.call_shape, call.cell.interface
        self.rows = {
            layout.name: store.zeros(
                f"whole {layout.name}",
                (shape.steps + (layout in self.interface.states), shape.batch, *axes_shape(layout.axes, shape.sizes)),
                call.dtype,
            )
            for layout in self.interface.layouts("states", "outputs")
        }

    def note(self, run: RaggedRun, start: int, stop: int) -> None:
        """Keep what a segment's run shows; the state before it is what the segment before ended with."""
        for layout in self.interface.layouts("states", "outputs"):
            found = run.rows_of(layout)
            ahead = int(layout in self.interface.states)
            self.rows[layout.name][start + ahead : stop + ahead] = found[ahead:]
            if start == 0 and ahead:
                self.rows[layout.name][0] = found[0]
