"""A gate's adjoint with the total adjoint written out in it → slips in one part of it: ``(dc_next + dh o (1 − t²)) i``.

Where a course writes the adjoint of a state out in the line of each gate, a slip may stand in one gate alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import sympy as sp

from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Statement

Part = tuple[str, sp.Expr, str]
"""Kind of a slip, the expression with it, and what tells it apart."""


def written_out(
    s: Pointwise, printed: Program, slopes: Mapping[str, Sequence[tuple[sp.Expr, Sequence[tuple[str, sp.Expr]]]]]
) -> Iterator[Part]:
    """Slips in the parts of a total adjoint that a statement reads.

    Parameters
    ----------
    s : Pointwise
    printed : Program
    slopes : mapping of str to sequence of (term, terms)
        For a total adjoint those of its terms with a derivative, and the same with another in its place.
    """
    for ref in s.operands:
        definition = printed.definitions.get(ref.name)
        if printed[ref.name].role != "adjoint" or not isinstance(definition, Pointwise):
            continue
        terms = sp.Add.make_args(definition.expression)
        if len(terms) < 2 or definition.target.indices != ref.indices or ref.name == s.target.name:
            continue
        rest = s.expression.coeff(ref.symbol, 1)
        other = s.expression - rest * ref.symbol
        if rest == 0 or ref.symbol in other.free_symbols:
            continue
        for term in terms:
            yield "path-missing", sp.expand(other + rest * (sum(terms) - term)), f"without {term}"
            for factor in sp.Mul.make_args(rest):
                if factor.free_symbols:
                    yield (
                        "factor-missing",
                        sp.expand(other + rest * (sum(terms) - term)) + rest / factor * term,
                        f"{factor}",
                    )
        for term, others in slopes.get(ref.name, ()):
            for kind, one in others:
                yield kind, other + rest * (sum(terms) - term + one), f"{one}"


def exchanged(
    statements: Sequence[Statement], gates: Sequence[str]
) -> Iterator[tuple[tuple[str, str], tuple[Statement, ...]]]:
    """Two gates' values in each other's place throughout a backward pass: unpacked in another order."""
    for one, other in combinations(gates, 2):
        swap = {one: other, other: one}
        changed = []
        for s in statements:
            if any(r.name in swap for r in s.operands):
                operands = tuple(type(r)(swap.get(r.name, r.name), r.indices) for r in s.operands)
                changed.append(s.reading(operands))
        if changed:
            yield (one, other), tuple(changed)


def put_together_wrongly(
    printed: Program, arguments: Sequence[str]
) -> Iterator[tuple[tuple[str, str], tuple[Statement, ...]]]:
    """Adjoints of two gates' arguments in each other's place throughout: put into one array in another order.

    Parameters
    ----------
    printed : Program
    arguments : sequence of str
        Names of the values whose adjoints they are.
    """
    places = {s.target.name: n for n, s in enumerate(printed.statements)}
    wholes = [n for n in places if printed[n].of in arguments and printed[n].role == "adjoint"]
    for pair, changes in exchanged(printed.statements, wholes):
        ready = max(places[name] for name in pair)
        if len(changes) > 2 and all(places[s.target.name] > ready for s in changes):
            yield pair, changes


def read_late(statements: Sequence[Statement], state: str, primal: Program | None = None) -> tuple[Statement, ...]:
    """A backward pass that takes a state behind the step for the one before it, wherever it reads it.

    With `primal`, the step itself, products with the state that it makes for a matrix are made anew, and late too.
    """
    products = {} if primal is None else _products_with(state, primal)
    changed: list[Statement] = []
    for s in statements:
        if any(r.name == f"{state}'" for r in s.operands):
            continue
        if isinstance(s, Contraction) and any(r.name in products for r in s.factors):
            factors = tuple(x for r in s.factors for x in _made_anew(r, state, products))
            changed.append(replace(s, factors=factors))
        elif any(r.name == state for r in s.operands):
            changed.append(s.reading(tuple(_late(r, state) for r in s.operands)))
    return tuple(changed)


def _late(ref: Ref, state: str) -> Ref:
    return Ref(f"{state}'" if ref.name == state else ref.name, ref.indices)


def _products_with(state: str, primal: Program) -> dict[str, Pointwise]:
    """Products of the state with other values, and with nothing else, by name."""
    return {
        s.target.name: s
        for s in primal.statements
        if isinstance(s, Pointwise)
        and s.expression == sp.Mul(*(r.symbol for r in s.operands))
        and len(s.operands) > 1
        and any(r.name == state for r in s.operands)
    }


def _made_anew(ref: Ref, state: str, products: Mapping[str, Pointwise]) -> tuple[Ref, ...]:
    """A factor of a contraction; for a product with the state its factors, the state behind the step."""
    made = products.get(ref.name)
    if made is None:
        return (_late(ref, state),)
    renaming = dict(zip(made.target.indices, ref.indices, strict=True))
    return tuple(_late(r.rename(renaming), state) for r in made.operands)
