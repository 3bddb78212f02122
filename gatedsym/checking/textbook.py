"""The derived adjoint of a step → the same as textbooks print it: f (1 − f) for σ′(a_f), 1 − g² for tanh′(a_g)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy as sp

from gatedsym.checking.reference import Adjoint
from gatedsym.ir.functions import sech2, sigmoid, tanh
from gatedsym.ir.program import Pointwise, Program, Ref, Statement, pointwise


def as_printed(adjoint: Adjoint) -> Program:
    """The adjoint Program with derivatives of σ and tanh in terms of their values, where a value has a name."""
    rewriting = _Rewriting(adjoint)
    return replace(adjoint.program, statements=tuple(map(rewriting.statement, adjoint.program.statements)))


class _Rewriting:
    def __init__(self, adjoint: Adjoint) -> None:
        self.primal = adjoint.primal
        self.definitions = {
            s.target.name: s
            for s in adjoint.program.statements
            if isinstance(s, Pointwise) and adjoint.program[s.target.name].role == "local"
        }
        self.values: dict[tuple[str, str], tuple[Ref, Ref]] = {}
        for s in adjoint.primal.statements:
            if isinstance(s, Pointwise) and _is_of_one(s):
                source = s.operands[0]
                self.values.setdefault((s.expression.func.__name__, source.name), (source, s.target))

    def statement(self, statement: Statement) -> Statement:
        """A statement in terms of values."""
        if not isinstance(statement, Pointwise) or statement.target.name in self.definitions:
            return statement
        expression, operands = statement.expression, list(statement.operands)
        for ref in statement.operands:
            definition = self.definitions.get(ref.name)
            if definition is not None:
                renaming = dict(zip(definition.target.indices, ref.indices, strict=True))
                inner = {r.symbol: r.rename(renaming) for r in definition.operands}
                value = definition.expression.xreplace({s: r.symbol for s, r in inner.items()})
                expression = expression.xreplace({ref.symbol: value})
                operands += inner.values()
        known = {r.symbol: r for r in operands}
        expression = self._in_values(expression, known)
        return pointwise(statement.target, expression, known.values())

    def _in_values(self, expression: sp.Expr, known: dict[sp.Symbol, Ref]) -> sp.Expr:
        found: dict[sp.Expr, sp.Expr] = {}
        for e in expression.atoms(sigmoid, sech2, tanh):
            (argument,) = e.args
            value = self._value(e.func, argument, known)
            if value is not None:
                found[e] = value
        return expression.xreplace(found)

    def _value(self, function: type[sp.Function], argument: sp.Expr, known: dict[sp.Symbol, Ref]) -> sp.Expr | None:
        negative = function is sigmoid and -argument in known
        ref = known.get(-argument if negative else argument)
        name = "tanh" if function is sech2 else function.__name__
        if ref is None or (name, ref.name) not in self.values:
            return None
        source, target = self.values[name, ref.name]
        value = target.rename(dict(zip(source.indices, ref.indices, strict=True)))
        known[value.symbol] = value
        return 1 - value.symbol**2 if function is sech2 else 1 - value.symbol if negative else value.symbol


def _is_of_one(s: Pointwise) -> bool:
    """Whether a statement is σ or tanh of one array."""
    e = s.expression
    return (
        e.func in (sigmoid, tanh)
        and len(s.operands) == 1
        and e.args[0] == s.operands[0].symbol
        and s.operands[0].indices == s.target.indices
    )


def edges(primal: Program) -> Mapping[str, tuple[str, str, str]]:
    """For each value that is one function of one other: its function, its argument; by the argument's name."""
    found = {}
    for s in primal.statements:
        if isinstance(s, Pointwise) and s.expression.is_Function and len(s.operands) == 1:
            found[s.operands[0].name] = (s.expression.func.__name__, s.operands[0].name, s.target.name)
    return found
