"""A cell with other cells in it → its layers: which states belong to each, and which of them a layer reads out."""

from __future__ import annotations

from dataclasses import dataclass

from gatedsym.ir.program import Recurrence, next_name
from gatedsym.ir.readout import last_states


@dataclass(frozen=True)
class Layer:
    """The states that come from one cell of a cell of cells.

    Attributes
    ----------
    name : str
        The aliases that lead to the cell, from outside in, ``2``, ``1.2``; of states that are the text's own, theirs.
    states : tuple of str
    last : tuple of str
        Those from which no other state of the layer is computed in the same step: h of an LSTM.
    """

    name: str
    states: tuple[str, ...]
    last: tuple[str, ...]


def layers_of(recurrence: Recurrence) -> tuple[Layer, ...]:
    """The layers of a cell, each above those that enter it in the same step; else in the order of the text.

    They are told by the cell that each state comes from, whatever it is called.

    Parameters
    ----------
    recurrence : Recurrence

    Returns
    -------
    tuple of Layer
        One of a cell without other cells in it; none of one without states.
    """
    program, groups = recurrence.program, dict[tuple[str, ...], list[str]]()
    parts = {layout.name: layout.parts for layout in recurrence.states}
    for name in parts:
        groups.setdefault(recurrence.origins.get(name, ()), []).append(name)
    following = {path: {next_name(p) for name in names for p in parts[name]} for path, names in groups.items()}
    reached = {path: program.reached_from(results) for path, results in following.items()}
    below = {path: sum(bool(reached[other] & own) for other in groups) for path, own in following.items()}
    return tuple(
        Layer(
            ".".join(path) or ", ".join(groups[path]),
            tuple(groups[path]),
            tuple(last_states(program, {name: parts[name] for name in groups[path]})),
        )
        for path in sorted(groups, key=lambda path: below[path])
    )
