"""A cell and its sizes → what of it crosses to torch, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from gatedsym.cells import Cell
from gatedsym.execution.layouts import axes_shape
from gatedsym.torch.families import Family, families_of


@dataclass(frozen=True, eq=False)
class Form:
    """The tensors that a call of a cell takes and gives.

    It takes a tensor for each family, then one for each input (T, B, …), then the past of each state and delayed
    input, (B, …), or (delay, B, …) where a delay is longer than a step, or None. It gives what is read out, (T, B, …),
    then the last of each state, shaped as its past.

    All is plain data, found once: torch.compile reads it on its way through a layer.

    Attributes
    ----------
    cell : Cell
    sizes : dict of str to int
    readout : tuple of str
        The output or state that is read out; the real and the imaginary part of a complex one.
    families : tuple of Family
        Parameters, a tensor a family.
    inputs, states : tuple of str
        Names of real arrays.
    delays : dict of str to int
        Rows of the past, of states and of delayed inputs.
    shapes : dict of str to tuple of int
        Of one step of inputs, states and outputs.
    pairs : dict of str to (str, str)
        Complex arrays, each with the names of its real and its imaginary part.
    places : tuple of (str, str)
        For each tensor that a call takes its group, ``params``, ``inputs`` or ``initial``, and its name there.
    results : tuple of str
        Names of the tensors that a call gives.
    key : str
        A name for all of this, the same in every process.
    """

    cell: Cell
    sizes: dict[str, int]
    readout: tuple[str, ...]
    families: tuple[Family, ...]
    inputs: tuple[str, ...]
    states: tuple[str, ...]
    delays: dict[str, int]
    shapes: dict[str, tuple[int, ...]]
    pairs: dict[str, tuple[str, str]]
    places: tuple[tuple[str, str], ...]
    results: tuple[str, ...]
    key: str

    @classmethod
    def of(cls, cell: Cell, sizes: Mapping[str, int], readout: tuple[str, ...]) -> Form:
        """The form of a cell whose dimensions have these sizes."""
        interface, families = cell.interface, families_of(cell, sizes)
        pasts = {name: interface.delays.get(name, 0) for name in (*cell.states, *cell.inputs)}
        delays = {name: delay for name, delay in pasts.items() if delay}
        groups = {"params": [family.name for family in families], "inputs": cell.inputs, "initial": delays}
        layouts = interface.layouts("inputs", "states", "outputs")
        constants = sorted((name, str(value)) for name, value in cell.constants.items())
        said = repr((cell.name, cell.source, constants, sorted(sizes.items()), readout))
        return cls(
            cell,
            dict(sizes),
            readout,
            families,
            cell.inputs,
            cell.states,
            delays,
            {layout.name: axes_shape(layout.axes, sizes) for layout in layouts},
            dict(interface.pairs),
            tuple((group, name) for group, names in groups.items() for name in names),
            (*readout, *cell.states),
            f"{cell.name}-{sha256(said.encode()).hexdigest()[:16]}",
        )
