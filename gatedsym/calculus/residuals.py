"""Residuals of the forward pass, for the backward pass: which values are kept, and which are computed again from those.

Values that pointwise statements give are cheap to compute again; results of contractions are not. So of all that an
adjoint reads, the forward pass keeps what stands right behind a contraction (the pre-activations), and the backward
pass computes the rest (the gates) from it. States are in the trajectory anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gatedsym.ir.program import Pointwise, Program, Statement


@dataclass(frozen=True)
class Residuals:
    """
    Attributes
    ----------
    names : tuple of str
        Computed values that the forward pass must keep, in order of computation. Neither sources, next states nor
        outputs are listed: they are there.
    recomputed : tuple of Statement
        Statements of the primal by which the others are found again, in order.
    """

    names: tuple[str, ...]
    recomputed: tuple[Statement, ...]


def choose_residuals(primal: Program, reads: Iterable[str], kept: Iterable[str] | None = None) -> Residuals:
    """Work out how every name in `reads` is at hand when the step is looked at again.

    Parameters
    ----------
    primal : Program
    reads : iterable of str
        Names that a derived Program reads; names that `primal` does not compute are ignored.
    kept : iterable of str, optional
        What the forward pass keeps, where that is settled already; by default it is chosen here.
    """
    there = {*primal.sources, *primal.results}
    wanted = {n for n in reads if n in primal.definitions and n in primal.batched}
    settled = kept is not None
    keep = set(kept or ())
    if not settled:
        keep = {n for n in wanted - there if not isinstance(primal.definitions[n], Pointwise)}
    recomputed: dict[str, Statement] = {}

    def provide(name: str) -> None:
        if name in there or name in keep or name in recomputed or name not in primal.batched:
            return
        statement = primal.definitions[name]
        if not settled and (
            not isinstance(statement, Pointwise)
            or any(_is_unkept_sum(primal, ref.name, keep, there) for ref in statement.operands)
        ):
            keep.add(name)
            return
        for ref in statement.operands:
            provide(ref.name)
        recomputed[name] = statement

    order = {s.target.name: n for n, s in enumerate(primal.statements)}
    for name in sorted(wanted, key=order.__getitem__):
        provide(name)
    return Residuals(
        tuple(sorted(keep, key=order.__getitem__)),
        tuple(sorted(recomputed.values(), key=lambda s: order[s.target.name])),
    )


def _is_unkept_sum(primal: Program, name: str, kept: set[str], there: set[str]) -> bool:
    statement = primal.definitions.get(name)
    computed = statement is not None and not isinstance(statement, Pointwise)
    return computed and name in primal.batched and name not in kept and name not in there
