"""A report is about proven cells: one that a person typed is proven before anything of it is measured."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from gatedsym.cells import Cell
from gatedsym.errors import EquationWarning, ProofError
from gatedsym.files.cache import cache_path, read_kept, write_kept
from gatedsym.files.fingerprint import fingerprint
from gatedsym.report.parts import kernels_digest

_MARK = b"proven\n"


def require_proven(cells: Iterable[Cell], tell: Callable[[str], None] | None = None) -> None:
    """Prove every cell that is not the library's, whose proofs are run with its tests; what is proven is kept.

    Parameters
    ----------
    cells : iterable of Cell
    tell : callable, optional
        Told the name of a cell before its proof begins.

    Raises
    ------
    ProofError
        Naming the cell and the statement that is not so. What is neither proven nor refuted is a warning.
    """
    cells = list(cells)
    of_the_library = {c.source for c in cells if c.record is not None}  # a trained network has its cell beside it
    for cell in cells:
        if cell.record is not None or cell.source in of_the_library or read_kept(*_place(cell)) == _MARK:
            continue
        if tell is not None:
            tell(cell.name)
        if _prove(cell):
            write_kept(*_place(cell), _MARK)


def _prove(cell: Cell) -> bool:
    """Whether all of a cell is proven."""
    from gatedsym.proofs.cell import prove_cell

    failed = [verdict for verdict in prove_cell(cell) if verdict.proof is None]
    for verdict in failed:
        if not verdict.undecided:
            raise ProofError(
                f"cell {cell.name} fails its proof, and nothing is measured: {verdict.statement}: {verdict.failure}; "
                "this is a fault of gatedsym, not of the equations: please report it with them."
            )
        warnings.warn(f"{cell.name}: {verdict.statement}: {verdict.failure}", EquationWarning, stacklevel=2)
    return not failed


def _place(cell: Cell) -> tuple[Path, str]:
    """Path of the mark that a cell is proven, and the key of all that its proof depends on."""
    prover = fingerprint("gatedsym.proofs.cell")
    key = repr((cell.source, sorted(cell.constants.items()), kernels_digest(cell), prover))
    return cache_path("proofs", cell.name, key), key


__all__ = ["require_proven"]
