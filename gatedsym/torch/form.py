"""A cell and its sizes → what of it crosses to torch, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from gatedsym.cells import Cell
from gatedsym.torch.families import Family, families_of


@dataclass(frozen=True, eq=False)
class Form:
    """The tensors that a call of a cell takes and gives.

    It takes a tensor for each family, then one for each input (T, B, …), then the past of each state and delayed
    input, (B, …), or (delay, B, …) where a delay is longer than a step, or None. It gives what is read out, (T, B, …),
    then the last of each state, shaped as its past.

    Attributes
    ----------
    cell : Cell
    sizes : mapping of str to int
    readout : tuple of str
        The output or state that is read out; the real and the imaginary part of a complex one.
    """

    cell: Cell
    sizes: Mapping[str, int]
    readout: tuple[str, ...]

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """Parameters, a tensor a family."""
        return families_of(self.cell, self.sizes)

    @cached_property
    def delays(self) -> dict[str, int]:
        """Rows of the past, of states and of delayed inputs."""
        delays = self.cell.interface.delays
        names = (*self.cell.states, *self.cell.inputs)
        return {name: delays[name] for name in names if delays.get(name, 0)}

    @cached_property
    def places(self) -> tuple[tuple[str, str], ...]:
        """For each tensor that a call takes its group, ``params``, ``inputs`` or ``initial``, and its name there."""
        groups = {"params": [family.name for family in self.families], "inputs": self.cell.inputs}
        return tuple((group, name) for group, names in {**groups, "initial": self.delays}.items() for name in names)

    @cached_property
    def results(self) -> tuple[str, ...]:
        """Names of the tensors that a call gives: what is read out, then states."""
        return (*self.readout, *self.cell.states)
