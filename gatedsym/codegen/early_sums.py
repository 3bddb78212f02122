"""A Program, and products that come before the loop over time of an adjoint → a Program that sums them apart.

The total adjoint of a state collects what later steps sent and what this step adds. Added to the state's row at once,
a product of all steps of a segment would come before what the next step sends within the segment, and after it at its
edge: results would depend, in the last digit, on how the steps are divided. With a sum of its own it always comes last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sympy as sp

from gatedsym.ir.program import Pointwise, Program, Ref, Statement, pointwise


def early_sum_name(total: str) -> str:
    """The name of the sum of several early products of a total adjoint."""
    return f"{total}_through_products"


def sum_apart(program: Program, early: Mapping[str, Sequence[str]]) -> Program:
    """The Program in which some summands of pointwise sums are summed before.

    Parameters
    ----------
    program : Program
    early : mapping of str to sequence of str
        For each sum those of its summands that come early. One that is alone is such a sum already, under its own name;
        of several the sum is called as `early_sum_name` says.
    """
    statements: list[Statement] = []
    tensors = list(program.tensors)
    for statement in program.statements:
        summands = early.get(statement.target.name, ())
        if len(summands) < 2 or not isinstance(statement, Pointwise):
            statements.append(statement)
            continue
        refs = [r for r in statement.operands if r.name in summands]
        name = early_sum_name(statement.target.name)
        own = Ref(name, statement.target.indices)
        tensors.append(replace(program[statement.target.name], name=name))
        statements.append(pointwise(own, sp.Add(*(r.symbol for r in refs)), refs))
        rest = statement.expression - sp.Add(*(r.symbol for r in refs)) + own.symbol
        statements.append(pointwise(statement.target, rest, (*statement.operands, own)))
    return replace(program, tensors=tuple(tensors), statements=tuple(statements))
