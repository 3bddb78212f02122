"""A cell and a slip of its forward pass → the cell of the library that has it: another convention, not a slip."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gatedsym.cells import Cell
from gatedsym.cells import cell as cell_of
from gatedsym.checking.deviation import EXACT, deviation
from gatedsym.checking.forward_slips import ForwardSlip
from gatedsym.checking.operations import Operations
from gatedsym.checking.reference import draw_probe, trajectory
from gatedsym.library import load as library


def relatives_of(cell: Cell) -> list[str]:
    """Names of the cells of the same family, states and inputs with other parameters, those nearest by name first."""
    record, mine = cell.record, cell.recurrence
    if record is None:
        return []

    def shape(name: str) -> tuple[list[str], list[str]]:
        r = cell_of(name).recurrence
        return [s.name for s in r.states], [i.name for i in r.inputs]

    wanted = [s.name for s in mine.states], [i.name for i in mine.inputs]
    family = [n for n in library.names() if n != cell.name and library.derivation(n).family == record.family]
    parameters = set(cell.parameters)
    found = [n for n in family if shape(n) == wanted and set(cell_of(n).parameters) != parameters]
    return sorted(found, key=lambda n: (not n.startswith(f"{cell.name}_"), len(n), n))


def relative_with(cell: Cell, slip: ForwardSlip, sizes: Mapping[str, int]) -> str:
    """The cell of the same family and parameters that gives what the cell with the slip gives; "" for none."""
    derivation = cell.derivation
    if derivation is None or slip.kind not in ("complement", "reset"):
        return ""
    mine = cell.recurrence
    probe = draw_probe(mine, sizes, 2, 2, 5)
    wanted = trajectory(Operations(mine.program, sizes), probe, slip.changes)
    parameters = set(probe.params)
    for name in library.names():
        other = library.derivation(name)
        if name == cell.name or other.family != derivation.family:
            continue
        theirs = cell_of(name).recurrence
        names = {p.name for p in theirs.parameters}
        if names != parameters or [s.name for s in theirs.states] != [s.name for s in mine.states]:
            continue
        found = trajectory(Operations(theirs.program, sizes), probe)
        if all(
            deviation(np.asarray(a[f"{s}'"]), np.asarray(b[f"{s}'"])) <= EXACT
            for a, b in zip(wanted, found, strict=True)
            for s in probe.initial
        ):
            return name
    return ""
