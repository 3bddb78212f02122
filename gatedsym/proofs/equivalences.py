"""Which cells are one: the equivalences and limits that derivation files declare, each told in a line and proven."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from functools import partial

from gatedsym import library
from gatedsym.cells import Cell
from gatedsym.claims import Equivalence, Limit
from gatedsym.errors import EquationWarning
from gatedsym.proofs.cell import Verdict, resolve, verdict_of


def relations(cell: Cell) -> tuple[Equivalence | Limit, ...]:
    """What a cell's derivation file says of its relation to other cells."""
    claims = cell.derivation.claims if cell.derivation is not None else ()
    return tuple(claim for claim in claims if isinstance(claim, (Equivalence, Limit)))


def prove_relations(cell: Cell) -> Iterator[tuple[str, Verdict]]:
    """Each equivalence and limit of a cell: the line that tells it, and what came of its proof."""
    from gatedsym.calculus.proof.claims import prove_claim

    claims = relations(cell)
    if not claims:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        recurrence = cell.recurrence
    for claim in claims:
        prove = partial(prove_claim, recurrence, claim, resolve=resolve)
        yield told(cell.name, claim), verdict_of(cell.name, claim.text, prove)


def told(name: str, claim: Equivalence | Limit) -> str:
    """A relation in one line: this cell, the other, and under which substitution.

    Examples
    --------
    >>> told("cifg", claim)  # an equivalence with other="lstm", other_parameters={"W_f": "-W_i"}
    'cifg = lstm, where W_f of lstm is -W_i'
    """
    this = _with_edits(name, claim.where)
    if isinstance(claim, Limit):
        end = {"oo": "∞", "-oo": "-∞"}.get(claim.to, claim.to)
        return f"{this}: {claim.of} → {claim.equals} as {claim.parameter} → {end}"
    known = claim.other in library.names()
    other = claim.other if known else "the cell written there"
    parts = [f"{key} is {value}" for key, value in {**claim.parameters, **claim.states}.items()]
    parts += [f"{key} of {other} is {value}" for key, value in claim.other_parameters.items()]
    parts += [f"{', '.join(claim.ignoring)} left out"] if claim.ignoring else []
    line = f"{this} = {_with_edits(other, claim.other_where)}"
    return f"{line}, where {', '.join(parts)}" if parts else line


def _with_edits(name: str, edits: Mapping[str, str]) -> str:
    return f"{name} [{', '.join(f'{key} = {value}' for key, value in edits.items())}]" if edits else name
