"""The cell of a point, a name or a table with equations → a cell, and the texts that its results rest on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.sweep.points import canonical

if TYPE_CHECKING:
    from gatedsym.cells import Cell


def read_cell(given: Any) -> Cell:
    """A cell from what a point has as its cell.

    Parameters
    ----------
    given : str or mapping
        A name of the library; layers, ``"lstm+gru"``; or ``{"label": "mine", "equations": "…"}``.

    Raises
    ------
    ArgumentError
        For anything else.
    EquationError
        If the equations are not understood.
    """
    from gatedsym.cells import Cell, cell

    if isinstance(given, Mapping) and set(given) == {"label", "equations"}:
        return Cell(given["equations"], str(given["label"]))
    if not isinstance(given, str):
        raise ArgumentError(
            f'cell is {shown(given)}: give a name of the library, or {{"label": NAME, "equations": TEXT}}.'
        )
    layers = [layer.strip() for layer in given.split("+")]
    if len(layers) == 1:
        return cell(given)
    from gatedsym.composition import stack

    return stack(layers)


def cell_text(given: Any) -> str:
    """All that the results of a cell rest on beside the code: equations, constants, what the library prescribes."""
    return _text_of(canonical(given))


@cache
def _text_of(key: str) -> str:
    given = json.loads(key)
    parts = [given] if not isinstance(given, str) or "+" not in given else [p.strip() for p in given.split("+")]
    texts = []
    for part in parts:
        one = read_cell(part)
        of_library = "" if one.record is None else one.record.digest
        texts.append(repr((one.name, one.source, one.constants, of_library)))
    return "\n".join(texts)


__all__ = ["cell_text", "read_cell"]
