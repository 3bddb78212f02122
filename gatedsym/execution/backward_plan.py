"""The plan of a backward pass: found once for the sizes of a run, and followed by every call of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.results import View
from gatedsym.ir.interface import Group, Kind, Layout, Member, Rows
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.execution.kernels import CallShape

Shaped = tuple[str, tuple[int, ...]]

RETURNS = ("params", "inputs", "states")

_HISTORIES: tuple[Group, ...] = ("states", "inputs")


class Placed(Protocol):
    """Cotangents that are put where kernels read them; see `cotangents.Cotangents`."""

    @property
    def whole(self) -> bool:
        """Whether they are those of all steps."""
        ...

    def place(self, part: str, rows: Array, first: int, fresh: int) -> None:
        """Add the cotangents of some steps to their rows."""
        ...


class Adjoint(NamedTuple):
    """The adjoint of one part of a state or an input.

    Attributes
    ----------
    name : str
        What the backward kernel calls it.
    part : str
    shape : (T + delay, B, …), or (L + delay, B, …) where rows of one segment of L steps are held at a time
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

    def open(self, array: Array, start: int, stop: int, last: bool, cotangents: Placed) -> Array:
        """The rows of a segment, with its cotangents and what later steps sent; `last` says that there are none."""
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


class BackwardPlan(NamedTuple):
    """The plan of a backward pass, found once for the shape of a call, a longest segment and what is asked for.

    Attributes
    ----------
    adjoints : list of Adjoint
    outputs : list of (array, part)
        Where cotangents of outputs go.
    segmented : list of (array, shape)
        (L, B, …), of which each segment takes as many rows as it has steps.
    fixed : list of (array, shape)
        The same for every segment.
    blocks : list of (array, shape)
        Gradients of matrices, to which every segment adds.
    sources : dict of str to View
        For each gradient of a part of a parameter, and each sum that gradients follow from, where it lies.
    divided_adjoints : list of (layout, whole, adjoints)
        Of states and inputs that are several parts; `whole` says that all rows are asked for, not those of the past.
    divided_parameters : list of layout
        Of parameters that are several parts.
    results : dict of str to list of View
        What `Gradients` hands out.
    """

    adjoints: list[Adjoint]
    outputs: list[tuple[str, str]]
    segmented: list[Shaped]
    fixed: list[Shaped]
    blocks: list[Shaped]
    sources: dict[str, View]
    divided_adjoints: list[tuple[Layout, bool, list[Adjoint]]]
    divided_parameters: list[Layout]
    results: dict[str, list[View]]


def joined_name(name: str) -> str:
    """The name of the array that the gradients of the parts of a state, an input or a parameter make."""
    return f"gradient of {name}"


def finished_name(tensor: str) -> str:
    """The name of the array of a gradient that follows from sums."""
    return f"finished {tensor}"


def plan_backward(cell: RecurrentCell, call_shape: CallShape, length: int, returns: frozenset[str]) -> BackwardPlan:
    """The plan of a run in segments of at most so many steps.

    Parameters
    ----------
    cell : Cell
    call_shape : CallShape
        Of the whole run.
    length : int
        Steps of the longest segment.
    returns : set of str
        What is asked for; what is not of `RETURNS` is no matter of the backward pass.
    """
    kernels, sources = cell.kernels, _find_sources(cell, call_shape)
    whole = kernels.plan("backward", call_shape).shapes
    short = kernels.plan("backward", call_shape.of_steps(min(length, call_shape.steps))).shapes
    of_state: dict[str, Group] = {part: "states" for layout in cell.interface.states for part in layout.parts}
    adjoints, outputs, segmented, fixed = list[Adjoint](), list[tuple[str, str]](), list[Shaped](), list[Shaped]()
    for a in kernels.signature("backward").arrays:
        if a.kind is Kind.ADJOINT:
            part, group = a.tensor, of_state.get(a.tensor, "inputs")
            asked = group in returns
            shape = (whole if asked else short)[a.name]
            adjoints.append(Adjoint(a.name, part, shape, call_shape.delays.get(part, 0), asked, group == "states"))
        elif a.kind in (Kind.WORK, Kind.COTANGENT):
            (segmented if a.rows is Rows.STEPS else fixed).append((a.name, short[a.name]))
            if a.kind is Kind.COTANGENT:
                outputs.append((a.name, a.tensor))
    return BackwardPlan(
        adjoints,
        outputs,
        segmented,
        fixed,
        _find_blocks(cell, call_shape) if "params" in returns else [],
        sources,
        [
            (layout, group in returns, [a for part in layout.parts for a in adjoints if a.part == part])
            for group in _HISTORIES
            for layout in cell.interface.layouts(group)
            if layout.is_divided
        ],
        [layout for layout in cell.interface.parameters if layout.is_divided],
        _find_results(cell, call_shape, adjoints, sources, returns),
    )


def _find_blocks(cell: RecurrentCell, call_shape: CallShape) -> list[Shaped]:
    if not cell.kernels.has("gradients"):
        return []
    plan = cell.kernels.plan("gradients", call_shape)
    return [(name, plan.shapes[name]) for name, kind in plan.kinds.items() if kind is Kind.GRADIENT]


def _find_sources(cell: RecurrentCell, call_shape: CallShape) -> dict[str, View]:
    """For each gradient of a part of a parameter, and each sum that gradients follow from, where it lies."""
    sources = dict[str, View]()
    for block in cell.interface.gradients:
        array = next(a for a in cell.kernels.signature("gradients").arrays if a.name == block.array)
        sides = [_side(call_shape, array.members, block.row), _side(call_shape, array.columns, block.column)]
        where, shape = tuple(side[0] for side in sides), (*sides[0][1], *sides[1][1])
        as_it_lies = shape == tuple(s.stop - s.start for s in where)
        sources[block.tensor] = View(block.tensor, block.array, where, None if as_it_lies else shape)
    for a in cell.kernels.signature("backward").arrays:
        if a.kind is Kind.SUM:
            sources[a.tensor] = View(a.tensor, a.name, (0, ...))
    if cell.kernels.has("finish"):
        for a in cell.kernels.signature("finish").of_kind(Kind.GRADIENT):
            sources[a.tensor] = View(a.tensor, finished_name(a.tensor), (...,))
    return sources


def _side(call_shape: CallShape, members: Sequence[Member], name: str) -> tuple[slice, tuple[int, ...]]:
    """The place of one of some members that stand side by side, and its own shape."""
    number = next(n for n, member in enumerate(members) if member.name == name)
    start = call_shape.widths(members[:number])
    return slice(start, start + call_shape.width(members[number].dims)), call_shape.lengths(members[number].dims)


def _find_results(
    cell: RecurrentCell,
    call_shape: CallShape,
    adjoints: list[Adjoint],
    sources: Mapping[str, View],
    returns: frozenset[str],
) -> dict[str, list[View]]:
    """The views that `Gradients` hands out, by group."""
    results: dict[str, list[View]] = {g: [] for g in ("initial", *RETURNS) if g == "initial" or g in returns}
    homes = {a.part: a.name for a in adjoints}
    for group in _HISTORIES:
        for layout in cell.interface.layouts(group):
            name, delay = layout.name, call_shape.delays.get(layout.name, 0)
            home = joined_name(name) if layout.is_divided else homes[layout.parts[0]]
            results["initial"].append(View(name, home, (slice(0, delay),)))
            if group in returns:
                first = delay - 1 if group == "states" else delay
                results[group].append(View(name, home, (slice(first, None),)))
    if "params" in returns:
        for layout in cell.interface.parameters:
            if layout.is_divided:
                results["params"].append(View(layout.name, joined_name(layout.name), (...,)))
            else:
                results["params"].append(sources[f"d_{layout.parts[0]}"]._replace(name=layout.name))
    return results
