"""Call generated kernels: allocate what they take, by their own description, and run them over chunks of the batch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gatedsym import memory
from gatedsym.remembered import Remembered
from gatedsym.runtime.pool import Chunk, batch_chunks, run_chunks, thread_count
from gatedsym.runtime.processor import panels_size
from gatedsym.workspace import FRESH, Store

Array = np.ndarray[Any, Any]

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

    def _room(self, widths: list[list[str]]) -> int:
        """Numbers that packed operands take: of each the rows, "@", the columns; "/" is between two."""
        total, sides, side = 0, [0, 0], 0
        for dims in [*widths, ["/"]]:
            if dims == ["/"]:
                total, sides, side = total + panels_size(*sides), [0, 0], 0
            elif dims == ["@"]:
                side = 1
            else:
                sides[side] += self.width(dims)
        return total

    def shape(self, argument: list[Any]) -> tuple[int, ...]:
        """The shape of a kernel's array argument."""
        _, kind, tensors, rows, widths, flat = argument
        if kind == "room":
            return (self._room(widths),)
        delay = 1 if kind in ("exponents", "squares") else self.delays.get(tensors[0].rstrip("'"), 0)
        lead = {
            "none": (),
            "steps": (self.steps, self.batch),
            "history": (self.steps + delay, self.batch),
            "batch": (self.batch,),
            "directions": (self.batch, self.directions),
            "history directions": (delay, self.batch, self.directions),
        }[rows]
        if kind == "gradient" and "@" in tensors:
            at = tensors.index("@")
            return (sum(map(self.width, widths[:at])), sum(map(self.width, widths[at + 1 :])))
        if flat:
            return (*lead, sum(map(self.width, widths)))
        return (*lead, *self.lengths(widths[0]))


class Plan(NamedTuple):
    """What a call of a kernel needs to know, found once for each extent.

    Attributes
    ----------
    sizes : tuple of int
        The kernel's arguments in front of its arrays.
    names : tuple of str
        Its arrays, in order.
    shapes : dict of str to shape
    kinds : dict of str to str
    sums : tuple of str
        The arrays that each chunk of the batch has for itself.
    fresh : tuple of str
        Those that are neither parameters nor sums: where a caller gives none, new ones are made.
    rooms : tuple of str
        Those in which each chunk packs weights.
    like : str
        One of the arrays, of the type of all.
    chunks : list of (first row, row after the last)
    work : float
        About how many multiply-adds the call takes.
    """

    sizes: tuple[int, ...]
    names: tuple[str, ...]
    shapes: dict[str, tuple[int, ...]]
    kinds: dict[str, str]
    sums: tuple[str, ...]
    fresh: tuple[str, ...]
    rooms: tuple[str, ...]
    like: str
    chunks: list[Chunk]
    work: float


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
        """For a kind of argument and a tensor, what all kernels call the array."""
        return {
            (a[1], a[2][0]): a[0]
            for kernel in self.interface["kernels"]
            for a in self.arrays(kernel)
            if a[1] in ("parameter", "state", "input", "output")
        }

    @cached_property
    def parameters(self) -> list[tuple[list[Any], list[str | None]]]:
        """For each parameter its layout, and what kernels call its parts; None if none reads it."""
        names = self.array_names
        return [(ly, [names.get(("parameter", part)) for part in ly[2]]) for ly in self.interface["parameters"]]

    def plan(self, kernel: str, extent: Extent) -> Plan:
        """What a call needs to know; kept for the next call of the same extent."""
        return self._plans.of((kernel, extent.key), lambda: self._make_plan(kernel, extent))

    def _make_plan(self, kernel: str, extent: Extent) -> Plan:
        spec = self.interface["kernels"][kernel]
        arguments = spec["arrays"]
        sizes = tuple(extent.sizes[d] for d in spec["sizes"])
        return Plan(
            sizes=(extent.directions, *sizes) if kernel == "tangent" else sizes,
            names=tuple(a[0] for a in arguments),
            shapes={a[0]: extent.shape(a) for a in arguments},
            kinds={a[0]: a[1] for a in arguments},
            sums=tuple(a[0] for a in arguments if a[1] == "sum"),
            fresh=tuple(a[0] for a in arguments if a[1] not in ("parameter", "sum", "room")),
            rooms=tuple(a[0] for a in arguments if a[1] == "room"),
            like=next((a[0] for a in arguments if a[1] not in ("sum", "room", "exponents")), ""),
            chunks=batch_chunks(extent.batch),
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
        self, kernel: str, known: Mapping[str, Array], extent: Extent, dtype: Any, store: Store = FRESH
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
        """For each sum over time and batch that a kernel makes, zeros for each chunk of the batch."""
        plan = self.plan(kernel, extent)
        return {n: store.zeros(n, (len(plan.chunks), *plan.shapes[n]), dtype) for n in plan.sums}

    def run(
        self,
        kernel: str,
        arrays: Mapping[str, Array],
        extent: Extent,
        threads: int | None,
        sums: Mapping[str, Array] | None = None,
    ) -> None:
        """Run a kernel over the chunks of a batch.

        Each chunk adds to `sums` of its own (see the method of that name), which `added` adds in the order of the
        chunks: results do not depend on the number of threads.
        """
        plan, function = self.plan(kernel, extent), getattr(self.module, kernel)
        steps, sizes = extent.steps, plan.sizes
        if not plan.sums and not plan.rooms:
            given = [arrays[name] for name in plan.names]
            run_chunks(lambda b0, b1: function(steps, b0, b1, *sizes, *given), plan.chunks, threads, plan.work)
            return
        parts = {} if sums is None else sums
        number = {chunk: n for n, chunk in enumerate(plan.chunks)}

        def call(b0: int, b1: int) -> None:
            own = {name: part[number[b0, b1], ...] for name, part in parts.items()}
            for name in plan.rooms:
                own[name] = memory.empty(plan.shapes[name], arrays[plan.like].dtype)
            given = [own[name] if name in own else arrays[name] for name in plan.names]
            function(steps, b0, b1, *sizes, *given)

        run_chunks(call, plan.chunks, threads, plan.work)

    def run_once(self, kernel: str, arrays: Mapping[str, Array], extent: Extent) -> None:
        """Run a kernel that has no loop over steps or rows."""
        plan = self.plan(kernel, extent)
        getattr(self.module, kernel)(*plan.sizes, *(arrays[name] for name in plan.names))

    def run_gradients(self, arrays: Mapping[str, Array], extent: Extent, threads: int | None) -> None:
        """Run the pass over the gradients of matrices, its rows shared among threads."""
        plan, function = self.plan("gradients", extent), self.module.gradients
        given = [arrays[name] for name in plan.names]
        parts = thread_count(threads, plan.work)

        def call(first: int, last: int) -> None:
            function(extent.steps, first, parts, *plan.sizes, *given)

        run_chunks(call, [(n, n + 1) for n in range(parts)], parts)


def added(parts: Array) -> Array:
    """The sum of the parts that the chunks of a batch made, in their order; it takes the place of the first."""
    if not len(parts):
        return np.zeros(parts.shape[1:], parts.dtype)
    total: Array = parts[0, ...]
    for part in parts[1:]:
        total += part
    return total
