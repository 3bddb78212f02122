"""A run → the rows that the readout takes, where the loss counts; their gradient → cotangents of the run.

What a network reads out is what a layer above would take (`gatedsym.stack`): the cell's one output, or its one state,
or the state from which no other one is computed in the same step. Whatever its shape, it is read as one vector, entry
after entry; of a complex value first the real parts, then the imaginary ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.layouts import axes_shape
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.execution.results import Run


@dataclass(frozen=True)
class Places:
    """The steps and sequences where a loss counts.

    Attributes
    ----------
    steps : array of int
        (S,) steps where all sequences count; or (N,), the step of each place, beside `rows`.
    rows : array of int, optional
        (N,), the sequence of each place.
    last : bool
        Whether it is the last step of all sequences alone.
    """

    steps: Array
    rows: Array | None = None
    last: bool = False

    @classmethod
    def of(cls, weights: Array, times: Array) -> Places:
        """The places where weights (T, B) are not 0; `times` are the steps that have any."""
        if (weights[times] > 0).all():
            return cls(times, last=len(times) == 1 and int(times[0]) == len(weights) - 1)
        step, row = np.nonzero(weights > 0)
        return cls(step, row)

    def take(self, values: Array) -> Array:
        """The places of values (T, B, …): (S, B, …), or (1, N, …)."""
        if self.rows is not None:
            return values[self.steps, self.rows][np.newaxis]
        steps = self.steps
        if len(steps) and int(steps[-1]) - int(steps[0]) == len(steps) - 1:
            return values[int(steps[0]) : int(steps[-1]) + 1]
        return values[steps]

    def window(self, start: int, stop: int) -> Places:
        """Those of the steps from `start` to `stop`, counted from there."""
        inside = (self.steps >= start) & (self.steps < stop)
        steps = self.steps[inside] - start
        rows = None if self.rows is None else self.rows[inside]
        return Places(steps, rows, last=rows is None and len(steps) == 1 and int(steps[0]) == stop - start - 1)


class Readout:
    """Readout of the runs of a cell.

    Parameters
    ----------
    cell : Cell
    asked : str
        The output or state, where the equations leave it open.
    sizes : mapping of str to int
        Of the cell's dimensions.

    Attributes
    ----------
    names : tuple of str
        Of a complex value both parts.
    size : int
        Entries that are read.
    """

    def __init__(self, cell: Cell, asked: str, sizes: Mapping[str, int]) -> None:
        self.names = readout_names(cell, asked)
        self._first = [1 if name in cell.states else 0 for name in self.names]  # row 0 of a state is the initial one
        self._shapes = [axes_shape(cell.layout_of(name).axes, sizes) for name in self.names]
        self._widths = [math.prod(shape) for shape in self._shapes]
        self.size = sum(self._widths)

    def take(self, run: Run, places: Places) -> Array:
        """Values read at some places, (S, B, size) or (1, N, size)."""
        parts = [places.take(run[name][first:]) for name, first in zip(self.names, self._first, strict=True)]
        flat = [part.reshape(*part.shape[:2], width) for part, width in zip(parts, self._widths, strict=True)]
        return flat[0] if len(flat) == 1 else np.concatenate(flat, axis=-1)

    def cotangents(self, gradient: Array, places: Places, shape: tuple[int, int]) -> dict[str, Any]:
        """The gradient of what was read as `Cell.backward` takes it.

        Parameters
        ----------
        gradient : array
            As `take` gives it.
        places : Places
        shape : (T, B)
        """
        parts = np.split(gradient, np.cumsum(self._widths)[:-1], axis=-1) if len(self.names) > 1 else [gradient]
        return {
            name: _placed(part.reshape(*part.shape[:2], *own), places, shape)
            for name, part, own in zip(self.names, parts, self._shapes, strict=True)
        }


def _placed(gradient: Array, places: Places, shape: tuple[int, int]) -> Any:
    if places.rows is not None:
        whole = np.zeros((*shape, *gradient.shape[2:]), gradient.dtype)
        whole[places.steps, places.rows] = gradient[0]
        return whole
    return gradient[0] if places.last else (places.steps, gradient)


def readout_names(cell: Cell, asked: str = "") -> tuple[str, ...]:
    """Names of what a layer above takes, by the rule of `gatedsym.stack`; of a complex value both parts.

    Raises
    ------
    ArgumentError
        Where the equations leave it open, or have no such name.
    """
    from gatedsym.composition.stack import read_part

    known = (*cell.outputs, *cell.states, *cell.interface.pairs)
    if asked and asked not in known:
        raise ArgumentError(
            f"readout is {asked!r}, which is no output or state of {cell.name}: choose from {', '.join(known)}."
        )
    own: Sequence[str] = (*cell.outputs, *cell.states)
    name = asked or (own[0] if len(own) == 1 else read_part(cell).readout().name)
    return tuple(cell.interface.pairs.get(name, (name,)))


__all__ = ["Places", "Readout", "readout_names"]
