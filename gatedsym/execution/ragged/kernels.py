"""Kernels over packed rows: each thread takes groups of episodes, and each of their pieces is a call."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from gatedsym.execution.kernels import CallShape, Kernels, Plan, segment_buffers
from gatedsym.execution.memo import Memo
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


class _Schedule(NamedTuple):
    """The schedule of a kernel over some groups, found once for each number of threads.

    Attributes
    ----------
    order : list of array
        For each thread its pieces, in order.
    codes, table : array
        As `run_pieces` takes them.
    columns : tuple of int
        Those of the table with what the kernel takes between its rows and its team.
    few : dict of str to shape
        Arrays that the kernel holds for a few steps alone.
    is_team : bool
        Whether all threads go through all groups together.
    """

    order: list[Array]
    codes: Array
    table: Array
    columns: tuple[int, ...]
    few: dict[str, tuple[int, ...]]
    is_team: bool


class _Form(NamedTuple):
    """The form of a packed array, whatever the number of its rows.

    Attributes
    ----------
    name : str
    rows : Rows
    delay : int
        Blocks of the past in front.
    shape : tuple of int
        Of one step of one row; of what has no rows the whole.
    dtype : dtype
    """

    name: str
    rows: Rows
    delay: int
    shape: tuple[int, ...]
    dtype: DType


class PackedKernels:
    """The kernels of a cell over the packed rows of one batch.

    Parameters
    ----------
    kernels : Kernels
    rows : PackedRows
    call_shape : CallShape
        Of the arrays that a caller sees.
    dtype : dtype

    Attributes
    ----------
    memo : Memo
        What has been found out for these rows, sizes and type: it lives as long as the rows.
    facts : Memo
        What holds for any rows: it lives as long as the kernels.
    """

    def __init__(self, kernels: Kernels, rows: PackedRows, call_shape: CallShape, dtype: DType) -> None:
        self.kernels, self.rows, self.dtype = kernels, rows, dtype
        self.sizes, self.delays = call_shape.sizes, call_shape.delays
        self.one = CallShape(call_shape.sizes, 1, 1, call_shape.delays)
        key = (self.one.key, np.dtype(dtype))
        self.memo: Memo = rows.memo.of((kernels, key), Memo)
        self.facts: Memo = kernels.memo.of(("packed", key), Memo)

    def delay(self, argument: Argument) -> int:
        """Blocks of the past in front of an argument's rows."""
        if argument.rows is not Rows.HISTORY:
            return 0
        return self.delays.get(argument.tensor.rstrip("'"), 0) if argument.members else 1

    def shape(self, kernel: str, argument: Argument, count: int | None = None) -> tuple[int, ...]:
        """The shape of a packed array: rows of steps, an axis of length 1, its own axes; `count` steps, or all."""
        return self._shape(self._form(kernel, argument), count)

    def _form(self, kernel: str, argument: Argument) -> _Form:
        shape = self._shapes(kernel)[argument.name]
        dtype = np.dtype(np.int64) if argument.kind is Kind.EXPONENTS else self.dtype
        return _Form(argument.name, argument.rows, self.delay(argument), shape, dtype)

    def _shape(self, form: _Form, count: int | None = None) -> tuple[int, ...]:
        count, own = self.rows.count if count is None else count, form.shape
        match form.rows:
            case Rows.STEPS:
                return (count, *own[1:])
            case Rows.HISTORY:
                return (count + form.delay * self.rows.episode_count, *own[1:])
            case Rows.BATCH:
                return (self.rows.episode_count, *own[1:])
            case Rows.SHARES:
                return (self.rows.group_count * self.rows.shares, *own[1:])
            case _:
                return own

    def _shapes(self, kernel: str) -> dict[str, tuple[int, ...]]:
        return self.facts.of(("shapes", kernel), lambda: self.kernels.plan(kernel, self.one).shapes)

    def allocate(
        self, kernel: str, kinds: Sequence[Kind], store: Store = FRESH, zero: bool = False, count: int | None = None
    ) -> dict[str, Array]:
        """Arrays for the arguments of some kinds of a kernel, set to zero or not; `count` steps, or all.

        Buffers in which segments of steps take turns are left out: threads have their own.
        """
        make = store.zeros if zero else store.empty
        signature = self.kernels.signature(kernel)
        forms = self.facts.of(("forms", kernel, *kinds), lambda: self._forms(kernel, signature.of_kind(*kinds)))
        return {form.name: make(form.name, self._shape(form, count), form.dtype) for form in forms}

    def sums(self, kernel: str, store: Store = FRESH) -> dict[str, Array]:
        """Zeros for each sum over time and batch that a kernel makes, for each share of each group."""
        arguments = (a for a in self.kernels.signature(kernel).arrays if a.rows is Rows.SHARES)
        forms = self.facts.of(("sums", kernel), lambda: self._forms(kernel, arguments))
        return {form.name: store.zeros(form.name, self._shape(form), form.dtype) for form in forms}

    def _forms(self, kernel: str, arguments: Iterable[Argument]) -> list[_Form]:
        few = self.turning(kernel)
        return [self._form(kernel, a) for a in arguments if a.name not in few]

    def turning(self, kernel: str, kept: bool = True) -> set[str]:
        """The arrays that a kernel holds for a segment of steps alone."""
        return self.facts.of(("turning", kernel, kept), lambda: self._turning(kernel, kept))

    def _turning(self, kernel: str, kept: bool) -> set[str]:
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
        plan = self.facts.of(("plan", kernel, largest), lambda: self._plan(kernel, largest))
        count = threads_for_call(threads, plan.work / largest * self.rows.total(chosen))
        is_team = self._is_team(kernel, plan, len(chosen), count)
        size = min(count, usable_cores()) if is_team else count
        key = ("schedule", kernel, backward, inputs, kept, chosen.start, chosen.stop, size, is_team)
        schedule = self.memo.of(key, lambda: self._schedule(kernel, backward, inputs, kept, chosen, size, is_team))
        call = self._call(kernel, plan, arrays, schedule)
        chunks: list[Chunk] = [(0, largest, number) for number in range(len(schedule.order))]
        run_partition(call, Partition(chunks, is_team), plan.has_team)

    def _schedule(
        self, kernel: str, backward: bool, inputs: bool, kept: bool, chosen: range, size: int, is_team: bool
    ) -> _Schedule:
        parts = [list(chosen)] * size if is_team else self._divide(chosen, size)
        order = [self._pieces_of(part, backward) for part in parts]
        base = int(self.rows.first[chosen.start]) if len(chosen) else 0
        known = ("codes", kernel, kept, base, self.rows.shares)
        codes, columns, turning = self.facts.of(known, lambda: self._codes(kernel, kept, base))
        few = {form.name: self._shape(form, self.rows.longest_segment) for form in turning}
        return _Schedule(order, codes, self._table(inputs), columns, few, is_team)

    def _plan(self, kernel: str, rows: int) -> Plan:
        return self.kernels.plan(kernel, CallShape(self.sizes, 1, rows, self.delays))

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

    def _codes(self, kernel: str, kept: bool, base: int) -> tuple[Array, tuple[int, ...], list[_Form]]:
        """The parts of each array that a piece takes, as `run_pieces` reads them; columns; arrays for a few steps."""
        found, few, signature = [], self.turning(kernel, kept), self.kernels.signature(kernel)
        for a in signature.arrays:
            code = pieces.A_FEW if a.name in few else _CODES.get(a.rows, pieces.AS_IT_IS)
            many = self.rows.shares if code == pieces.PER_GROUP else self.delay(a)
            found.append((code, many, base if a.kind is Kind.WORK else 0))
        columns = tuple(_COLUMNS[number] for number in signature.numbers if number in _COLUMNS)
        turning = [self._form(kernel, a) for a in signature.arrays if a.name in few]
        return np.array(found, np.int64), columns, turning

    def _call(
        self, kernel: str, plan: Plan, arrays: Mapping[str, Array], schedule: _Schedule
    ) -> Callable[[Chunk, tuple[Array, ...]], None]:
        """The work of one thread: its groups, one piece after the other."""
        function = getattr(self.kernels.module, kernel)
        order, codes, table, columns, few, is_team = schedule

        def call(chunk: Chunk, team: tuple[Array, ...]) -> None:
            if is_team and chunk[2] and team[0][0] == 1:
                return  # there were no threads for a team: the first member has done all of it
            own = {name: empty(shape, self.dtype) for name, shape in few.items()}
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

    def run_gradients(self, arrays: Mapping[str, Array], threads: int | None, groups: range) -> None:
        """Add what the steps of some groups add to gradients of matrices; arrays of work begin with these groups."""
        first, count = int(self.rows.first[groups.start]), self.rows.total(groups)
        signature = self.kernels.signature("gradients")
        if self.facts.of("reads", lambda: (self._reads_steps_alone(),))[0]:
            taken = dict(arrays)
            for a in signature.arrays:
                if self.delay(a):
                    taken[a.name] = arrays[a.name].take(self.rows.now[first : first + count], axis=0, mode="clip")
                elif a.rows in (Rows.STEPS, Rows.HISTORY):
                    start = 0 if a.kind is Kind.WORK else first
                    taken[a.name] = arrays[a.name][start : start + count]
            self._add_gradients(taken, count, count, threads)
            return
        codes, _, _ = self._codes("gradients", True, first)
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
        plan = self.facts.of("gradients", lambda: self.kernels.plan("gradients", self.one))
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
