"""Cells that are one: the equivalences and limits that derivation files declare, each told in a line and proven."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial

from gatedsym.cells import Cell
from gatedsym.errors import EquationWarning
from gatedsym.library.claims import Equivalence, Limit, told
from gatedsym.proofs.cell import Verdict, resolve, verdict_of


def relations(cell: Cell) -> tuple[Equivalence | Limit, ...]:
    """Relations of a cell to others, by its derivation file."""
    claims = cell.record.claims if cell.record is not None else ()
    return tuple(claim for claim in claims if isinstance(claim, (Equivalence, Limit)))


def prove_relations(cell: Cell) -> Iterator[tuple[str, Verdict]]:
    """Each equivalence and limit of a cell: the line that tells it, and what came of its proof."""
    from gatedsym.proofs.engine.claims import prove_claim

    claims = relations(cell)
    if not claims:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        recurrence = cell.recurrence
    for claim in claims:
        prove = partial(prove_claim, recurrence, claim, resolve=resolve)
        yield told(cell.name, claim), verdict_of(cell.name, claim.text, prove)
