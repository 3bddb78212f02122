"""A cell and the sizes of a call → the flat lists of arrays that the call takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gatedsym.execution.kernels import CallShape
from gatedsym.execution.layouts import axes_shape
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.ir.interface import Kind
from gatedsym.typing import DType

GROUPS = ("params", "inputs", "initial")
Shape = tuple[int, ...]


class Slot(NamedTuple):
    """An array of a call.

    Attributes
    ----------
    group : str
        "params", "inputs" or "initial"; of results "states", "outputs" or "residuals".
    name : str
    shape : tuple of int
    rows : int or None
        The axis along which the sequences of the batch lie, where there is one.
    """

    group: str
    name: str
    shape: Shape
    rows: int | None


@dataclass(frozen=True)
class Signature:
    """A cell and the sizes of a call: equal ones take and give the same arrays.

    Attributes
    ----------
    cell : Cell or TangentCell
    sizes : tuple of (str, int)
    steps, batch : int
    delays : tuple of (str, int)
        As a `CallShape` has them.
    dtype : str
        Of parameters and of all that is computed.
    initial : tuple of str
        States and delayed inputs whose past is given; that of the others is zero.
    ragged : bool
        Whether each sequence has its own length: one more array, (B,), follows the others.
    """

    cell: RecurrentCell
    sizes: tuple[tuple[str, int], ...]
    steps: int
    batch: int
    delays: tuple[tuple[str, int], ...]
    dtype: str
    initial: tuple[str, ...]
    ragged: bool = False

    def of_rows(self, batch: int) -> Signature:
        """The same with so many sequences."""
        return self.of_part(self.steps, batch, self.ragged)

    def of_part(self, steps: int, batch: int, ragged: bool = False) -> Signature:
        """The same with so many steps and sequences."""
        return Signature(self.cell, self.sizes, steps, batch, self.delays, self.dtype, self.initial, ragged)

    @property
    def numbers(self) -> DType:
        """The type of all that is computed."""
        return np.dtype(self.dtype)

    @cached_property
    def call_shape(self) -> CallShape:
        """The sizes, as kernels are planned for them."""
        return CallShape(dict(self.sizes), self.steps, self.batch, dict(self.delays))

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The arrays of the point at which a cell is taken: parameters, inputs, the past that is given."""
        interface, sizes, delays = self.cell.interface, dict(self.sizes), dict(self.delays)
        found = [Slot("params", ly.name, axes_shape(ly.axes, sizes), None) for ly in interface.parameters]
        rows = (self.steps, self.batch)
        found += [Slot("inputs", ly.name, (*rows, *axes_shape(ly.axes, sizes)), 1) for ly in interface.inputs]
        for layout in (*interface.states, *interface.inputs):
            if layout.name in self.initial:
                own, delay = axes_shape(layout.axes, sizes), delays[layout.name]
                lead = (self.batch,) if delay == 1 else (delay, self.batch)
                found.append(Slot("initial", layout.name, (*lead, *own), len(lead) - 1))
        return tuple(found)

    @cached_property
    def trajectories(self) -> tuple[Slot, ...]:
        """The arrays that a call gives: states (T + 1, B, …), outputs (T, B, …)."""
        interface, sizes = self.cell.interface, dict(self.sizes)
        states = [("states", self.steps + 1, layout) for layout in interface.states]
        outputs = [("outputs", self.steps, layout) for layout in interface.outputs]
        return tuple(
            Slot(group, ly.name, (count, self.batch, *axes_shape(ly.axes, sizes)), 1)
            for group, count, ly in (*states, *outputs)
        )

    @cached_property
    def residuals(self) -> tuple[Slot, ...]:
        """The arrays that a backward pass needs besides; sequences of unlike length keep none."""
        if self.ragged:
            return ()
        kernels = self.cell.kernels
        shapes = kernels.plan("forward", self.call_shape).shapes
        names = [a.name for a in kernels.signature("forward").of_kind(Kind.RESIDUAL)]
        return tuple(Slot("residuals", name, shapes[name], 1) for name in names)

    @cached_property
    def kept(self) -> tuple[Slot, ...]:
        """Trajectories and residuals, which derivatives take beside the point; nothing of unlike lengths."""
        return () if self.ragged else (*self.trajectories, *self.residuals)

    def named(self, arrays: Any, which: tuple[bool, ...] | None = None) -> dict[str, dict[str, Any]]:
        """Arrays of slots by group and name; `which` says of which slots there are any."""
        slots = self.slots if which is None else [s for s, there in zip(self.slots, which, strict=True) if there]
        found: dict[str, dict[str, Any]] = {group: {} for group in GROUPS}
        for slot, array in zip(slots, arrays, strict=True):
            found[slot.group][slot.name] = array
        return found
