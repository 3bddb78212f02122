"""Program → the same Program with other names for some of its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gatedsym.calculus.names import Names
from gatedsym.ir.program import Pointwise, Program, Ref, Statement, pointwise


def rename_tensors(program: Program, names: Mapping[str, str]) -> Program:
    """The Program with other names for some of its tensors; what stands in the way of a name makes room."""
    fresh = Names([*names.values(), *(t.name for t in program.tensors)])
    clash = {t.name for t in program.tensors if t.name not in names} & {*names.values()}
    table = {**names, **{name: fresh.fresh(name) for name in sorted(clash)}}
    tensors = tuple(replace(t, name=table.get(t.name, t.name)) for t in program.tensors)
    statements = tuple(_statement(s, table) for s in program.statements)
    return Program(tensors, statements, tuple(table.get(n, n) for n in program.results))


def _statement(statement: Statement, names: Mapping[str, str]) -> Statement:
    new = {r: Ref(names.get(r.name, r.name), r.indices) for r in (statement.target, *statement.operands)}
    target = new[statement.target]
    if isinstance(statement, Pointwise):
        expression = statement.expression.xreplace({old.symbol: ref.symbol for old, ref in new.items()})
        return pointwise(target, expression, new.values())
    return replace(statement.reading(tuple(new[r] for r in statement.operands)), target=target)
