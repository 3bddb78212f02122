"""A network's whole state as one vector, and its Jacobian applied to directions of that vector along a trajectory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.layouts import axes_shape
from gatedsym.flow.ensemble import Member
from gatedsym.flow.inputs.laws import main_input
from gatedsym.flow.inputs.source import run_forward
from gatedsym.flow.sizes import open_dimensions
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.execution.results import Run

ZERO = -1e300
"""Stands for the logarithm of 0: differences of two such are 0, not NaN."""


def why_no_tangents(cell: Cell) -> str:
    """The reason why nothing is carried from state to state, as one sentence, or "" if something is."""
    if not list(cell.states):
        return f"Cell {cell.name} has no state, so there is no Jacobian of one state with respect to another."
    program = cell.recurrence.program
    if not any(program[n].role == "next" and n in program.reached_by_states for n in program.results):
        return f"The next state of cell {cell.name} does not depend on its state, so its Jacobian is zero."
    return ""


def sizes_of(cell: Cell, features: int, n: int) -> dict[str, int]:
    """A size for each dimension that is free: `features` for those of the main input alone, `n` for all others.

    ``m`` is the input size wherever it occurs, as everywhere in the package. A cell with parameters trained elsewhere
    has the sizes that these have.
    """
    interface = cell.interface
    trained: Mapping[str, int] = getattr(cell, "given_sizes", {})
    of_states = {d for layout in interface.states for axis in layout.axes for d in axis}
    main = [layout for layout in interface.inputs if layout.name == main_input(cell)]
    of_input = {d for layout in main for axis in layout.axes for d in axis} - (of_states - {"m"})
    return {d: trained.get(d, features if d in of_input else n) for d in open_dimensions(cell)}


def state_size(cell: Cell, features: int, n: int) -> int:
    """Count the numbers in the state, delayed rows included."""
    return sum(math.prod(shape) for shape in state_shapes(cell, sizes_of(cell, features, n)).values())


def fitting_size(cell: Cell, features: int, n: int, limit: int) -> int:
    """`n`, or for a cell whose state would hold more than `limit` numbers the largest hidden size with at most these.

    A cell with parameters trained elsewhere keeps its size.

    Raises
    ------
    ArgumentError
        If the cell takes no such size.
    """
    if trained := getattr(cell, "given_sizes", {}):
        return int(trained.get("n", n))
    for size in range(n, 0, -1):
        try:
            if state_size(cell, features, size) <= limit:
                return size
        except ArgumentError:
            # A size that does not divide as the cell's constraints ask for; the one asked for must.
            if size == n:
                raise
    raise ArgumentError(
        f"cell {cell.name} holds more than {limit} numbers in its state at any hidden size: give fewer features."
    )


def state_shapes(cell: Cell, free: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """(delay, …) of each state."""
    sizes, delays = cell.sizes(**free), cell.interface.delays
    return {ly.name: (delays.get(ly.name, 1), *axes_shape(ly.axes, sizes)) for ly in cell.interface.states}


@dataclass(frozen=True)
class Network:
    """One network on its trajectory: a single sequence.

    Attributes
    ----------
    cell : Cell
    params : mapping of str to array
    run : Run
    shapes : mapping of str to tuple of int
        (delay, …) of each state.
    """

    cell: Cell
    params: Mapping[str, Array]
    run: Run
    shapes: Mapping[str, tuple[int, ...]]

    @property
    def size(self) -> int:
        """Number of entries of the state."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    @property
    def precision(self) -> float:
        """The share of a tangent that rounding alone can leave outside the span of the others."""
        return 8 * float(np.finfo(self.run.dtype).eps) * math.sqrt(self.size)

    def push(self, rows: Array, start: int, stop: int) -> tuple[Array, Array]:
        """Carry directions from the state before step `start` to that after step `stop` - 1.

        Parameters
        ----------
        rows : array (k, size)

        Returns
        -------
        rows : array (k, size)
            Mantissas of about 1.
        exponents : array (k,)
            Powers of two that belong to them.
        """
        directions, at = {}, 0
        for name, shape in self.shapes.items():
            width = math.prod(shape)
            block = rows[:, at : at + width].reshape((len(rows), shape[0], 1, *shape[1:])).astype(self.run.dtype)
            directions[name] = np.swapaxes(block, 0, 1) if shape[0] > 1 else block[:, 0]
            at += width
        found = self.cell.tangent(self.params, self.run, directions, start=start, stop=stop, threads=1)
        pushed = np.empty_like(rows)
        at = 0
        for name, shape in self.shapes.items():
            width = math.prod(shape)
            block = found.states[name]
            block = np.swapaxes(block, 0, 1) if shape[0] > 1 else block
            pushed[:, at : at + width] = block.reshape((len(rows), width))
            at += width
        return pushed, found.exponents[:, 0].astype(np.float64)


def run_network(member: Member, n: int, steps: int, start: float | None) -> Network:
    """Draw a network and let it run for `steps` steps on one sequence.

    Parameters
    ----------
    start : float, optional
        Standard deviation of the Gaussian initial state. By default 1 for a cell without input, which would stay at
        rest in many cases, and 0 for every other.
    """
    cell, setting, seed, of = member.cell, member.setting, member.seed, member.ensemble
    free = sizes_of(cell, of.source.features, n)
    params = cell.init(
        **free, seed=seed, dtype=of.dtype, scheme=setting.scheme, gain=setting.gain, retention=setting.retention,
        horizon=of.horizon,
    )  # fmt: skip
    shapes = state_shapes(cell, free)
    initial = {}
    width = (0.0 if cell.inputs else 1.0) if start is None else float(start)
    if width:
        generator = np.random.default_rng([seed, 0x57A7E])
        for name, shape in shapes.items():
            whole = width * generator.standard_normal((shape[0], 1, *shape[1:]))
            initial[name] = (whole if shape[0] > 1 else whole[0]).astype(of.dtype)
    if cell.inputs:
        x = of.source.draw(steps, 1, seed)[0][:steps, :1].astype(of.dtype)
        if len(x) < steps:
            raise ArgumentError(f"x has {len(x)} steps and {steps} are needed: give a longer array, or ask for fewer.")
    else:
        x = np.empty((steps, 1, 0), of.dtype)
    run = run_forward(cell, params, x, initial=initial, keep="adjoint")
    return Network(cell, params, run, shapes)
