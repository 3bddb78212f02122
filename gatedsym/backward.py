"""The backward pass over one stretch of steps after the other, the last first.

A stretch takes what the forward pass kept for its steps, and the adjoints that later steps sent to the states before
them. What is needed of a stretch alone, above all the adjoints of products, takes no more memory than the longest
stretch: so long trajectories are divided even where every step has been kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.layouts import axes_shape, block_places
from gatedsym.results import Gradients, Run
from gatedsym.workspace import Store

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.cotangents import Cotangents
    from gatedsym.runtime.call import Extent

Array = np.ndarray[Any, Any]
Stretch = tuple[int, int]

RETURNS = ("params", "inputs", "states")

_WORK = 2**26
"""Bytes that the work arrays of a stretch may take, about, or an eighth of what all steps together would take.

Every stretch packs the weights again, so stretches are long.
"""


def stretches(steps: int, length: int) -> list[Stretch]:
    """Divide the steps from 0 to `steps` into stretches of so many; the last may be shorter, and there is one."""
    return [(start, min(start + length, steps)) for start in range(0, steps, length)] or [(0, 0)]


def check_returns(returns: Iterable[str], known: tuple[str, ...]) -> frozenset[str]:
    """What a caller wants to have, as a set.

    Raises
    ------
    ArgumentError
        If it asks for something else.
    """
    wanted = [returns] if isinstance(returns, str) else list(returns)
    for name in wanted:
        if name not in known:
            raise ArgumentError(f"returns has {name!r}; choose of {', '.join(known)}")
    return frozenset(wanted)


class _Adjoint(NamedTuple):
    """Where the adjoint of one part of a state or an input lies.

    Attributes
    ----------
    part : str
    array : (T + delay, B, …), or (L + delay, B, …) where rows of one stretch of L steps are held at a time
    delay : int
    whole : bool
    takes_cotangents : bool
    """

    part: str
    array: Array
    delay: int
    whole: bool
    takes_cotangents: bool

    def open(self, start: int, stop: int, last: bool, cotangents: Cotangents) -> Array:
        """The rows of a stretch, with its cotangents and what later steps sent; `last` says that there are none."""
        length, delay = stop - start, self.delay
        if self.whole:
            rows = self.array[start : stop + delay]
        else:
            rows = self.array[: length + delay]
            if not last and delay:
                rows[length:] = self.array[:delay]
        fresh = length + delay if last else length
        if not self.takes_cotangents:
            rows[:fresh] = 0
        else:
            # Where all cotangents are known, a row begins with its own, however the steps are divided.
            cotangents.place(self.part, rows[:fresh] if cotangents.whole else rows, start - delay, fresh)
        return rows

    def head(self) -> Array:
        """The rows in front of the first step, when all steps have been passed."""
        return self.array[: self.delay]


class BackwardPass:
    """The backward pass of one run.

    Parameters
    ----------
    cell : Cell
    parameters : mapping of str to array
        As kernels take them.
    extent : Extent
        Of the whole run.
    dtype : dtype
    returns : set of str
    length : int
        Steps of the longest stretch.
    store : Store
    threads : int, optional
    """

    def __init__(
        self,
        cell: Cell,
        parameters: Mapping[str, Array],
        extent: Extent,
        dtype: Any,
        returns: frozenset[str],
        length: int,
        store: Store,
        threads: int | None,
    ) -> None:
        self.cell, self.kernels, self.parameters = cell, cell.kernels, parameters
        self.extent, self.dtype, self.returns, self.store, self.threads = extent, dtype, returns, store, threads
        self.sums = self.kernels.sums("backward", extent, dtype, store)
        self.fixed: dict[str, Array] = dict(parameters)  # the same for every stretch
        self.stretched: dict[str, Array] = {}  # (L, B, …), of which each stretch takes as many rows as it has steps
        self.adjoints: dict[str, _Adjoint] = {}
        self.of_outputs: dict[str, str] = {}
        self._allocate_passing(extent.of_steps(min(length, extent.steps)))
        self.weighs = "params" in returns and self.kernels.has("gradients")
        if self.weighs:
            plan = self.kernels.plan("gradients", extent)
            blocks = [name for name, kind in plan.kinds.items() if kind == "gradient"]
            self.fixed.update({name: store.zeros(name, plan.shapes[name], dtype) for name in blocks})

    def _allocate_passing(self, longest: Extent) -> None:
        """The arrays of adjoints: whole where they are asked for, else as long as the longest stretch."""
        key = ("passing", self.extent.key, longest.steps, self.returns)
        found = self.cell.remembered.of(key, lambda: self._describe_passing(longest))
        for name, kind, part, rows, shape, *of_adjoint in found:
            array = self.store.empty(name, shape, self.dtype)
            if kind == "adjoint":
                self.adjoints[name] = _Adjoint(part, array, *of_adjoint)
                continue
            (self.stretched if rows == "steps" else self.fixed)[name] = array
            if kind == "cotangent":
                self.of_outputs[name] = part

    def _describe_passing(self, longest: Extent) -> list[tuple[Any, ...]]:
        """Name, kind, part, rows and shape of those arrays; delay, whole and takes_cotangents of `_Adjoint`."""
        states = {part for layout in self.cell.interface["states"] for part in layout[2]}
        whole = self.kernels.plan("backward", self.extent).shapes
        short = self.kernels.plan("backward", longest).shapes
        found = []
        for name, kind, tensors, rows, *_ in self.kernels.arrays("backward"):
            if kind not in ("adjoint", "work", "cotangent"):
                continue
            part, is_state = tensors[0], tensors[0] in states
            asked = kind == "adjoint" and ("states" if is_state else "inputs") in self.returns
            shape = (whole if asked else short)[name]
            found.append((name, kind, part, rows, shape, self.extent.delays.get(part, 0), asked, is_state))
        return found

    def carry(self, start: int, stop: int, kept: Mapping[str, Array], cotangents: Cotangents) -> None:
        """Pass the steps from `start` to `stop`, after all later ones.

        Parameters
        ----------
        kept : mapping of str to array
            What the forward pass left of these steps, and of the states and inputs before them.
        cotangents : Cotangents
            Of the whole run, or of these steps.
        """
        length, last = stop - start, stop == self.extent.steps
        arrays = {**kept, **self.fixed}
        arrays.update({name: array[:length] for name, array in self.stretched.items()})
        for name, part in self.of_outputs.items():
            cotangents.place(part, arrays[name], start, length)
        for name, adjoint in self.adjoints.items():
            arrays[name] = adjoint.open(start, stop, last, cotangents)
        extent = self.extent.of_steps(length)
        self.kernels.run("backward", arrays, extent, self.threads, self.sums)
        if self.weighs:
            self.kernels.run_gradients(arrays, extent, self.threads)

    def gradients(self, batch_first: bool) -> Gradients:
        """What is asked for, when all steps have been passed."""
        params = self._parameter_gradients() if "params" in self.returns else None
        heads = {adjoint.part: adjoint.head() for adjoint in self.adjoints.values()}
        found = Gradients(self.cell, self.extent, batch_first, params, heads)
        for group in ("states", "inputs"):
            if group in self.returns:
                found.add_adjoints(group, {a.part: a.array for a in self.adjoints.values()})
        return found

    def _parameter_gradients(self) -> dict[str, Array]:
        from gatedsym.runtime.call import added

        interface, extent = self.cell.interface, self.extent
        places = self.cell.remembered.of(("places", extent.key), self._find_places)
        parts = {name: self.fixed[array][where].reshape(shape) for name, array, where, shape in places}
        arguments = self.kernels.arrays("backward")
        parts.update({a[2][0]: added(self.sums[a[0]]) for a in arguments if a[1] == "sum"})
        if self.kernels.has("finish"):
            parts.update(self._finish(parts))
        gradients = {}
        for layout in interface["parameters"]:
            if len(layout[2]) == 1:
                gradients[layout[0]] = parts[f"d_{layout[2][0]}"]
                continue
            shape = axes_shape(layout[1], extent.sizes)
            whole = gradients[layout[0]] = self.store.empty(f"gradient of {layout[0]}", shape, self.dtype)
            for part, where in block_places(layout, extent.sizes):
                whole[where] = parts[f"d_{part}"]
        return gradients

    def _find_places(self) -> list[tuple[str, str, tuple[slice, ...], tuple[int, ...]]]:
        """For each gradient of a matrix the array that holds it, where it stands there, and its shape."""
        extent, members = self.extent, self.cell.interface["members"]
        places = []
        for tensor, array, rows, row, columns, column in self.cell.interface["gradients"]:
            where = []
            for group, member in ((rows, row), (columns, column)):
                widths = [extent.width(members[m]) for m in group]
                start = sum(widths[: group.index(member)])
                where.append(slice(start, start + extent.width(members[member])))
            places.append((tensor, array, tuple(where), extent.lengths([*members[row], *members[column]])))
        return places

    def _finish(self, parts: Mapping[str, Array]) -> dict[str, Array]:
        """Gradients that follow from sums over time and batch."""
        plan, arrays = self.kernels.plan("finish", self.extent), dict(self.parameters)
        found = {}
        for name, kind, tensors, *_ in self.kernels.arrays("finish"):
            if kind == "sum":
                arrays[name] = np.asarray(parts[tensors[0]], order="C")
            elif kind == "gradient":
                arrays[name] = self.store.zeros(f"finished {name}", plan.shapes[name], self.dtype)
                found[tensors[0]] = arrays[name]
        self.kernels.run_once("finish", arrays, self.extent)
        return found


def stretch_length(cell: Cell, extent: Extent, dtype: Any) -> int:
    """How many steps of a run, all of which are kept, are passed at once: so that what only they need stays small."""

    def find() -> int:
        plan = cell.kernels.plan("backward", extent)
        work = [a[0] for a in cell.kernels.arrays("backward") if a[1] == "work" and a[3] == "steps"]
        size = sum(math.prod(plan.shapes[name]) for name in work) * int(np.dtype(dtype).itemsize)
        return max(1, extent.steps if size <= _WORK else max(extent.steps // 8, extent.steps * _WORK // size))

    return cell.remembered.of(("stretch", extent.key, dtype, _WORK), find)


def kept_rows(run: Run, start: int, stop: int) -> dict[str, Array]:
    """What the forward pass left of a stretch of steps, as the backward pass takes it."""
    if stop - start == run.extent.steps:
        return run.arrays
    rows = {}
    for name, kind, tensors, *_ in run.cell.kernels.arrays("backward"):
        if kind in ("kept", "output"):
            rows[name] = run.arrays[name][start:stop]
        elif kind in ("state", "input"):
            rows[name] = run.arrays[name][start : stop + run.extent.delays.get(tensors[0], 0)]
    return rows
