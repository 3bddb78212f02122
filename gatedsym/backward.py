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
from gatedsym.layouts import axes_shape, block_places, join_parts
from gatedsym.results import Gradients, Run, View
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
    """The adjoint of one part of a state or an input.

    Attributes
    ----------
    name : str
        What the backward kernel calls it.
    part : str
    shape : (T + delay, B, …), or (L + delay, B, …) where rows of one stretch of L steps are held at a time
    delay : int
    whole : bool
        Whether the rows of all steps are held.
    takes_cotangents : bool
    """

    name: str
    part: str
    shape: tuple[int, ...]
    delay: int
    whole: bool
    takes_cotangents: bool

    def open(self, array: Array, start: int, stop: int, last: bool, cotangents: Cotangents) -> Array:
        """The rows of a stretch, with its cotangents and what later steps sent; `last` says that there are none."""
        length, delay = stop - start, self.delay
        if self.whole:
            rows = array[start : stop + delay]
        else:
            rows = array[: length + delay]
            if not last and delay:
                rows[length:] = array[:delay]
        fresh = length + delay if last else length
        if not self.takes_cotangents:
            rows[:fresh].fill(0)
        else:
            # Where all cotangents are known, a row begins with its own, however the steps are divided.
            cotangents.place(self.part, rows[:fresh] if cotangents.whole else rows, start - delay, fresh)
        return rows


Shaped = tuple[str, tuple[int, ...]]


class _Passage(NamedTuple):
    """What a backward pass takes and gives, found once for an extent, a longest stretch and what is asked for.

    Attributes
    ----------
    adjoints : list of _Adjoint
    outputs : list of (array, part)
        Where cotangents of outputs go.
    stretched : list of (array, shape)
        (L, B, …), of which each stretch takes as many rows as it has steps.
    fixed : list of (array, shape)
        The same for every stretch.
    blocks : list of (array, shape)
        Gradients of matrices, to which every stretch adds.
    sources : dict of str to View
        For each gradient of a part of a parameter, and each sum that gradients follow from, where it lies.
    divided_adjoints : list of (layout, whole, adjoints)
        Of states and inputs that are several parts; `whole` says that all rows are asked for, not those of the past.
    divided_parameters : list of layout
        Of parameters that are several parts.
    results : dict of str to list of View
        What `Gradients` hands out.
    """

    adjoints: list[_Adjoint]
    outputs: list[tuple[str, str]]
    stretched: list[Shaped]
    fixed: list[Shaped]
    blocks: list[Shaped]
    sources: dict[str, View]
    divided_adjoints: list[tuple[list[Any], bool, list[_Adjoint]]]
    divided_parameters: list[list[Any]]
    results: dict[str, list[View]]


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
        key = ("passage", extent.key, length, returns)
        passage = self.passage = cell.remembered.of(key, lambda: _find_passage(cell, extent, length, returns))
        self.sums = self.kernels.sums("backward", extent, dtype, store)
        self.fixed: dict[str, Array] = dict(parameters)
        for name, shape in passage.fixed:
            self.fixed[name] = store.empty(name, shape, dtype)
        for name, shape in passage.blocks:
            self.fixed[name] = store.zeros(name, shape, dtype)
        self.stretched = {name: store.empty(name, shape, dtype) for name, shape in passage.stretched}
        self.adjoints = {a.name: store.empty(a.name, a.shape, dtype) for a in passage.adjoints}

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
        for name, array in self.stretched.items():
            arrays[name] = array[:length]
        for name, part in self.passage.outputs:
            cotangents.place(part, arrays[name], start, length)
        for adjoint in self.passage.adjoints:
            name = adjoint.name
            arrays[name] = adjoint.open(self.adjoints[name], start, stop, last, cotangents)
        extent = self.extent.of_steps(length)
        self.kernels.run("backward", arrays, extent, self.threads, self.sums)
        if self.passage.blocks:
            self.kernels.run_gradients(arrays, extent, self.threads)

    def gradients(self, batch_first: bool) -> Gradients:
        """What is asked for, when all steps have been passed."""
        arrays = dict(self.adjoints)
        self._join_adjoints(arrays)
        if "params" in self.returns:
            self._find_parameters(arrays)
        return Gradients(self.cell, batch_first, arrays, self.passage.results)

    def _join_adjoints(self, arrays: dict[str, Array]) -> None:
        """Put the wholes of states and inputs that are several parts in place of these."""
        for layout, whole, adjoints in self.passage.divided_adjoints:
            rows = [arrays.pop(a.name)[: None if whole else a.delay] for a in adjoints]
            arrays[_joined(layout[0])] = join_parts(layout, rows, self.extent.sizes)

    def _find_parameters(self, arrays: dict[str, Array]) -> None:
        """Add the arrays in which gradients of parameters lie, those that can be computed only now among them."""
        passage = self.passage
        for name, _ in passage.blocks:
            arrays[name] = self.fixed[name]
        for name, parts in self.sums.items():
            arrays[name] = parts if len(parts) == 1 else _added(parts)
        if self.kernels.has("finish"):
            self._finish(arrays)
        for layout in passage.divided_parameters:
            name, shape = _joined(layout[0]), axes_shape(layout[1], self.extent.sizes)
            whole = arrays[name] = self.store.empty(name, shape, self.dtype)
            for part, where in block_places(layout, self.extent.sizes):
                whole[where] = passage.sources[f"d_{part}"].of(arrays)

    def _finish(self, found: dict[str, Array]) -> None:
        """Add gradients that follow from sums over time and batch."""
        plan, arrays = self.kernels.plan("finish", self.extent), dict(self.parameters)
        for name, kind, tensors, *_ in self.kernels.arrays("finish"):
            if kind == "sum":
                arrays[name] = np.asarray(self.passage.sources[tensors[0]].of(found), order="C")
            elif kind == "gradient":
                arrays[name] = self.store.zeros(_finished(tensors[0]), plan.shapes[name], self.dtype)
                found[_finished(tensors[0])] = arrays[name]
        self.kernels.run_once("finish", arrays, self.extent)


def _added(parts: Array) -> Array:
    """The sum of what the chunks of a batch made, as one chunk would leave it."""
    from gatedsym.runtime.call import added

    return added(parts)[np.newaxis]


def _joined(name: str) -> str:
    """What the array is called that the gradients of the parts of a state, an input or a parameter make."""
    return f"gradient of {name}"


def _finished(tensor: str) -> str:
    """What the array is called of a gradient that follows from sums."""
    return f"finished {tensor}"


def _find_passage(cell: Cell, extent: Extent, length: int, returns: frozenset[str]) -> _Passage:
    kernels, sources = cell.kernels, _find_sources(cell, extent)
    whole = kernels.plan("backward", extent).shapes
    short = kernels.plan("backward", extent.of_steps(min(length, extent.steps))).shapes
    of_state = {part: "states" for layout in cell.interface["states"] for part in layout[2]}
    adjoints, outputs, stretched, fixed = list[_Adjoint](), list[tuple[str, str]](), list[Shaped](), list[Shaped]()
    for name, kind, tensors, rows, *_ in kernels.arrays("backward"):
        if kind == "adjoint":
            part, group = tensors[0], of_state.get(tensors[0], "inputs")
            asked = group in returns
            shape = (whole if asked else short)[name]
            adjoints.append(_Adjoint(name, part, shape, extent.delays.get(part, 0), asked, group == "states"))
        elif kind in ("work", "cotangent"):
            (stretched if rows == "steps" else fixed).append((name, short[name]))
            if kind == "cotangent":
                outputs.append((name, tensors[0]))
    return _Passage(
        adjoints,
        outputs,
        stretched,
        fixed,
        _find_blocks(cell, extent) if "params" in returns else [],
        sources,
        [
            (layout, group in returns, [a for part in layout[2] for a in adjoints if a.part == part])
            for group in ("states", "inputs")
            for layout in cell.interface[group]
            if len(layout[2]) > 1
        ],
        [layout for layout in cell.interface["parameters"] if len(layout[2]) > 1],
        _find_results(cell, extent, adjoints, sources, returns),
    )


def _find_blocks(cell: Cell, extent: Extent) -> list[Shaped]:
    if not cell.kernels.has("gradients"):
        return []
    plan = cell.kernels.plan("gradients", extent)
    return [(name, plan.shapes[name]) for name, kind in plan.kinds.items() if kind == "gradient"]


def _find_sources(cell: Cell, extent: Extent) -> dict[str, View]:
    """For each gradient of a part of a parameter, and each sum that gradients follow from, where it lies."""
    members, sources = cell.interface["members"], dict[str, View]()
    for tensor, array, rows, row, columns, column in cell.interface["gradients"]:
        where = []
        for group, member in ((rows, row), (columns, column)):
            widths = [extent.width(members[m]) for m in group]
            start = sum(widths[: group.index(member)])
            where.append(slice(start, start + extent.width(members[member])))
        shape = extent.lengths([*members[row], *members[column]])
        sources[tensor] = View(tensor, array, tuple(where), shape)
    for name, kind, tensors, *_ in cell.kernels.arrays("backward"):
        if kind == "sum":
            sources[tensors[0]] = View(tensors[0], name, (0, ...))
    if cell.kernels.has("finish"):
        for _, kind, tensors, *_ in cell.kernels.arrays("finish"):
            if kind == "gradient":
                sources[tensors[0]] = View(tensors[0], _finished(tensors[0]), (...,))
    return sources


def _find_results(
    cell: Cell, extent: Extent, adjoints: list[_Adjoint], sources: Mapping[str, View], returns: frozenset[str]
) -> dict[str, list[View]]:
    """What `Gradients` hands out, by group."""
    results: dict[str, list[View]] = {g: [] for g in ("initial", *RETURNS) if g == "initial" or g in returns}
    homes = {a.part: a.name for a in adjoints}
    for group in ("states", "inputs"):
        for name, _, parts in cell.interface[group]:
            delay, home = extent.delays.get(name, 0), homes[parts[0]] if len(parts) == 1 else _joined(name)
            results["initial"].append(View(name, home, (slice(0, delay),)))
            if group in returns:
                first = delay - 1 if group == "states" else delay
                results[group].append(View(name, home, (slice(first, None),)))
    if "params" in returns:
        for name, _, parts in cell.interface["parameters"]:
            if len(parts) == 1:
                results["params"].append(sources[f"d_{parts[0]}"]._replace(name=name))
            else:
                results["params"].append(View(name, _joined(name), (...,)))
    return results


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
