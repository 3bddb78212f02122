"""Program → the same Program with other names for some of its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gatedsym.calculus.names import Names
from gatedsym.ir.program import Program, Ref, Statement


def rename_tensors(program: Program, names: Mapping[str, str]) -> Program:
    """The Program with other names for some of its tensors; what stands in the way of a name makes room."""
    fresh = Names([*names.values(), *(t.name for t in program.tensors)])
    clash = {t.name for t in program.tensors if t.name not in names} & {*names.values()}
    table = {**names, **{name: fresh.fresh(name) for name in sorted(clash)}}
    tensors = tuple(replace(t, name=table.get(t.name, t.name)) for t in program.tensors)
    statements = tuple(rename_statement(s, table) for s in program.statements)
    return Program(tensors, statements, tuple(table.get(n, n) for n in program.results))


def rename_statement(statement: Statement, names: Mapping[str, str]) -> Statement:
    """A statement with other names for some of its tensors."""

    def renamed(ref: Ref) -> Ref:
        return Ref(names.get(ref.name, ref.name), ref.indices)

    return replace(statement.reading(tuple(map(renamed, statement.operands))), target=renamed(statement.target))
