"""Directions of states, carried along some steps of a run by the kernel ``tangent``, k at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gatedsym.execution.arguments import Arrays, direction_array, direction_count, parameters_of_run
from gatedsym.execution.layouts import axes_shape, split_parts
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.results import Run, Tangents
from gatedsym.ir.interface import Kind
from gatedsym.typing import Array


def state_tangents(
    cell: RecurrentCell, params: Arrays, run: Run, directions: Arrays, first: int, last: int, threads: int | None
) -> Tangents:
    """The directions of states after the steps from `first` to `last`; see `Cell.tangent`."""
    moving = given_directions(cell, run, directions)
    arrays = carry_states(run, parameters_of_run(cell, params, run), moving, first, last, threads)
    return Tangents(cell, arrays, run.call_shape.sizes)


def given_directions(cell: RecurrentCell, run: Run, directions: Arrays) -> dict[str, Array]:
    """The arrays (delay, B, k, …) of the directions that a caller gives, and their exponents, by kernel names."""
    call_shape, count = run.call_shape, direction_count(directions, cell)
    signature = cell.kernels.signature("tangent")
    names = {a.tensor: a.name for a in signature.of_kind(Kind.TANGENT)}
    found: dict[str, Array] = {}
    for layout in cell.interface.states:
        own = axes_shape(layout.axes, call_shape.sizes)
        shape = (call_shape.delays.get(layout.name, 1), call_shape.batch, count, *own)
        whole = direction_array(cell, directions.get(layout.name), shape, layout.name, run.dtype)
        parts = split_parts(layout, whole, call_shape.sizes, 3)
        found |= {names[part]: np.array(value, order="C") for part, value in parts}
    exponents = {a.name: np.zeros((call_shape.batch, count), np.int64) for a in signature.of_kind(Kind.EXPONENTS)}
    return found | exponents


def carry_states(
    run: Run, parameters: Mapping[str, Array], moving: Mapping[str, Array], first: int, last: int, threads: int | None
) -> dict[str, Array]:
    """The arrays of the kernel after some steps of a run; `moving` is as `given_directions` gives it."""
    from gatedsym.execution.kernels import CallShape

    cell, call_shape = run.cell, run.call_shape
    count = next(iter(moving.values())).shape[2]
    part = CallShape(call_shape.sizes, last - first, call_shape.batch, call_shape.delays, count)
    arrays = {
        a.name: run.arrays[a.name][first : last + call_shape.delays.get(a.tensor, 0)]
        for a in cell.kernels.signature("tangent").of_kind(Kind.RESIDUAL, Kind.STATE, Kind.INPUT, Kind.OUTPUT)
    }
    arrays = cell.kernels.allocate("tangent", {**arrays, **parameters, **moving}, part, run.dtype)
    cell.kernels.run("tangent", arrays, part, threads)
    return arrays
