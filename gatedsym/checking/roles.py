"""Cell → what each of its parameters does: matrix of an input, matrix of a state, bias; and for which line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from gatedsym.ir.program import Contraction, Pointwise, Recurrence


@dataclass(frozen=True)
class Part:
    """A parameter of a cell.

    Attributes
    ----------
    name : str
    kind : str
        ``input``, ``recurrent``, ``bias`` or ``other``.
    line : str
        The line that it is for, a state's without its prime.
    dims : tuple of str
    """

    name: str
    kind: str
    line: str
    dims: tuple[str, ...]


def parts_of(recurrence: Recurrence) -> tuple[Part, ...]:
    """The parameters of a cell, in order of declaration."""
    lines = line_of_statements(recurrence)
    program = recurrence.program
    return tuple(
        Part(t.name, *_kind(recurrence, t.name, lines), t.dims) for t in program.tensors if t.role == "parameter"
    )


def line_of_statements(recurrence: Recurrence) -> Mapping[str, str]:
    """For each computed name the line that computes it."""
    return {name: equation.target for equation in recurrence.equations for name in equation.computes}


def _kind(recurrence: Recurrence, name: str, lines: Mapping[str, str]) -> tuple[str, str]:
    """Kind and line of a parameter, by the first statement that reads it."""
    program = recurrence.program
    for statement in program.statements:
        if all(ref.name != name for ref in statement.operands):
            continue
        line = lines.get(statement.target.name, statement.target.name).rstrip("'")
        others = [ref.name for ref in statement.operands if ref.name != name]
        if isinstance(statement, Contraction) and len(program[name].dims) == 2:
            if any(program[o].role == "input" for o in others):
                return "input", line
            if any(o in program.reached_by_states and program[o].role != "next" for o in others):
                return "recurrent", line
        if isinstance(statement, Pointwise) and len(program[name].dims) == 1:
            symbol = next(ref.symbol for ref in statement.operands if ref.name == name)
            if statement.expression.diff(symbol).is_number:
                return "bias", line
            if statement.expression.expand().coeff(symbol, 1).free_symbols.isdisjoint({symbol}) and any(
                symbol in term.free_symbols and term.is_Add for term in _factors(statement.expression)
            ):
                return "bias", line
        return "other", line
    return "other", ""


def _factors(expression: sp.Expr) -> tuple[sp.Expr, ...]:
    """Factors of the terms of a sum: a bias may stand in brackets, ``r*(U_h + v)``."""
    return tuple(f for term in sp.Add.make_args(expression) for f in sp.Mul.make_args(term))
