"""Call generated kernels: allocate what they take, by their own description, and run them over chunks of the batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np

from gatedsym.execution.memo import Memo
from gatedsym.execution.partitions import (
    Chunk,
    Partition,
    batch_share,
    divide_batch,
    run_partition,
    segment_steps,
)
from gatedsym.execution.workspace import FRESH, Store
from gatedsym.ir.interface import (
    Argument,
    CallSize,
    Dims,
    KernelSignature,
    Kind,
    Layout,
    Member,
    Number,
    OuterBlocks,
    PackedOperand,
    Rows,
    Scratch,
    ScratchArray,
    ScratchPiece,
    Terms,
)
from gatedsym.ir.interface_table import read_interface
from gatedsym.runtime.jit.processor import panels_size, taken_size
from gatedsym.runtime.memory import thread_scratch
from gatedsym.runtime.threads.pool import threads_for_call
from gatedsym.typing import Array, DType

_ZEROED = (Kind.ADJOINT, Kind.COTANGENT, Kind.GRADIENT, Kind.EXPONENTS, Kind.SQUARES)  # kernels add to these
_WHOLE = np.dtype(np.int64)  # the type of exponents
_POINTWISE = 16  # multiply-adds that a number which is no product costs, about


@dataclass(frozen=True)
class CallShape:
    """The sizes of one call.

    Attributes
    ----------
    sizes : mapping of str to int
        Of the cell's dimensions.
    steps, batch : int
    delays : mapping of str to int
        Rows of the past in front of each state and input.
    directions : int
    segment : int
        Steps that are taken together; 0 for as many as the size of the batch gives.
    """

    sizes: Mapping[str, int]
    steps: int
    batch: int
    delays: Mapping[str, int]
    directions: int = 0
    segment: int = 0

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """The sizes that tell calls of one cell apart."""
        return (tuple(sorted(self.sizes.items())), self.steps, self.batch, self.directions)

    def of_steps(self, steps: int) -> CallShape:
        """The same for another number of steps."""
        return self if steps == self.steps else replace(self, steps=steps)

    def lengths(self, dims: Dims) -> tuple[int, ...]:
        """The sizes of dimensions; a name of digits is its own size."""
        return tuple(self._length(d) for d in dims)

    def _length(self, dim: str) -> int:
        if dim == CallSize.ROWS:
            return self.batch
        if dim == CallSize.DIRECTIONS:
            return self.directions
        if dim == CallSize.SEGMENT:
            return self.segment or segment_steps(self.batch)
        return int(dim) if dim.isdigit() else self.sizes[dim]

    def width(self, dims: Dims) -> int:
        """The number of entries of a tensor of these dimensions."""
        return math.prod(self.lengths(dims))

    def widths(self, members: Iterable[Member]) -> int:
        """The number of entries of some tensors side by side."""
        return sum(self.width(member.dims) for member in members)

    def total(self, terms: Terms) -> int:
        """A sum of products of sizes."""
        return sum(map(self.width, terms))

    def scratch(self, scratch: Scratch | None) -> int:
        """Numbers of a kernel's scratch memory."""
        return sum(map(self._piece, scratch.pieces)) if scratch is not None else 0

    def weights(self, scratch: Scratch | None) -> int:
        """Numbers of the packed operands in a kernel's scratch memory."""
        pieces = scratch.pieces if scratch is not None else ()
        return sum(self._piece(piece) for piece in pieces if isinstance(piece, PackedOperand))

    def _piece(self, piece: ScratchPiece) -> int:
        match piece:
            case ScratchArray(size):
                return taken_size(self.total(size))
            case PackedOperand(rows, columns):
                return panels_size(self.total(rows), self.total(columns))
            case OuterBlocks():
                from gatedsym.runtime.matmul.products import OUTER_SIZE

                return OUTER_SIZE

    def shape(self, argument: Argument) -> tuple[int, ...]:
        """The shape of a kernel's array argument."""
        if argument.columns:
            return (self.widths(argument.members), self.widths(argument.columns))
        lead = self._lead(argument)
        if argument.is_flat:
            return (*lead, self.widths(argument.members))
        return (*lead, *(length for member in argument.members for length in self.lengths(member.dims)))

    def _lead(self, argument: Argument) -> tuple[int, ...]:
        """The axes in front of those of tensors."""
        delay = self.delays.get(argument.tensor.rstrip("'"), 0) if argument.members else 1
        match argument.rows:
            case Rows.NONE:
                return ()
            case Rows.STEPS:
                return (self.steps, self.batch)
            case Rows.HISTORY:
                return (self.steps + delay, self.batch)
            case Rows.BATCH:
                return (self.batch,)
            case Rows.SHARES:
                return (-(-self.batch // batch_share(self.batch)),)
            case Rows.DIRECTIONS:
                return (self.batch, self.directions)
            case Rows.HISTORY_DIRECTIONS:
                return (delay, self.batch, self.directions)


@dataclass(frozen=True)
class Plan:
    """The plan of a kernel's call, found once for each shape of a call.

    Attributes
    ----------
    middle, lean : tuple of int
        The kernel's arguments between its rows and its team; and where nobody wants the adjoints of inputs.
    sizes : tuple of int
        Those in front of its arrays.
    pick : callable
        From arrays by name to those that the kernel takes, in order; the scratch comes after them.
    shapes : dict of str to shape
    kinds : dict of str to Kind
    turning : dict of str to shape
        The shapes of those of a forward pass that hold the steps of a segment alone where nothing is kept.
    sums : tuple of str
        The arrays to which each share of the batch adds in a row of its own.
    fresh : tuple of str
        Those that are neither parameters nor sums: where a caller gives none, new ones are made.
    scratch : int
        Numbers that each call of the kernel needs for itself.
    like_at : int
        Which of the arrays has the type of all.
    batch, directions, share : int
        Rows of the batch; directions of each, of a kernel that takes some of them; rows whose sums are one.
    has_team : bool
    weights : int
        Numbers of the packed weights.
    work : float
        About how many multiply-adds the call takes.
    partitions : dict
        How threads divide the batch, by number of threads.
    """

    middle: tuple[int, ...]
    lean: tuple[int, ...]
    sizes: tuple[int, ...]
    pick: Callable[[Mapping[str, Array]], tuple[Array, ...]]
    shapes: dict[str, tuple[int, ...]]
    kinds: dict[str, Kind]
    turning: dict[str, tuple[int, ...]]
    sums: tuple[str, ...]
    fresh: tuple[str, ...]
    scratch: int
    like_at: int
    batch: int
    directions: int
    share: int
    has_team: bool
    weights: int
    work: float
    partitions: dict[tuple[int, int], Partition] = field(default_factory=dict)

    def divide(self, threads: int, itemsize: int) -> Partition:
        """The rows that each thread takes, and whether the threads are a team."""
        key = (threads, itemsize)
        if key not in self.partitions:
            size = self.weights * itemsize if self.has_team else 0
            self.partitions[key] = divide_batch(self.batch, self.share, threads, size, self.directions)
        return self.partitions[key]

    def thread_scratch(self, given: tuple[Array, ...]) -> tuple[Array, ...]:
        """Room for a call in this thread, if the kernel wants any; of the type of its other arrays."""
        return (thread_scratch(self.scratch, given[self.like_at].dtype),) if self.scratch else ()


def segment_buffers(kernels: Mapping[str, KernelSignature], kernel: str) -> list[Argument]:
    """The buffers of a kernel in which the segments of steps take turns: no other kernel reads what it leaves there.

    Parameters
    ----------
    kernels : mapping of str to KernelSignature
        All of a module.
    kernel : str
    """
    read = {a.name for a in kernels["gradients"].arrays} if kernel == "backward" and "gradients" in kernels else set()
    return [a for a in kernels[kernel].of_kind(Kind.WORK) if a.rows is Rows.STEPS and a.name not in read]


class Kernels:
    """The kernels of one generated module, called with arrays by name."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.interface = read_interface(module.INTERFACE)
        self.memo = Memo()

    def signature(self, kernel: str) -> KernelSignature:
        """The arguments of a kernel."""
        return self.interface.kernels[kernel]

    def has(self, kernel: str) -> bool:
        """Whether the module has a kernel of this name."""
        return kernel in self.interface.kernels

    @cached_property
    def array_names(self) -> dict[tuple[Kind, str], str]:
        """For a kind of argument and a tensor, what all kernels call the array.

        An input or a parameter whose uses cancel is in no kernel. A run keeps it all the same, under a name that is
        no argument's: it is shown, and the equations that name it can be computed.
        """
        groups = ((Kind.INPUT, self.interface.inputs), (Kind.PARAMETER, self.interface.parameters))
        unread = {
            (kind, part): f"{part} unread" for kind, layouts in groups for layout in layouts for part in layout.parts
        }
        kinds = (Kind.PARAMETER, Kind.STATE, Kind.INPUT, Kind.OUTPUT)
        signatures = self.interface.kernels.values()
        return unread | {(a.kind, a.tensor): a.name for signature in signatures for a in signature.of_kind(*kinds)}

    @cached_property
    def residual_places(self) -> dict[str, tuple[Argument, int]]:
        """For each tensor that the forward pass keeps the array, and which of its members it is."""
        found = self.signature("forward").of_kind(Kind.RESIDUAL)
        return {tensor: (a, number) for a in found for number, tensor in enumerate(a.tensors)}

    @cached_property
    def parameters(self) -> list[tuple[Layout, list[str]]]:
        """For each parameter its layout, and what the arrays of its parts are called."""
        names = self.array_names
        return [(ly, [names[Kind.PARAMETER, part] for part in ly.parts]) for ly in self.interface.parameters]

    def plan(self, kernel: str, call_shape: CallShape) -> Plan:
        """The plan of a call; kept for the next call of the same shape."""
        return self.memo.of((kernel, call_shape.key), lambda: self._make_plan(kernel, call_shape))

    def _make_plan(self, kernel: str, call_shape: CallShape) -> Plan:
        signature, short = (
            self.signature(kernel),
            call_shape.of_steps(min(segment_steps(call_shape.batch), call_shape.steps)),
        )
        arguments, share = signature.arrays, batch_share(call_shape.batch)
        own = {a.name for a in segment_buffers(self.interface.kernels, kernel)}
        known = {Number.SEGMENT: segment_steps(call_shape.batch), Number.SHARE: share, Number.INPUTS: 1}
        numbers = [number for number in signature.numbers if number in known]
        return Plan(
            middle=tuple(known[number] for number in numbers),
            lean=tuple(0 if number is Number.INPUTS else known[number] for number in numbers),
            sizes=tuple(call_shape.sizes[d] for d in signature.sizes),
            pick=_picker([a.name for a in arguments]),
            shapes={a.name: (short if a.name in own else call_shape).shape(a) for a in arguments},
            kinds={a.name: a.kind for a in arguments},
            turning={a.name: short.shape(a) for a in signature.of_kind(Kind.RESIDUAL, Kind.WORK)},
            sums=tuple(a.name for a in arguments if a.rows is Rows.SHARES),
            fresh=tuple(a.name for a in arguments if a.kind is not Kind.PARAMETER and a.rows is not Rows.SHARES),
            scratch=call_shape.scratch(signature.scratch),
            like_at=next((n for n, a in enumerate(arguments) if a.kind is not Kind.EXPONENTS), 0),
            batch=call_shape.batch,
            directions=call_shape.directions if Number.D0 in signature.numbers else 0,
            share=share,
            has_team=Number.TEAM in signature.numbers,
            weights=call_shape.weights(signature.scratch),
            work=self._work_of_a_step(kernel, call_shape)
            * call_shape.steps
            * call_shape.batch
            * max(1, call_shape.directions),
        )

    def _work_of_a_step(self, kernel: str, call_shape: CallShape) -> float:
        """Multiply-adds of a step of one sequence: each number of a matrix takes one, each other number several."""
        work = 0
        for argument in self.signature("forward" if self.has("forward") else kernel).arrays:
            entries = call_shape.widths(argument.members)
            if argument.kind is Kind.PARAMETER:
                work += entries if len(argument.members[0].dims) > 1 else 0
            else:
                work += _POINTWISE * entries
        return work

    def allocate(
        self,
        kernel: str,
        known: Mapping[str, Array],
        call_shape: CallShape,
        dtype: DType,
        store: Store = FRESH,
    ) -> dict[str, Array]:
        """Arrays for all arguments that `known` does not give: zeros where kernels add, else uninitialised."""
        plan, arrays = self.plan(kernel, call_shape), dict(known)
        for name in plan.fresh:
            if name in arrays:
                continue
            kind = plan.kinds[name]
            make = store.zeros if kind in _ZEROED else store.empty
            arrays[name] = make(name, plan.shapes[name], _WHOLE if kind is Kind.EXPONENTS else dtype)
        return arrays

    def sums(self, kernel: str, call_shape: CallShape, dtype: DType, store: Store = FRESH) -> dict[str, Array]:
        """For each sum over time and batch that a kernel makes, zeros for each share of the batch."""
        plan = self.plan(kernel, call_shape)
        return {n: store.zeros(n, plan.shapes[n], dtype) for n in plan.sums}

    def run(
        self,
        kernel: str,
        arrays: Mapping[str, Array],
        call_shape: CallShape,
        threads: int | None,
        sums: Mapping[str, Array] | None = None,
        inputs: bool = True,
    ) -> None:
        """Run a kernel over a batch; without `inputs` it leaves out what only adjoints of inputs need.

        Each share of the batch adds to its own row of `sums` (see the method of that name), and `added` adds the rows
        in their order: results do not depend on the number of threads.
        """
        if not call_shape.directions and Number.D0 in self.signature(kernel).numbers:
            return  # no direction to carry
        self.bound(kernel, arrays, call_shape, threads, sums, inputs)()

    def bound(
        self,
        kernel: str,
        arrays: Mapping[str, Array],
        call_shape: CallShape,
        threads: int | None,
        sums: Mapping[str, Array] | None = None,
        inputs: bool = True,
    ) -> Callable[[], None]:
        """The call of `run` with the same arguments, as often as one likes: what changes between calls are numbers."""
        plan, function = self.plan(kernel, call_shape), getattr(self.module, kernel)
        given = plan.pick({**arrays, **sums} if sums else arrays)
        middle, steps, itemsize = plan.middle if inputs else plan.lean, call_shape.steps, given[plan.like_at].itemsize

        def call(chunk: Chunk, team: tuple[Array, ...]) -> None:
            function(steps, *chunk, *middle, *team, *plan.sizes, *given, *plan.thread_scratch(given))

        def run() -> None:
            run_partition(call, plan.divide(threads_for_call(threads, plan.work), itemsize), plan.has_team)

        return run

    def run_once(self, kernel: str, arrays: Mapping[str, Array], call_shape: CallShape) -> None:
        """Run a kernel that has no loop over steps or rows."""
        plan = self.plan(kernel, call_shape)
        given = plan.pick(arrays)
        getattr(self.module, kernel)(*plan.sizes, *given, *plan.thread_scratch(given))

    def run_gradients(self, arrays: Mapping[str, Array], call_shape: CallShape, threads: int | None) -> None:
        """Run the pass over the gradients of matrices, its rows shared among threads."""
        self.bound_gradients(arrays, call_shape, threads)()

    def bound_gradients(
        self, arrays: Mapping[str, Array], call_shape: CallShape, threads: int | None
    ) -> Callable[[], None]:
        """The call of `run_gradients` with the same arguments, to be made as often as one likes."""
        plan = self.plan("gradients", call_shape)
        add = self._bound_gradients(plan, arrays, call_shape.steps)
        return lambda: add(threads_for_call(threads, plan.work))

    def add_gradients(self, plan: Plan, arrays: Mapping[str, Array], steps: int, chunks: int) -> None:
        """Run that pass over so many steps, its rows in so many chunks; `plan` is of any number of steps and rows."""
        self._bound_gradients(plan, arrays, steps)(chunks)

    def _bound_gradients(self, plan: Plan, arrays: Mapping[str, Array], steps: int) -> Callable[[int], None]:
        given, function = plan.pick(arrays), self.module.gradients

        def add(chunks: int) -> None:
            def call(chunk: Chunk, team: tuple[Array, ...]) -> None:
                function(steps, chunk[0], chunks, *team, *plan.sizes, *given, *plan.thread_scratch(given))

            run_partition(call, Partition([(number, number + 1) for number in range(chunks)], False), plan.has_team)

        return add


def _picker(names: list[str]) -> Callable[[Mapping[str, Array]], tuple[Array, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda arrays: tuple(arrays[name] for name in names)


def added(parts: Array) -> Array:
    """The sum of the parts that the chunks of a batch made, in their order; it takes the place of the first."""
    if not len(parts):
        return np.zeros(parts.shape[1:], parts.dtype)
    total: Array = parts[0, ...]
    for part in parts[1:]:
        total += part
    return total
