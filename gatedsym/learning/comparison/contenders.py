"""Cells, hidden sizes and retention biases → contenders: networks to train, each with a name of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gatedsym.cells import Cell
from gatedsym.composition.stack import stack
from gatedsym.errors import ArgumentError, GatedsymError
from gatedsym.expect import shown
from gatedsym.flow.matching import matching
from gatedsym.learning.network import Network

if TYPE_CHECKING:
    from gatedsym.learning.task import Task

Retention = float | str | None
"""A bias of the gates that retain a state, "chrono", or None for what the cell's initialisation gives."""


@dataclass(frozen=True)
class Contender:
    """A network that is trained from several seeds.

    Attributes
    ----------
    cell : Cell
        All layers of it.
    n : int
        Hidden size.
    retention : float, "chrono" or None
    scheme : str
        Of the initial parameters.
    matched : bool
        Whether `n` was chosen for as many parameters as the first contender has.
    label : str
        On figures; no other contender of the same comparison has it.
    readout : str
        The output or state that is read, where the equations leave it open.
    """

    cell: Cell
    n: int
    retention: Retention
    scheme: str
    matched: bool
    label: str
    readout: str = ""

    def network(self, task: Task, seed: int) -> Network:
        """The untrained network of a seed.

        Raises
        ------
        ArgumentError
            Where the task does not fit the cell.
        """
        return Network(
            self.cell, task, n=self.n, retention=self.retention, scheme=self.scheme, seed=seed, readout=self.readout
        )

    @cached_property
    def slug(self) -> str:
        """The label as part of a file's name."""
        return re.sub(r"[^A-Za-z0-9.]+", "-", self.label).strip("-.") or "cell"


def contenders_of(
    cells: Sequence[Cell],
    task: Task,
    *,
    n: int,
    layers: int,
    retentions: Sequence[Retention],
    scheme: str,
    readout: str = "",
) -> tuple[Contender, ...]:
    """A contender for each cell and retention bias, of one hidden size.

    A cell in which no gate retains by a bias of its own takes part once; `readout` is read of the cells that have it.

    Raises
    ------
    ArgumentError
        For a cell that comes twice, and a task that does not fit a cell.
    """
    names = [cell.name for cell in cells]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ArgumentError(f"{twice} is named twice: name each cell once, or give a variant a name of its own.")
    found = []
    for cell in cells:
        whole = stack([cell] * layers) if layers > 1 else cell
        own = tuple(dict.fromkeys(retentions)) if whole.can_retain else (None,)
        asked = readout if readout in (*whole.states, *whole.outputs) else ""
        found += [Contender(whole, n, r, scheme, False, _label(cell.name, layers, r), asked) for r in own]
    if readout and not any(contender.readout for contender in found):
        raise ArgumentError(f"readout={shown(readout)} is no output or state of any of the cells: name one.")
    for contender in found:
        contender.network(task, 0)
    return tuple(found)


def matched_contenders(contenders: Sequence[Contender], task: Task) -> tuple[tuple[Contender, ...], str]:
    """Those that need another hidden size for as many parameters as the first has, and why there are none, or "".

    The readout's parameters are not counted: its size follows from that of the state.
    """
    cells = list({c.cell.name: c.cell for c in contenders}.values())
    if len(cells) < 2:
        return (), ""
    try:
        rows = matching(cells, task.features, contenders[0].n, "parameters").rows
    except GatedsymError as error:
        return (), str(error)
    sizes: Mapping[str, int] = {row.cell: row.n for row in rows}
    found = [
        replace(c, n=sizes[c.cell.name], matched=True, label=f"{c.label}, n = {sizes[c.cell.name]}")
        for c in contenders
        if sizes[c.cell.name] != c.n
    ]
    return tuple(found), ""


def read_retentions(given: Any) -> tuple[Retention, ...]:
    """Retention biases from numbers or a text with commas: ``"none,1,chrono"``.

    Raises
    ------
    ArgumentError
        For what is no bias.
    """
    listed = given.split(",") if isinstance(given, str) else given if isinstance(given, Sequence) else (given,)
    found: dict[Retention, None] = {}
    for one in listed:
        found[_retention(one)] = None
    if not found:
        raise ArgumentError("no retention bias is named: give numbers, chrono or none, with commas between them.")
    return tuple(found)


def _retention(one: Any) -> Retention:
    word = one.strip() if isinstance(one, str) else one
    if word is None or word == "none":
        return None
    if word == "chrono":
        return "chrono"
    try:
        if not isinstance(word, bool) and -100.0 < float(word) < 100.0:
            return float(word)
    except (TypeError, ValueError):
        pass
    raise ArgumentError(f"retention={shown(one)}: give a bias such as 1, chrono, or none.")


def _label(name: str, layers: int, retention: Retention) -> str:
    several = f"{name} ×{layers}" if layers > 1 else name
    if retention is None:
        return several
    return f"{several}, {'chrono' if retention == 'chrono' else f'b = {retention:g}'}"


__all__ = ["Contender", "Retention", "contenders_of", "matched_contenders", "read_retentions"]
