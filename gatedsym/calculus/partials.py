"""The local derivatives of one pointwise statement, and the tie rule of a maximum: what adjoint and tangent share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import mul

import sympy as sp

from gatedsym.calculus.names import Names
from gatedsym.ir.functions import Choice, equal
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Tensor, pointwise


def partials(statement: Pointwise) -> Iterator[tuple[Ref, sp.Expr]]:
    """Each operand with the derivative of the expression with respect to it; zero derivatives are left out."""
    differentiate = _Differentiation(statement.expression)
    for ref in statement.operands:
        derivative = differentiate(ref.symbol)
        if derivative != 0:
            yield ref, derivative


class _Differentiation:
    """The derivative of an expression by one symbol after another, as ``sympy.diff`` has it.

    SymPy asks every term for its derivative by every symbol: the terms of a wide sum are asked here only if the symbol
    occurs in them.
    """

    def __init__(self, expression: sp.Expr) -> None:
        self._expression = expression
        self._symbols: dict[sp.Expr, frozenset[sp.Symbol]] = {}

    def __call__(self, symbol: sp.Symbol) -> sp.Expr:
        return self._derivative(self._expression, symbol)

    def _holds(self, expression: sp.Expr, symbol: sp.Symbol) -> bool:
        if expression not in self._symbols:
            self._symbols[expression] = frozenset(expression.free_symbols)
        return symbol in self._symbols[expression]

    def _derivative(self, e: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
        if not self._holds(e, symbol):
            return sp.S.Zero
        if e.is_Add:
            return sp.Add(*(self._derivative(term, symbol) for term in e.args if self._holds(term, symbol)))
        if e.is_Mul:
            return self._of_product(list(e.args), symbol)
        if isinstance(e, Choice):  # never a product with 0: what is not chosen may be infinite
            return e.between(*(self._derivative(value, symbol) for value in e.args[2:]))
        if e.is_Function:
            slopes = ((self._derivative(a, symbol), n) for n, a in enumerate(e.args, 1) if self._holds(a, symbol))
            return sp.Add(*(e.fdiff(n) * slope for slope, n in slopes if slope != 0))
        return sp.diff(e, symbol)

    def _of_product(self, factors: list[sp.Expr], symbol: sp.Symbol) -> sp.Expr:
        """The product rule; beside a number one factor after the other, as SymPy does it: it may go into a sum."""
        terms = []
        for n, factor in enumerate(factors):
            slope = self._derivative(factor, symbol)
            if slope != 0:
                parts = (*factors[:n], slope, *factors[n + 1 :])
                numbers = any(part.as_coeff_Mul()[0] != 1 for part in parts)
                terms.append(reduce(mul, parts, sp.S.One) if numbers else sp.Mul(*parts))
        return sp.Add(*terms)


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
