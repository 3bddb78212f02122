"""A run and directions of parameters, inputs and states → the directions of the states after some steps.

The tangent cell is run once for each direction, in segments of a few steps. Between them what moves is scaled to about
1, so that it neither overflows nor vanishes: the tangent is linear in all that moves together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.arguments import Arrays, as_array, parameters_of_run
from gatedsym.execution.directions import Direction
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.results import Run, Tangents
from gatedsym.execution.second_order import direction_rows, tangent_extent, tangent_parameters, trajectory_rows
from gatedsym.execution.tangent_cells import TangentCell, tangent_cell
from gatedsym.expect import shown
from gatedsym.ir.interface import Kind
from gatedsym.typing import Array

Carrier = Callable[[TangentCell, Mapping[str, Array], Any, Direction], "Carried"]

SEGMENT = 16
"""Steps between two looks at how large the tangents are: float32 holds a growth by 200 in each."""


def moves_more_than_states(cell: RecurrentCell, directions: object) -> bool:
    """Whether some directions are of parameters or inputs."""
    return isinstance(directions, Mapping) and any(n in (*cell.parameters, *cell.inputs) for n in directions)


def moved_tangents(
    cell: RecurrentCell,
    params: Arrays,
    run: Run,
    directions: Arrays,
    first: int,
    last: int,
    threads: int | None,
    carrier: Carrier | None = None,
) -> Tangents:
    """Directions of the states after the steps from `first` to `last`, k at once; see `Cell.tangent`."""
    count = _count(cell, run, directions)
    parameters = parameters_of_run(cell, params, run)
    inputs = any(name in cell.inputs for name in directions)
    tangent = tangent_cell(cell, any(name in cell.parameters for name in directions), inputs)
    signature = cell.kernels.signature("tangent")
    places = {a.tensor: a.name for a in signature.of_kind(Kind.TANGENT)}
    shape = tangent_extent(tangent, run, last - first)
    found: dict[str, Array] = {}
    exponents = np.zeros((run.call_shape.batch, count), np.int64)
    for number in range(count):
        moved = Direction.of_run(run, _one(cell, run, directions, number))
        carried = (carrier or Carried)(tangent, tangent_parameters(tangent, parameters, moved, run), run, moved)
        carried.pass_steps(first, last, threads)
        carried.scale_rows()
        exponents[:, number] = carried.exponents
        for part, rows in carried.states.items():
            whole = (shape.delays[part], run.call_shape.batch, count, *rows.shape[2:])
            found.setdefault(places[part], np.empty(whole, run.dtype))[:, :, number] = rows
    found |= {a.name: exponents for a in signature.of_kind(Kind.EXPONENTS)}
    return Tangents(cell, found, run.call_shape.sizes)


def _count(cell: RecurrentCell, run: Run, directions: Arrays) -> int:
    """The number of directions, the same for everything that moves."""
    known, counts = (*cell.states, *cell.parameters, *cell.inputs), dict[str, int]()
    for name, value in directions.items():
        if name not in known:
            raise ArgumentError(f"directions has {shown(name)}; {cell.name} has {', '.join(known)}.")
        array = as_array(f"directions[{name!r}]", value)
        axis = int(name in cell.states and run.call_shape.delays[name] > 1)
        counts[name] = array.shape[axis] if array.ndim > axis else -1
    if min(counts.values()) < 0 or len(set(counts.values())) != 1:
        shapes = ", ".join(f"{name} {np.shape(value)}" for name, value in directions.items())
        raise ArgumentError(f"directions must have one k, the first axis of each; got {shapes}.")
    return next(iter(counts.values()))


def _one(cell: RecurrentCell, run: Run, directions: Arrays, number: int) -> dict[str, Any]:
    """One of the directions, without the axis that counts them."""
    delayed = {name for name in cell.states if run.call_shape.delays[name] > 1}
    return {n: np.asarray(v)[:, number] if n in delayed else np.asarray(v)[number] for n, v in directions.items()}


class Carried:
    """One direction on its way.

    Attributes
    ----------
    states : dict of str to array
        What moves of each part of a state, (delay, B, …), divided by two to the power of `exponents`.
    inputs : dict of str to array
        Directions of inputs by kernel names, (T + delay, B, …), not divided.
    params : dict of str to array
        Directions of parameters by kernel names, not divided; where there are some, all exponents are equal.
    exponents : (B,) array of int
    """

    def __init__(self, tangent: TangentCell, parameters: Mapping[str, Array], run: Run, moved: Direction) -> None:
        self.tangent, self.run, self._parameters = tangent, run, dict(parameters)
        names, interface = tangent.kernels.array_names, tangent.of.interface
        rows = direction_rows(tangent, run, moved)
        dots = tangent.dot_parts
        self._of_states = {p: names[Kind.STATE, dots[p]] for layout in interface.states for p in layout.parts}
        inputs = [p for layout in interface.inputs for p in layout.parts if p in dots]
        self.inputs = {names[Kind.INPUT, dots[p]]: rows[names[Kind.INPUT, dots[p]]] for p in inputs}
        params = [p for layout in interface.parameters for p in layout.parts if p in dots]
        self.params = {names[Kind.PARAMETER, dots[p]]: parameters[names[Kind.PARAMETER, dots[p]]] for p in params}
        delays = run.call_shape.delays
        self.states = {p: rows[array][: delays[p]] for p, array in self._of_states.items()}
        self.exponents = np.zeros(run.call_shape.batch, np.int64)

    def pass_steps(self, first: int, last: int, threads: int | None) -> None:
        """Pass the steps from `first` to `last`."""
        for start in range(first, last, SEGMENT):
            stop = min(start + SEGMENT, last)
            self.scale(start)
            inputs = {
                name: rows[start : len(rows) - self.run.call_shape.steps + stop] for name, rows in self.inputs.items()
            }
            self.states = self.carry(self.run, start, stop, self.states, inputs, self.exponents, threads)

    def carry(
        self,
        run: Run,
        start: int,
        stop: int,
        states: Mapping[str, Array],
        inputs: Mapping[str, Array],
        exponents: Array,
        threads: int | None,
    ) -> dict[str, Array]:
        """The directions of states after some steps of a run, from those before and those of inputs, unscaled."""
        kernels = self.tangent.kernels
        call_shape = tangent_extent(self.tangent, run, stop - start)
        arrays = {**self._parameters, **trajectory_rows(self.tangent, run, start, call_shape)}
        shapes = kernels.plan("forward", call_shape).shapes
        for part, name in self._of_states.items():
            if name in shapes:
                arrays[name] = np.empty(shapes[name], run.dtype)
                arrays[name][: len(states[part])] = states[part]
        for name, rows in inputs.items():
            arrays[name] = np.array(np.ldexp(rows, -_column(exponents, rows.ndim)), run.dtype, order="C")
        for name, value in self.params.items():
            arrays[name] = np.ldexp(value, -int(exponents[0])) if len(exponents) else value
        arrays = kernels.allocate("forward", arrays, call_shape, run.dtype)
        kernels.run("forward", arrays, call_shape, threads)
        return {p: arrays[name][stop - start :] for p, name in self._of_states.items()}

    def scale(self, start: int) -> None:
        """Divide what moves so that the largest of it is about 1: row by row, or all rows together where θ moves."""
        largest = self._largest_states()
        for rows in self.inputs.values():
            if len(rows[start:]):
                scaled = np.abs(np.ldexp(rows[start:], -_column(self.exponents, rows.ndim)))
                largest = np.maximum(largest, scaled.max(axis=(0, *range(2, rows.ndim)), initial=0))
        if self.params and len(largest):
            common = max(np.abs(v).max(initial=0) for v in self.params.values())
            largest[:] = max(largest.max(), float(np.ldexp(common, -int(self.exponents[0]))))
        self.divide(exponents_of(largest))

    def scale_rows(self) -> None:
        """Divide the states of each row so that the largest is about 1."""
        self.divide(exponents_of(self._largest_states()))

    def _largest_states(self) -> Array:
        largest = np.zeros(self.run.call_shape.batch)
        for rows in self.states.values():
            largest = np.maximum(largest, np.abs(rows).max(axis=(0, *range(2, rows.ndim)), initial=0))
        return largest

    def divide(self, powers: Array) -> None:
        """Divide the states of each row by a power of two."""
        self.states = {p: np.ldexp(rows, -_column(powers, rows.ndim)) for p, rows in self.states.items()}
        self.exponents = self.exponents + powers


def _column(powers: Array, rank: int) -> Array:
    """A number for each row of the batch, beside arrays (T, B, …)."""
    return powers.reshape(-1, *[1] * (rank - 2))


def exponents_of(largest: Array) -> Array:
    """Powers of two that bring numbers to about 1; 0 for zero and what is not finite."""
    usable = np.isfinite(largest) & (largest > 0)
    return np.where(usable, np.frexp(np.where(usable, largest, 1))[1] - 1, 0).astype(np.int64)
