"""Program → how parameters act on the next states within one step: factored where the derivative factors.

A weight that enters by one product, ``p[j] = Σ_k W[j,k] v[k]``, acts on a next state as ∂s'/∂p times v: a slope and a
load, for each use. (Williams and Zipser, A learning algorithm for continually running fully recurrent neural networks,
1989; Menick et al., Practical real time recurrent learning with a sparse approximation, 2021, on the zeros.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations

import sympy as sp

from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.ir.program import Contraction, Program, Ref, Solve, Statement, Tensor, fresh_indices, pointwise

Ties = frozenset[frozenset[str]]
"""Pairs of indices: off the places where both are equal there are zeros."""


@dataclass(frozen=True)
class Factored:
    """One way by which a parameter acts on a next state.

    Attributes
    ----------
    through : str
        What the product gives in which the parameter stands; the parameter itself where it is no product.
    load : str
        The other factor of the product; "" where there is none.
    rows, columns, axes, loads : tuple of str
        Indices: of the next state, of what it goes through, of the parameter, of the load.
    tied : dict of str to str
        For each index of `columns` that equals one of the rows, that one: elsewhere the derivative is zero.
    program : Program
        Computes the slope, from sources and computed values of the step: where every column is tied, the tangent along
        ones, which has the indices of the rows; else the Jacobian, rows and columns.
    ones : str
        What is to be set to ones for the tangent; "" for the Jacobian.
    """

    through: str
    load: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    axes: tuple[str, ...]
    loads: tuple[str, ...]
    tied: dict[str, str]
    program: Program
    ones: str


def derive_influence(program: Program, of: str, parameter: str) -> tuple[Factored, ...]:
    """The immediate derivative of a next state by a parameter, as a sum of slopes times loads.

    Parameters
    ----------
    program : Program
    of : str
        A next state.
    parameter : str

    Returns
    -------
    tuple of Factored
        Empty where the parameter acts on other states alone.
    """
    uses = [s for s in program.statements if any(r.name == parameter for r in s.operands)]
    products = [_as_product(s, parameter, program) for s in uses]
    if all(product is not None for product in products):
        found = [_through(program, of, s, p) for s, p in zip(uses, products, strict=True) if p is not None]
    else:
        axes = fresh_indices(len(program[parameter].dims))
        found = [_slope(program, of, parameter, axes, "", axes, ())]
    return tuple(part for part in found if part is not None)


def _as_product(statement: Statement, parameter: str, program: Program) -> tuple[Ref, Ref] | None:
    """The parameter and the other factor, where they make each entry of the target a sum over distinct entries."""
    if not isinstance(statement, Contraction) or statement.reduction != "sum" or len(statement.factors) != 2:
        return None
    own, load = sorted(statement.factors, key=lambda r: r.name != parameter)
    apart = (*statement.target.indices, *load.indices)
    distinct = len(set(apart)) == len(apart) and sorted(apart) == sorted(own.indices)
    return (own, load) if distinct and load.name in program.batched and load.name != parameter else None


def _through(program: Program, of: str, use: Statement, product: tuple[Ref, Ref]) -> Factored | None:
    """The part that goes through one product, whose value is given instead."""
    own, load = product
    given = Ref(f"{use.target.name} given", use.target.indices)
    copy = pointwise(use.target, given.symbol, (given,))
    statements = tuple(copy if s is use else s for s in program.statements)
    tensors = (*program.tensors, Tensor(given.name, program[use.target.name].dims))
    cut = Program(tensors, statements, program.results)
    found = _slope(cut, of, given.name, use.target.indices, load.name, own.indices, load.indices)
    return None if found is None else replace(found, through=use.target.name)


def _slope(
    program: Program,
    of: str,
    through: str,
    columns: tuple[str, ...],
    load: str,
    axes: tuple[str, ...],
    loads: tuple[str, ...],
) -> Factored | None:
    """The derivative of a next state by what a parameter goes through, with its zeros; None if it is zero."""
    jacobian = derive_jacobian(program, (through,), (of,))
    (block,) = jacobian.results
    ties = _ties(jacobian).get(block)
    if ties is None:
        return None
    rows = fresh_indices(len(program[of].dims), (*columns, *axes))
    named = dict(zip(jacobian.definitions[block].target.indices, (*rows, *columns), strict=True))
    pairs = {frozenset(named[i] for i in pair) for pair in ties}
    tied: dict[str, str] = {}
    for column in columns:
        row = next((r for r in rows if frozenset((r, column)) in pairs and r not in tied.values()), None)
        if row is not None:
            tied[column] = row
    if set(tied) != set(columns):
        return Factored(through, load, rows, columns, axes, loads, tied, jacobian, "")
    tangent = derive_tangent(program, (through,))
    dot = dict(zip(program.results, tangent.results, strict=True))[of]
    ones = next(t.name for t in tangent.tensors if t.of == through and t.name not in tangent.definitions)
    return Factored(through, load, rows, columns, axes, loads, tied, tangent.with_results((dot,)), ones)


# Where a derivative is zero: indices that must be equal.


def _ties(program: Program) -> dict[str, Ties]:
    """For each tensor of a Jacobian the pairs of its target's indices that must be equal; nothing of what is zero."""
    found: dict[str, Ties] = {}
    zero: set[str] = set()
    for s in program.statements:
        at = {r.symbol: _at(program, found, r) for r in s.operands if r.name not in zero}
        if isinstance(s, Contraction):
            relation = None if any(r.name in zero for r in s.factors) else _closed(at[r.symbol] for r in s.factors)
        elif isinstance(s, Solve):  # an entry of a solution depends on all rows, but column by column
            relation = None if s.right.name in zero else at[s.right.symbol]
        else:
            relation = _of_expression(s.expression, at, {r.symbol for r in s.operands if r.name in zero})
        if relation is None:
            zero.add(s.target.name)
        else:
            found[s.target.name] = frozenset(pair for pair in relation if pair <= {*s.target.indices})
    return found


def _at(program: Program, found: dict[str, Ties], ref: Ref) -> Ties:
    """The pairs of a tensor under other indices."""
    if program[ref.name].role == "identity":
        return frozenset({frozenset(ref.indices)})
    own = program.definitions.get(ref.name)
    if own is None:
        return frozenset()
    named = dict(zip(own.target.indices, ref.indices, strict=True))
    return frozenset(frozenset(named[i] for i in pair) for pair in found.get(ref.name, frozenset()))


def _of_expression(e: sp.Expr, at: dict[sp.Symbol, Ties], zero: set[sp.Symbol]) -> Ties | None:
    """The pairs off which an expression is zero; None if it is zero everywhere."""
    if e == 0 or e in zero:
        return None
    if e in at:
        return at[e]
    if e.is_Add:
        parts = [part for part in (_of_expression(a, at, zero) for a in e.args) if part is not None]
        return frozenset.intersection(*parts) if parts else None
    if e.is_Mul:
        factors = [_of_expression(a, at, zero) for a in e.args]
        return None if None in factors else _closed(f for f in factors if f is not None)
    if e.is_Pow and e.exp.is_positive:
        return _of_expression(e.base, at, zero)
    return frozenset()


def _closed(relations: Iterable[Ties]) -> Ties:
    """All pairs that follow from some pairs: equal to the same is equal."""
    groups: list[set[str]] = []
    for pair in (pair for relation in relations for pair in relation):
        joined = {*pair}.union(*(g for g in groups if not g.isdisjoint(pair)))
        groups = [*(g for g in groups if g.isdisjoint(pair)), joined]
    return frozenset(frozenset(pair) for group in groups for pair in combinations(sorted(group), 2))
