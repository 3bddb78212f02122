"""Call generated kernels: allocate what they take, by their own description, and run them over chunks of the batch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatedsym.runtime.pool import batch_chunks, run_chunks

Array = np.ndarray[Any, Any]


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

    def lengths(self, dims: list[str]) -> tuple[int, ...]:
        """The sizes of dimensions; a name of digits is its own size."""
        return tuple(int(d) if d.isdigit() else self.sizes[d] for d in dims)

    def width(self, dims: list[str]) -> int:
        """How many entries a tensor of these dimensions has."""
        return math.prod(self.lengths(dims))

    def shape(self, argument: list[Any]) -> tuple[int, ...]:
        """The shape of a kernel's array argument."""
        _, kind, tensors, rows, widths, flat = argument
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


class Kernels:
    """The kernels of one generated module, called with arrays by name."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.interface: dict[str, Any] = module.INTERFACE

    def arrays(self, kernel: str) -> list[list[Any]]:
        """Descriptions of a kernel's array arguments, in order."""
        found: list[list[Any]] = self.interface["kernels"][kernel]["arrays"]
        return found

    def has(self, kernel: str) -> bool:
        """Whether the module has a kernel of this name."""
        return kernel in self.interface["kernels"]

    def allocate(self, kernel: str, known: Mapping[str, Array], extent: Extent, dtype: Any) -> dict[str, Array]:
        """Arrays for all arguments that `known` does not give: zeros where kernels add, else uninitialised."""
        arrays = dict(known)
        for argument in self.arrays(kernel):
            name, kind = argument[0], argument[1]
            if name in arrays or kind == "sum":
                continue
            zero = kind in ("adjoint", "cotangent", "gradient", "exponents", "squares")
            make = np.zeros if zero else np.empty
            arrays[name] = make(extent.shape(argument), np.int64 if kind == "exponents" else dtype)
        return arrays

    def run(
        self, kernel: str, arrays: Mapping[str, Array], extent: Extent, threads: int | None, dtype: Any
    ) -> dict[str, Array]:
        """Run a kernel over the chunks of a batch; returns the sums over time and batch that it makes.

        Each chunk adds to sums of its own, which are added in the order of the chunks: results do not depend on the
        number of threads.
        """
        function = getattr(self.module, kernel)
        spec = self.interface["kernels"][kernel]
        sizes = [extent.sizes[d] for d in spec["sizes"]]
        chunks = batch_chunks(extent.batch)
        sums = {a[0]: np.zeros((len(chunks), *extent.shape(a)), dtype) for a in spec["arrays"] if a[1] == "sum"}
        leading = [extent.directions] if kernel == "tangent" else []
        number = {chunk: n for n, chunk in enumerate(chunks)}

        def call(b0: int, b1: int) -> None:
            part = number[b0, b1]
            given = [sums[a[0]][part, ...] if a[1] == "sum" else arrays[a[0]] for a in spec["arrays"]]
            function(extent.steps, b0, b1, *leading, *sizes, *given)

        run_chunks(call, chunks, threads)
        return {name: _added(parts) for name, parts in sums.items()}

    def run_once(self, kernel: str, arrays: Mapping[str, Array], extent: Extent) -> None:
        """Run a kernel that has no loop over steps or rows."""
        spec = self.interface["kernels"][kernel]
        sizes = [extent.sizes[d] for d in spec["sizes"]]
        getattr(self.module, kernel)(*sizes, *(arrays[a[0]] for a in spec["arrays"]))

    def run_gradients(self, arrays: Mapping[str, Array], extent: Extent, threads: int | None) -> None:
        """Run the pass over the gradients of matrices, its rows shared among threads."""
        from gatedsym.runtime.pool import thread_count

        spec = self.interface["kernels"]["gradients"]
        sizes = [extent.sizes[d] for d in spec["sizes"]]
        given = [arrays[a[0]] for a in spec["arrays"]]
        count = thread_count(threads)
        parts = count if count > 1 and extent.steps * extent.batch > 64 else 1

        def call(first: int, last: int) -> None:
            self.module.gradients(extent.steps, first, parts, *sizes, *given)

        run_chunks(call, [(n, n + 1) for n in range(parts)], threads)


def _added(parts: Array) -> Array:
    total = np.zeros(parts.shape[1:], parts.dtype)
    for part in parts:
        total = total + part
    return np.asarray(total)
