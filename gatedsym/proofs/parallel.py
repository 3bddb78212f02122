"""The proofs of many cells, a process for each core: results come in the order of the cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from gatedsym import cells as front_door
from gatedsym.cells import Cell
from gatedsym.proofs.cell import Verdict, prove_cell

_WORTH_PROCESSES = 8
"""Fewer cells are proven sooner than a second process has loaded SymPy."""


def prove_cells(cells: Sequence[Cell], processes: int | None = None) -> Iterator[tuple[str, Iterable[Verdict]]]:
    """Prove everything of each cell.

    Parameters
    ----------
    cells : sequence of Cell
    processes : int, optional
        As many as there are usable cores by default, and one for a few cells.

    Yields
    ------
    str, iterable of Verdict
        Name of the cell, and what came of its proofs; as they come where one process does it all.
    """
    from gatedsym.runtime.threads.pool import usable_cores

    count = usable_cores() if processes is None and len(cells) >= _WORTH_PROCESSES else processes or 1
    if count == 1:
        yield from ((cell.name, prove_cell(cell)) for cell in cells)
        return
    # Spawned, not forked: the caller may have threads.
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(_prove, *_description(cell)) for cell in cells]
        try:
            for cell, future in zip(cells, futures):
                yield cell.name, future.result()
        finally:
            for future in futures:
                future.cancel()


def _description(cell: Cell) -> tuple[str, str, Mapping[str, Any]]:
    """Description from which another process makes the cell: name, its text unless the library has it, constants."""
    return cell.name, "" if cell.record is not None else cell.source, cell.constants


def _prove(name: str, source: str, constants: Mapping[str, Any]) -> list[Verdict]:
    cell = Cell(source, name, **constants) if source else front_door.cell(name, **constants)
    return list(prove_cell(cell))
