"""Program → the same with a name for each part of an expression that parameters alone give: it is computed once.

A derivative of a long expression repeats its parts in every term. Where a part has a name, derivatives pass through the
name: what no step changes is differentiated once, and not in every step.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from gatedsym.calculus.names import Names
from gatedsym.ir.program import Pointwise, Program, Ref, Statement, Tensor, pointwise

_LEAST = 2
"""Operations of a part that is worth a name."""


def name_parameter_parts(program: Program) -> Program:
    """Name the largest parts of pointwise expressions that are the same at every step, if they are expressions at all.

    Parameters
    ----------
    program : Program

    Returns
    -------
    Program
        With the same results.
    """
    return _Parts(program).result()


class _Parts:
    def __init__(self, program: Program) -> None:
        self.program, self.names = program, Names(t.name for t in program.tensors)
        self.tensors, self.statements = list(program.tensors), list[Statement]()
        self.known: dict[sp.Expr, Ref] = {}

    def result(self) -> Program:
        for s in self.program.statements:
            if isinstance(s, Pointwise) and s.target.name in self.program.batched:
                s = self._rewritten(s)
            self.statements.append(s)
        return Program(tuple(self.tensors), tuple(self.statements), self.program.results)

    def _rewritten(self, statement: Pointwise) -> Pointwise:
        refs = {r.symbol: r for r in statement.operands}
        fixed = {symbol for symbol, ref in refs.items() if ref.name not in self.program.batched}
        if not fixed:
            return statement
        found: dict[sp.Symbol, Ref] = {}
        expression = self._named(statement.expression, fixed, refs, statement.target.indices, found)
        return pointwise(statement.target, expression, (*refs.values(), *found.values()))

    def _named(
        self,
        e: sp.Expr,
        fixed: set[sp.Symbol],
        refs: Mapping[sp.Symbol, Ref],
        order: tuple[str, ...],
        found: dict[sp.Symbol, Ref],
    ) -> sp.Expr:
        """The expression with references to the parts that have a name."""
        if e.is_Atom or not e.free_symbols & fixed:
            return e
        if e.free_symbols <= fixed:
            return self._name(e, refs, order, found)
        args = list(e.args)
        if e.is_Add or e.is_Mul:  # what of a sum or a product is fixed is one part
            parts = [a for a in args if a.free_symbols and a.free_symbols <= fixed]
            if len(parts) > 1:
                args = [a for a in args if a not in parts] + [e.func(*parts)]
        return e.func(*(self._named(a, fixed, refs, order, found) for a in args))

    def _name(
        self, e: sp.Expr, refs: Mapping[sp.Symbol, Ref], order: tuple[str, ...], found: dict[sp.Symbol, Ref]
    ) -> sp.Expr:
        if sp.count_ops(e) < _LEAST:
            return e
        operands = sorted(refs[s] for s in e.free_symbols)
        if e not in self.known:
            dims = {i: d for r in operands for i, d in zip(r.indices, self.program[r.name].dims, strict=True)}
            indices = tuple(i for i in order if i in dims)
            target = Ref(self.names.fresh(f"of_{'_'.join(dict.fromkeys(r.name for r in operands))}"), indices)
            self.tensors.append(Tensor(target.name, tuple(dims[i] for i in indices)))
            self.statements.append(pointwise(target, e, operands))
            self.known[e] = target
        ref = self.known[e]
        found[ref.symbol] = ref
        return ref.symbol
