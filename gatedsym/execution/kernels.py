"""Call generated kernels: allocate what they take, by their own description, and run them over chunks of the batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np

from gatedsym.execution.memo import Remembered
from gatedsym.execution.partitions import Chunk, Division, batch_share, divide_batch, run_division, stretch_steps
from gatedsym.execution.workspace import FRESH, Store
from gatedsym.runtime.jit.processor import panels_size, taken_size
from gatedsym.runtime.memory import own_room
from gatedsym.runtime.threads.pool import threads_for_call
from gatedsym.typing import Array

_ZEROED = ("adjoint", "cotangent", "gradient", "exponents", "squares")  # kernels add to these
_POINTWISE = 16  # multiply-adds that a number which is no product costs, about


@dataclass(frozen=True)
class Extent:
    """The sizes of one call.

    Attributes
    ----------
    sizes : mapping of str to int
        Of the cell's dimensions.
    steps, batch : int
    delays : mapping of str to int
        Rows of the past in front of each state and input.
    directions : int
    """

    sizes: Mapping[str, int]
    steps: int
    batch: int
    delays: Mapping[str, int]
    directions: int = 0

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """What tells extents of one cell apart."""
        return (tuple(sorted(self.sizes.items())), self.steps, self.batch, self.directions)

    def of_steps(self, steps: int) -> Extent:
        """The same for another number of steps."""
        return self if steps == self.steps else Extent(self.sizes, steps, self.batch, self.delays, self.directions)

    def lengths(self, dims: list[str]) -> tuple[int, ...]:
        """The sizes of dimensions; a name of digits is its own size."""
        return tuple(int(d) if d.isdigit() else self.sizes[d] for d in dims)

    def width(self, dims: list[str]) -> int:
        """How many entries a tensor of these dimensions has."""
        return math.prod(self.lengths(dims))

    def _piece(self, piece: list[str]) -> int:
        """Numbers that a piece of room takes: of an array, a packed operand, or the blocks of `outer_add`."""
        if piece == ["#outer"]:
            from gatedsym.runtime.matmul.products import OUTER_SIZE

            return OUTER_SIZE
        own = {"#rows": self.batch, "#directions": self.directions}
        sides, product = [0], 1
        for word in [*piece, "+"]:
            if word in "+@":
                sides[-1] += product
                product = 1
                if word == "@":
                    sides.append(0)
            else:
                product *= own[word] if word in own else self.width([word])
        return taken_size(sides[0]) if len(sides) == 1 else panels_size(*sides)

    def weights(self, argument: list[Any]) -> int:
        """Numbers of the packed operands in a kernel's room."""
        return sum(self._piece(piece) for piece in argument[4] if "@" in piece)

    def shape(self, argument: list[Any]) -> tuple[int, ...]:
        """The shape of a kernel's array argument."""
        _, kind, tensors, rows, widths, flat = argument
        if kind == "room":
            return (sum(map(self._piece, widths)),)
        delay = 1 if kind in ("exponents", "squares") else self.delays.get(tensors[0].rstrip("'"), 0)
        lead = {
            "none": (),
            "steps": (self.steps, self.batch),
            "history": (self.steps + delay, self.batch),
            "batch": (self.batch,),
            "shares": (-(-self.batch // batch_share(self.batch)),),
            "directions": (self.batch, self.directions),
            "history directions": (delay, self.batch, self.directions),
        }[rows]
        if kind == "gradient" and "@" in tensors:
            at = tensors.index("@")
            return (sum(map(self.width, widths[:at])), sum(map(self.width, widths[at + 1 :])))
        if flat:
            return (*lead, sum(map(self.width, widths)))
        return (*lead, *self.lengths(widths[0]))


@dataclass(frozen=True)
class Plan:
    """What a call of a kernel needs to know, found once for each extent.

    Attributes
    ----------
    middle, lean : tuple of int
        The kernel's arguments between its rows and its team; and where nobody wants the adjoints of inputs.
    sizes : tuple of int
        Those in front of its arrays.
    pick : callable
        From arrays by name to those that the kernel takes, in order; the room comes after them.
    shapes : dict of str to shape
    kinds : dict of str to str
    turning : dict of str to shape
        The shapes of those of a forward pass that hold the steps of a stretch alone where nothing is kept.
    sums : tuple of str
        The arrays to which each share of the batch adds in a row of its own.
    fresh : tuple of str
        Those that are neither parameters nor sums: where a caller gives none, new ones are made.
    room : int
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
    divisions : dict
        How threads divide the batch, by number of threads.
    """

    middle: tuple[int, ...]
    lean: tuple[int, ...]
    sizes: tuple[int, ...]
    pick: Callable[[Mapping[str, Array]], tuple[Array, ...]]
    shapes: dict[str, tuple[int, ...]]
    kinds: dict[str, str]
    turning: dict[str, tuple[int, ...]]
    sums: tuple[str, ...]
    fresh: tuple[str, ...]
    room: int
    like_at: int
    batch: int
    directions: int
    share: int
    has_team: bool
    weights: int
    work: float
    divisions: dict[tuple[int, int], Division] = field(default_factory=dict)

    def divide(self, threads: int, itemsize: int) -> Division:
        """Who takes which rows, and whether they are a team."""
        key = (threads, itemsize)
        if key not in self.divisions:
            size = self.weights * itemsize if self.has_team else 0
            self.divisions[key] = divide_batch(self.batch, self.share, threads, size, self.directions)
        return self.divisions[key]

    def own_room(self, given: tuple[Array, ...]) -> tuple[Array, ...]:
        """Room for a call in this thread, if the kernel wants any; of the type of its other arrays."""
        return (own_room(self.room, given[self.like_at].dtype),) if self.room else ()


class Kernels:
    """The kernels of one generated module, called with arrays by name."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.interface: dict[str, Any] = module.INTERFACE
        self._plans = Remembered()

    def arrays(self, kernel: str) -> list[list[Any]]:
        """Descriptions of a kernel's array arguments, in order."""
        found: list[list[Any]] = self.interface["kernels"][kernel]["arrays"]
        return found

    def has(self, kernel: str) -> bool:
        """Whether the module has a kernel of this name."""
        return kernel in self.interface["kernels"]

    @cached_property
    def array_names(self) -> dict[tuple[str, str], str]:
        """For a kind of argument and a tensor, what all kernels call the array.

        An input or a parameter whose uses cancel is in no kernel. A run keeps it all the same, under a name that is
        no argument's: it is shown, and the equations that name it can be computed.
        """
        unread = {
            (kind, part): f"{part} unread"
            for kind in ("input", "parameter")
            for layout in self.interface[f"{kind}s"]
            for part in layout[2]
        }
        return unread | {
            (a[1], a[2][0]): a[0]
            for kernel in self.interface["kernels"]
            for a in self.arrays(kernel)
            if a[1] in ("parameter", "state", "input", "output")
        }

    @cached_property
    def kept_places(self) -> dict[str, tuple[str, int, list[list[str]]]]:
        """For each tensor that the forward pass keeps the array, which of its members it is, and the widths of all."""
        kept = [a for a in self.arrays("forward") if a[1] == "kept"]
        return {tensor: (a[0], number, a[4]) for a in kept for number, tensor in enumerate(a[2])}

    @cached_property
    def parameters(self) -> list[tuple[list[Any], list[str]]]:
        """For each parameter its layout, and what the arrays of its parts are called."""
        names = self.array_names
        return [(ly, [names["parameter", part] for part in ly[2]]) for ly in self.interface["parameters"]]

    def plan(self, kernel: str, extent: Extent) -> Plan:
        """What a call needs to know; kept for the next call of the same extent."""
        return self._plans.of((kernel, extent.key), lambda: self._make_plan(kernel, extent))

    def _make_plan(self, kernel: str, extent: Extent) -> Plan:
        spec = self.interface["kernels"][kernel]
        arguments, stretch, share = spec["arrays"], stretch_steps(extent.batch), batch_share(extent.batch)
        numbers = {"stretch": stretch, "share": share, "inputs": 1}
        words = [word for word in spec["leading"] if word in numbers]
        room = next((a for a in arguments if a[1] == "room"), None)
        short = extent.of_steps(min(stretch, extent.steps))
        return Plan(
            middle=tuple(numbers[word] for word in words),
            lean=tuple(0 if word == "inputs" else numbers[word] for word in words),
            sizes=tuple(extent.sizes[d] for d in spec["sizes"]),
            pick=_picker([a[0] for a in arguments if a[1] != "room"]),
            shapes={a[0]: extent.shape(a) for a in arguments},
            kinds={a[0]: a[1] for a in arguments},
            turning={a[0]: short.shape(a) for a in arguments if a[1] in ("kept", "work")},
            sums=tuple(a[0] for a in arguments if a[3] == "shares"),
            fresh=tuple(a[0] for a in arguments if a[1] not in ("parameter", "room") and a[3] != "shares"),
            room=0 if room is None else extent.shape(room)[0],
            like_at=next((n for n, a in enumerate(arguments) if a[1] not in ("room", "exponents")), 0),
            batch=extent.batch,
            directions=extent.directions if "d0" in spec["leading"] else 0,
            share=share,
            has_team="team" in spec["leading"],
            weights=0 if room is None else extent.weights(room),
            work=self._work_of_a_step(extent) * extent.steps * extent.batch * max(1, extent.directions),
        )

    def _work_of_a_step(self, extent: Extent) -> float:
        """Multiply-adds of a step of one sequence: each number of a matrix takes one, each other number several."""
        work = 0
        for _, kind, _, rows, widths, _ in self.arrays("forward"):
            if kind == "room":
                continue
            entries = sum(map(extent.width, widths))
            if kind == "parameter":
                work += entries if len(widths[0]) > 1 else 0
            elif rows != "none":
                work += _POINTWISE * entries
        return work

    def allocate(
        self,
        kernel: str,
        known: Mapping[str, Array],
        extent: Extent,
        dtype: Any,
        store: Store = FRESH,
    ) -> dict[str, Array]:
        """Arrays for all arguments that `known` does not give: zeros where kernels add, else uninitialised."""
        plan, arrays = self.plan(kernel, extent), dict(known)
        for name in plan.fresh:
            if name in arrays:
                continue
            kind = plan.kinds[name]
            make = store.zeros if kind in _ZEROED else store.empty
            arrays[name] = make(name, plan.shapes[name], np.int64 if kind == "exponents" else dtype)
        return arrays

    def sums(self, kernel: str, extent: Extent, dtype: Any, store: Store = FRESH) -> dict[str, Array]:
        """For each sum over time and batch that a kernel makes, zeros for each share of the batch."""
        plan = self.plan(kernel, extent)
        return {n: store.zeros(n, plan.shapes[n], dtype) for n in plan.sums}

    def run(
        self,
        kernel: str,
        arrays: Mapping[str, Array],
        extent: Extent,
        threads: int | None,
        sums: Mapping[str, Array] | None = None,
        inputs: bool = True,
    ) -> None:
        """Run a kernel over a batch; without `inputs` it leaves out what only adjoints of inputs need.

        Each share of the batch adds to its own row of `sums` (see the method of that name), and `added` adds the rows
        in their order: results do not depend on the number of threads.
        """
        if not extent.directions and "d0" in self.interface["kernels"][kernel]["leading"]:
            return  # no direction to carry
        plan, function = self.plan(kernel, extent), getattr(self.module, kernel)
        given = plan.pick({**arrays, **sums} if sums else arrays)
        middle = plan.middle if inputs else plan.lean

        def call(chunk: Chunk, team: tuple[Array, ...]) -> None:
            function(extent.steps, *chunk, *middle, *team, *plan.sizes, *given, *plan.own_room(given))

        itemsize = given[plan.like_at].itemsize
        run_division(call, plan.divide(threads_for_call(threads, plan.work), itemsize), plan.has_team)

    def run_once(self, kernel: str, arrays: Mapping[str, Array], extent: Extent) -> None:
        """Run a kernel that has no loop over steps or rows."""
        plan = self.plan(kernel, extent)
        given = plan.pick(arrays)
        getattr(self.module, kernel)(*plan.sizes, *given, *plan.own_room(given))

    def run_gradients(self, arrays: Mapping[str, Array], extent: Extent, threads: int | None) -> None:
        """Run the pass over the gradients of matrices, its rows shared among threads."""
        plan, function = self.plan("gradients", extent), self.module.gradients
        given, parts = plan.pick(arrays), threads_for_call(threads, plan.work)

        def call(chunk: Chunk, team: tuple[Array, ...]) -> None:
            function(extent.steps, chunk[0], parts, *team, *plan.sizes, *given, *plan.own_room(given))

        run_division(call, Division([(part, part + 1) for part in range(parts)], False), plan.has_team)


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
