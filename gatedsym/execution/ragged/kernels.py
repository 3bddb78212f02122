"""Kernels over packed rows: each thread takes groups of episodes, and each of their pieces is a call."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from gatedsym.execution.kernels import CallShape, Kernels, Plan, segment_buffers
from gatedsym.execution.partitions import Chunk, Partition, run_partition, shares_products
from gatedsym.execution.ragged.rows import PackedRows
from gatedsym.execution.workspace import FRESH, Store
from gatedsym.ir.interface import Argument, Kind, Number, Rows
from gatedsym.runtime.jit import pieces
from gatedsym.runtime.memory import empty
from gatedsym.runtime.threads.pool import threads_for_call, usable_cores
from gatedsym.runtime.threads.team import ALONE
from gatedsym.typing import Array, DType

_CODES = {Rows.BATCH: pieces.PER_EPISODE, Rows.SHARES: pieces.PER_GROUP}
_CODES |= dict.fromkeys((Rows.STEPS, Rows.HISTORY), pieces.PER_STEP)
_COLUMNS = {Number.SEGMENT: pieces.SEGMENT, Number.SHARE: pieces.SHARE, Number.INPUTS: pieces.INPUTS}


class PackedKernels:
    """The kernels of a cell over the packed rows of one batch.

    Parameters
    ----------
    kernels : Kernels
    rows : PackedRows
    call_shape : CallShape
        Of the arrays that a caller sees.
    dtype : dtype
    """

    def __init__(self, kernels: Kernels, rows: PackedRows, call_shape: CallShape, dtype: DType) -> None:
        self.kernels, self.rows, self.dtype = kernels, rows, dtype
        self.sizes, self.delays = call_shape.sizes, call_shape.delays
        self.one = CallShape(call_shape.sizes, 1, 1, call_shape.delays)

    def delay(self, argument: Argument) -> int:
        """Blocks of the past in front of an argument's rows."""
        if argument.rows is not Rows.HISTORY:
            return 0
        return self.delays.get(argument.tensor.rstrip("'"), 0) if argument.members else 1

    def shape(self, kernel: str, argument: Argument, count: int | None = None) -> tuple[int, ...]:
        """The shape of a packed array: rows of steps, an axis of length 1, its own axes; `count` steps, or all."""
        own = self.kernels.plan(kernel, self.one).shapes[argument.name]
        count = self.rows.count if count is None else count
        match argument.rows:
            case Rows.STEPS:
                return (count, *own[1:])
            case Rows.HISTORY:
                return (count + self.delay(argument) * self.rows.episode_count, *own[1:])
            case Rows.BATCH:
                return (self.rows.episode_count, *own[1:])
            case Rows.SHARES:
                return (self.rows.group_count * self.rows.shares, *own[1:])
            case _:
                return own

    def allocate(
        self,
        kernel: str,
        arguments: Iterable[Argument],
        store: Store = FRESH,
        zero: bool = False,
        count: int | None = None,
    ) -> dict[str, Array]:
        """Arrays for some arguments of a kernel, set to zero or not; `count` steps, or all.

        Buffers in which segments of steps take turns are left out: threads have their own.
        """
        make, whole = store.zeros if zero else store.empty, np.dtype(np.int64)
        few = self.turning(kernel)
        return {
            a.name: make(a.name, self.shape(kernel, a, count), whole if a.kind is Kind.EXPONENTS else self.dtype)
            for a in arguments
            if a.name not in few
        }

    def turning(self, kernel: str, kept: bool = True) -> set[str]:
        """The arrays that a kernel holds for a segment of steps alone."""
        if kernel == "gradients":
            return set()  # it reads what the backward pass has left of all steps
        found = {a.name for a in segment_buffers(self.kernels.interface.kernels, kernel)}
        if not kept:
            found |= {a.name for a in self.kernels.signature(kernel).of_kind(Kind.RESIDUAL) if a.rows is Rows.STEPS}
        return found

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
        chosen = range(self.rows.group_count) if groups is None else groups
        largest = max(1, self.rows.largest)
        plan = self.kernels.plan(kernel, CallShape(self.sizes, 1, largest, self.delays))
        count = threads_for_call(threads, plan.work / largest * self.rows.total(chosen))
        is_team = self._is_team(kernel, plan, len(chosen), count)
        parts = [list(chosen)] * min(count, usable_cores()) if is_team else self._divide(chosen, count)
        order = [self._pieces_of(part, backward) for part in parts]
        codes = self._codes(kernel, kept, int(self.rows.first[chosen.start]) if len(chosen) else 0)
        call = self._call(kernel, plan, arrays, codes, self._table(inputs), order, is_team)
        chunks: list[Chunk] = [(0, largest, number) for number in range(len(parts))]
        run_partition(call, Partition(chunks, is_team), plan.has_team)

    def _is_team(self, kernel: str, plan: Plan, groups: int, threads: int) -> bool:
        """Whether all threads go through all groups together, and share every product."""
        weights, size = plan.weights * self.dtype.itemsize if plan.has_team else 0, min(threads, usable_cores())
        known = hasattr(getattr(self.kernels.module, kernel), "overloads")
        return known and shares_products(self.rows.episode_count, groups, size, weights)

    def _divide(self, chosen: range, threads: int) -> list[list[int]]:
        """The groups of each thread: the largest first, each to who has least to do."""
        parts: list[list[int]] = [[] for _ in range(max(1, min(threads, len(chosen))))]
        if len(parts) == 1:
            return [list(chosen)]
        load = [(0, number) for number in range(len(parts))]
        for number in sorted(chosen, key=lambda g: -self.rows.total([g])):
            least, part = heapq.heappop(load)
            parts[part].append(number)
            heapq.heappush(load, (least + self.rows.total([number]), part))
        return parts

    def _pieces_of(self, groups: Iterable[int], backward: bool) -> Array:
        """Pieces of some groups, in the order in which a kernel takes them."""
        edges = self.rows.pieces.tolist()
        ranges = [range(edges[g], edges[g + 1]) for g in groups]
        return np.fromiter(chain(*(reversed(r) if backward else r for r in ranges)), np.int64)

    def _table(self, inputs: bool) -> Array:
        table = self.rows.table
        if not inputs:
            table = table.copy()
            table[:, pieces.INPUTS] = 0
        return table

    def _codes(self, kernel: str, kept: bool, base: int) -> Array:
        """The parts of each array that a piece takes, as `run_pieces` reads them."""
        found, few = [], self.turning(kernel, kept)
        for a in self.kernels.signature(kernel).arrays:
            code = pieces.A_FEW if a.name in few else _CODES.get(a.rows, pieces.AS_IT_IS)
            many = self.rows.shares if code == pieces.PER_GROUP else self.delay(a)
            found.append((code, many, base if a.kind is Kind.WORK else 0))
        return np.array(found, np.int64)

    def _call(
        self,
        kernel: str,
        plan: Plan,
        arrays: Mapping[str, Array],
        codes: Array,
        table: Array,
        order: list[Array],
        is_team: bool,
    ) -> Callable[[Chunk, tuple[Array, ...]], None]:
        """The work of one thread: its groups, one piece after the other."""
        function, signature = getattr(self.kernels.module, kernel), self.kernels.signature(kernel)
        few = [a for a, code in zip(signature.arrays, codes, strict=True) if code[0] == pieces.A_FEW]
        columns = tuple(_COLUMNS[number] for number in signature.numbers if number in _COLUMNS)

        def call(chunk: Chunk, team: tuple[Array, ...]) -> None:
            if is_team and chunk[2] and team[0][0] == 1:
                return  # there were no threads for a team: the first member has done all of it
            own = {a.name: empty(self._segment_shape(kernel, a), self.dtype) for a in few}
            given = plan.pick({**arrays, **own} if own else arrays)
            rest = (team, plan.sizes, given, plan.thread_scratch(given))
            if hasattr(function, "overloads"):
                address = self._address(kernel, columns, *rest)
                views = np.empty((len(codes), 3), np.int64)
                pieces.run_pieces(
                    address, (team or (ALONE,))[0], table, order[chunk[2]], codes, columns, *rest[:3], views, rest[3]
                )
            else:
                _run_plain(function, table, order[chunk[2]], codes, columns, *rest)

        return call

    def _address(
        self,
        kernel: str,
        columns: tuple[int, ...],
        team: tuple[Array, ...],
        sizes: tuple[int, ...],
        given: tuple[Array, ...],
        room: tuple[Array, ...],
    ) -> int:
        """The address of a compiled kernel: one for each type of number, as all arrays are contiguous."""
        function = getattr(self.kernels.module, kernel)
        if not all(array.flags.c_contiguous for array in given):
            raise ValueError("packed arrays must be contiguous: the kernel at this address takes no others.")
        key = ("address", kernel, self.dtype)
        return self.kernels.memo.of(
            key, lambda: pieces.address_of(function, (0, 0, 0, *columns, *team, *sizes, *given, *room))
        )

    def _segment_shape(self, kernel: str, argument: Argument) -> tuple[int, ...]:
        """The shape of an array that holds the steps of a segment, of any piece."""
        table = self.rows.table
        rows = np.minimum(table[:, pieces.SEGMENT], table[:, pieces.STEPS]) * table[:, pieces.ROWS]
        return self.shape(kernel, argument, int(rows.max(initial=0)))

    def run_gradients(self, arrays: Mapping[str, Array], threads: int | None, groups: range) -> None:
        """Add what the steps of some groups add to gradients of matrices; arrays of work begin with these groups."""
        first, count = int(self.rows.first[groups.start]), self.rows.total(groups)
        signature = self.kernels.signature("gradients")
        if self._reads_steps_alone():
            taken = dict(arrays)
            for a in signature.arrays:
                if self.delay(a):
                    taken[a.name] = arrays[a.name][self.rows.now[first : first + count]]
                elif a.rows in (Rows.STEPS, Rows.HISTORY):
                    start = 0 if a.kind is Kind.WORK else first
                    taken[a.name] = arrays[a.name][start : start + count]
            self._add_gradients(taken, count, count, threads)
            return
        codes = self._codes("gradients", True, first)
        for row in self.rows.table[self._pieces_of(groups, False)].tolist():
            views = [_view(arrays[a.name], code, row) for a, code in zip(signature.arrays, codes.tolist(), strict=True)]
            named = {a.name: view for a, view in zip(signature.arrays, views, strict=True)}
            steps, rows = row[pieces.STEPS], row[pieces.ROWS]
            self._add_gradients(named, steps, steps * rows, threads)

    def _reads_steps_alone(self) -> bool:
        """Whether the gradients read no step but the one before each: then all steps can stand in one row."""
        names = {name for block in self.kernels.interface.gradients for name in (block.row, block.column)}
        inputs = {part for layout in self.kernels.interface.inputs for part in layout.parts}
        read = list(self.kernels.signature("gradients").of_kind(Kind.STATE, Kind.INPUT))
        return not any(name.endswith("'") for name in names) and all(
            self.delays.get(a.tensor, 0) == (a.tensor not in inputs) for a in read
        )

    def _add_gradients(self, arrays: Mapping[str, Array], steps: int, count: int, threads: int | None) -> None:
        """Add what so many steps add, which have so many rows together."""
        plan = self.kernels.plan("gradients", self.one)
        self.kernels.add_gradients(plan, arrays, steps, threads_for_call(threads, plan.work * count))


def _run_plain(
    function: Any,
    table: Array,
    order: Array,
    codes: Array,
    columns: tuple[int, ...],
    team: tuple[Array, ...],
    sizes: tuple[int, ...],
    given: Sequence[Array],
    room: tuple[Array, ...],
) -> None:
    """Run a kernel that is Python on some pieces."""
    facts = list(zip(given, codes.tolist(), strict=True))
    for row in table[order].tolist():
        taken = [_view(array, code, row) for array, code in facts]
        middle = [row[column] for column in columns]
        function(row[pieces.STEPS], 0, row[pieces.ROWS], *middle, *team, *sizes, *taken, *room)


def _view(array: Array, code: Sequence[int], row: Sequence[int]) -> Array:
    """The part of an array that a piece takes, as `run_pieces` finds it."""
    steps, rows = row[pieces.STEPS], row[pieces.ROWS]
    match code[0]:
        case pieces.PER_STEP:
            first = row[pieces.FIRST] + code[1] * row[pieces.SKIPPED] - code[2]
            length = steps + code[1]
        case pieces.A_FEW:
            first, length = 0, min(steps, row[pieces.SEGMENT])
        case pieces.PER_EPISODE:
            return array[row[pieces.BEFORE] : row[pieces.BEFORE] + rows]
        case pieces.PER_GROUP:
            return array[row[pieces.GROUP] * code[1] : (row[pieces.GROUP] + 1) * code[1]]
        case _:
            return array
    return array[first : first + length * rows].reshape((length, rows, *array.shape[2:]))
