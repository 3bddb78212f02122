"""The local derivatives of one pointwise statement, and the tie rule of a maximum: what adjoint and tangent share."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from gatedsym.calculus.names import Names
from gatedsym.ir.functions import equal
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Tensor, pointwise


def partials(statement: Pointwise) -> Iterator[tuple[Ref, sp.Expr]]:
    """Each operand with the derivative of the expression with respect to it; zero derivatives are left out."""
    for ref in statement.operands:
        derivative = sp.diff(statement.expression, ref.symbol)
        if derivative != 0:
            yield ref, derivative


def share_of_maximum(
    statement: Contraction, program: Program, names: Names
) -> tuple[Ref, list[Pointwise | Contraction], list[Tensor]]:
    """Statements for how much of a maximum each entry carries: 1 where it is attained, shared equally among ties.

    The maximum is taken again: entries that are computed once more may differ by a rounding from those of which the
    known one is the largest, and none would attain it.

    Returns
    -------
    share : Ref
        Under all indices of the maximised tensor.
    statements, tensors
        What computes it.
    """
    (factor,) = statement.factors
    target = statement.target
    top = Ref(names.fresh(f"largest_{target.name}"), target.indices)
    mask = Ref(names.fresh(f"attained_{target.name}"), factor.indices)
    count = Ref(names.fresh(f"ties_{target.name}"), target.indices)
    share = Ref(names.fresh(f"share_{target.name}"), factor.indices)
    statements: list[Pointwise | Contraction] = [
        Contraction(top, (factor,), statement.summed, "max"),
        pointwise(mask, equal(factor.symbol, top.symbol), (factor, top)),
        Contraction(count, (mask,), statement.summed),
        pointwise(share, mask.symbol / count.symbol, (mask, count)),
    ]
    dims = program[factor.name].dims
    tensors = [
        Tensor(top.name, program[target.name].dims),
        Tensor(mask.name, dims),
        Tensor(count.name, program[target.name].dims),
        Tensor(share.name, dims),
    ]
    return share, statements, tensors
