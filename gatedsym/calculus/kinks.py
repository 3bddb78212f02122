"""Recurrence → the lines that have a kink: there a slope jumps, and away from it its derivative is 0."""

from __future__ import annotations

from gatedsym.ir.functions import FUNCTIONS
from gatedsym.ir.program import Contraction, Pointwise, Program, Recurrence


def lines_with_kinks(recurrence: Recurrence) -> tuple[str, ...]:
    """The names that those equations define in which a function with branches occurs, or a maximum.

    Parameters
    ----------
    recurrence : Recurrence

    Returns
    -------
    tuple of str
        In the order of the equations.
    """
    program = recurrence.program
    found = {s.target.name for s in program.statements if _has_kink(program, s.target.name)}
    return tuple(e.target for e in recurrence.equations if not found.isdisjoint(e.computes))


def _has_kink(program: Program, name: str) -> bool:
    statement = program.definitions[name]
    if not isinstance(statement, Pointwise):
        return isinstance(statement, Contraction) and statement.reduction == "max"
    return any(entry.kinks and statement.expression.has(entry.function) for entry in FUNCTIONS.values())
