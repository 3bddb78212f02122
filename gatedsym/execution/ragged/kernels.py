"""Kernels over packed rows: each thread takes groups of episodes, and each of their pieces is a call."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gatedsym.execution.kernels import CallShape, Kernels, Plan
from gatedsym.execution.partitions import Chunk, Partition, run_partition, segment_steps
from gatedsym.execution.ragged.rows import PackedRows, Piece, RowGroup
from gatedsym.execution.workspace import FRESH, Store
from gatedsym.ir.interface import Argument, Kind, Number, Rows
from gatedsym.runtime.memory import empty
from gatedsym.runtime.threads.pool import threads_for_call
from gatedsym.typing import Array, DType

_AT_ONCE = (Kind.RESIDUAL, Kind.WORK)  # where nothing is kept, kernels hold these for a few steps alone


class _Slot(NamedTuple):
    """The rows of one argument that a piece takes.

    Attributes
    ----------
    name : str
    rows : Rows
    delay : int
        Blocks of the past.
    base : int
        The row of a step that the array begins with.
    few : bool
        Whether it holds a few steps alone, in memory of the thread's own.
    """

    name: str
    rows: Rows
    delay: int
    base: int
    few: bool

    def view(self, array: Array, piece: Piece, group: RowGroup, number: int) -> Array:
        """The part of an array that a piece takes, as its kernel takes it."""
        if self.rows is Rows.BATCH:
            return array[group.before : group.before + piece.rows]
        if self.rows is Rows.SHARES:
            return array[number : number + 1]
        if self.rows not in (Rows.STEPS, Rows.HISTORY):
            return array
        if self.few:
            steps = min(segment_steps(piece.rows), piece.steps)
            return array[: steps * piece.rows].reshape((steps, piece.rows, *array.shape[2:]))
        place = piece.slice_of(self.delay)
        found = array[place.start - self.base : place.stop - self.base]
        return found.reshape((piece.steps + self.delay, piece.rows, *array.shape[2:]))


class PackedKernels:
    """The kernels of a cell over the packed rows of one batch.

    Parameters
    ----------
    kernels : Kernels
    rows : PackedRows
    extent : CallShape
        Of the arrays that a caller sees.
    dtype : dtype
    """

    def __init__(self, kernels: Kernels, rows: PackedRows, extent: CallShape, dtype: DType) -> None:
        self.kernels, self.rows, self.dtype = kernels, rows, dtype
        self.sizes, self.delays = extent.sizes, extent.delays
        self.one = CallShape(extent.sizes, 1, 1, extent.delays)

    def delay(self, argument: Argument) -> int:
        """Blocks of the past in front of an argument's rows."""
        if argument.rows is not Rows.HISTORY:
            return 0
        return self.delays.get(argument.tensor.rstrip("'"), 0) if argument.members else 1

    def shape(self, argument: Argument, count: int | None = None) -> tuple[int, ...]:
        """The shape of a packed array: rows of steps, an axis of length 1, its own axes; `count` steps, or all."""
        own = self.one.shape(argument)
        count = self.rows.count if count is None else count
        match argument.rows:
            case Rows.STEPS:
                return (count, *own[1:])
            case Rows.HISTORY:
                return (count + self.delay(argument) * self.rows.episode_count, *own[1:])
            case Rows.BATCH:
                return (self.rows.episode_count, *own[1:])
            case Rows.SHARES:
                return (len(self.rows.groups), *own[1:])
            case _:
                return own

    def allocate(
        self, arguments: Iterable[Argument], store: Store = FRESH, zero: bool = False, count: int | None = None
    ) -> dict[str, Array]:
        """Arrays for some arguments, set to zero or not."""
        make = store.zeros if zero else store.empty
        whole = np.dtype(np.int64)
        return {
            a.name: make(a.name, self.shape(a, count), whole if a.kind is Kind.EXPONENTS else self.dtype)
            for a in arguments
        }

    def run(
        self,
        kernel: str,
        arrays: Mapping[str, Array],
        threads: int | None,
        *,
        backward: bool = False,
        inputs: bool = True,
        kept: bool = True,
        groups: range | None = None,
    ) -> None:
        """Run a kernel.

        Parameters
        ----------
        kernel : str
        arrays : mapping of str to array
            All but those that it holds for a few steps alone.
        threads : int, optional
        backward : bool
            Whether it goes from the last step to the first.
        inputs : bool
            Whether anybody wants the adjoints of inputs.
        kept : bool
            False: what it computes on the way is not kept, and `arrays` need not have it.
        groups : range, optional
            Of these groups; arrays of work then begin with the first one's rows.
        """
        chosen = range(len(self.rows.groups)) if groups is None else groups
        plan = self.kernels.plan(kernel, CallShape(self.sizes, 1, max(1, self.rows.largest), self.delays))
        slots = self._slots(kernel, kept, self.rows.groups[chosen.start].first if len(chosen) else 0)
        work = plan.work / max(1, self.rows.largest) * sum(self.rows.groups[g].total for g in chosen)
        parts = _divide(chosen, self.rows.groups, threads_for_call(threads, work))
        call = self._call(kernel, plan, slots, arrays, parts, (backward, inputs))
        chunks: list[Chunk] = [(0, self.rows.largest, number) for number in range(len(parts))]
        run_partition(call, Partition(chunks, False), plan.has_team)

    def _slots(self, kernel: str, kept: bool, base: int) -> list[_Slot]:
        return [
            _Slot(
                a.name,
                a.rows,
                self.delay(a),
                base if a.kind is Kind.WORK else 0,
                not kept and a.kind in _AT_ONCE and a.rows is Rows.STEPS,
            )
            for a in self.kernels.signature(kernel).arrays
        ]

    def _call(
        self,
        kernel: str,
        plan: Plan,
        slots: list[_Slot],
        arrays: Mapping[str, Array],
        parts: Sequence[Sequence[int]],
        choices: tuple[bool, bool],
    ) -> Callable[[Chunk, tuple[Array, ...]], None]:
        """The work of one thread: its groups, one piece after the other."""
        function, signature = getattr(self.kernels.module, kernel), self.kernels.signature(kernel)
        shapes = {a.name: self.shape(a, self._few()) for a in signature.arrays}
        backward, inputs = choices

        def call(chunk: Chunk, team: tuple[Array, ...]) -> None:
            own = {s.name: empty(shapes[s.name], self.dtype) for s in slots if s.few}
            given = [(slot, own[slot.name] if slot.few else arrays[slot.name]) for slot in slots]
            room = plan.thread_scratch(tuple(array for _, array in given))
            for number in parts[chunk[2]]:
                group = self.rows.groups[number]
                for piece in reversed(group.pieces) if backward else group.pieces:
                    known = {
                        Number.SEGMENT: segment_steps(piece.rows),
                        Number.SHARE: group.rows,
                        Number.INPUTS: int(inputs),
                    }
                    middle = [known[n] for n in signature.numbers if n in known]
                    taken = [slot.view(array, piece, group, number) for slot, array in given]
                    function(piece.steps, 0, piece.rows, *middle, *team, *plan.sizes, *taken, *room)

        return call

    def _few(self) -> int:
        """Rows of the steps that a piece takes at once, at most."""
        pieces = [piece for group in self.rows.groups for piece in group.pieces]
        return max((min(segment_steps(p.rows), p.steps) * p.rows for p in pieces), default=0)

    def run_gradients(self, arrays: Mapping[str, Array], threads: int | None, groups: range) -> None:
        """Add what the steps of some groups add to gradients of matrices; arrays of work begin with these groups."""
        chosen = [self.rows.groups[number] for number in groups]
        first, count = chosen[0].first, sum(group.total for group in chosen)
        signature = self.kernels.signature("gradients")
        if not self._reads_steps_alone():
            for number in groups:
                group = self.rows.groups[number]
                for piece in group.pieces:
                    slots = self._slots("gradients", True, first)
                    views = {s.name: s.view(arrays[s.name], piece, group, number) for s in slots}
                    self._add_gradients(views, piece.steps, piece.rows, threads)
            return
        taken = dict(arrays)
        for a in signature.arrays:
            if self.delay(a):
                taken[a.name] = arrays[a.name][self.rows.now[first : first + count]]
            elif a.rows in (Rows.STEPS, Rows.HISTORY):
                start = 0 if a.kind is Kind.WORK else first
                taken[a.name] = arrays[a.name][start : start + count]
        self._add_gradients(taken, count, 1, threads)

    def _reads_steps_alone(self) -> bool:
        """Whether the gradients read no step but the one before each: then all steps can stand in one row."""
        names = {b.row for b in self.kernels.interface.gradients} | {b.column for b in self.kernels.interface.gradients}
        inputs = {part for layout in self.kernels.interface.inputs for part in layout.parts}
        read = self.kernels.signature("gradients").of_kind(Kind.STATE, Kind.INPUT)
        return all(self.delays.get(a.tensor, 0) == (a.tensor not in inputs) and a.tensor in names for a in read) and (
            not any(name.endswith("'") for name in names)
        )

    def _add_gradients(self, arrays: Mapping[str, Array], steps: int, rows: int, threads: int | None) -> None:
        plan, function = self.kernels.plan("gradients", self.one), self.kernels.module.gradients
        given, chunks = plan.pick(arrays), threads_for_call(threads, plan.work * steps * rows)

        def call(chunk: Chunk, team: tuple[Array, ...]) -> None:
            function(steps, chunk[0], chunks, *team, *plan.sizes, *given, *plan.thread_scratch(given))

        run_partition(call, Partition([(number, number + 1) for number in range(chunks)], False), plan.has_team)


def _divide(chosen: range, groups: Sequence[RowGroup], threads: int) -> list[list[int]]:
    """The groups of each thread: the largest first, each to who has least to do."""
    parts: list[list[int]] = [[] for _ in range(max(1, min(threads, len(chosen))))]
    load = [(0, number) for number in range(len(parts))]
    for number in sorted(chosen, key=lambda g: -groups[g].total):
        least, part = heapq.heappop(load)
        parts[part].append(number)
        heapq.heappush(load, (least + groups[number].total, part))
    return parts
