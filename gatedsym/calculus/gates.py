"""Find, from the equations alone, the gates of a cell and what passes through each.

A *gate* is a computed value that stays between 0 and 1 whatever the cell reads, and that multiplies something else. It
need not be a logistic function of anything: 1 - i, exp(-relu(a)) and the stabilised exponentials of an sLSTM are gates
too. A *passage* is one such product: the factor that the gate gives (f, or 1 - z) and the operand it lets through.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import sympy as sp

from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import BATCHLESS, NUMBERS, Pointwise, Program, Ref, Solve, Statement, Tensor, pointwise
from gatedsym.typing import Array

DRAWS = 256
SCALES = (0.3, 3.0, 30.0)
"""Sizes of the random values at which the range of a value is looked at."""
_SIZE = 3


@dataclass(frozen=True)
class GatedProduct:
    """One product of a gate with something else.

    Attributes
    ----------
    gate : str
    result : str
        What the product is a summand of: ``c'``.
    factor, operand : Pointwise
        What the gate contributes, and what it multiplies, under indices of the statement that multiplies them.
    text : str
        ``f ⊙ c``.
    """

    gate: str
    result: str
    factor: Pointwise
    operand: Pointwise
    text: str


def find_gated_products(program: Program, *, fixed: bool = False) -> tuple[GatedProduct, ...]:
    """Every product with a gate, in the order of the statements.

    Parameters
    ----------
    fixed : bool
        Count gates that parameters alone give, too: shares that are the same at every step.
    """
    units = unit_values(program)
    gates = [n for n in units if n in program.batched or fixed]
    return tuple(p for statement in program.statements for p in _gated_products_of(statement, gates, program))


def gate_names(program: Program, *, fixed: bool = False) -> tuple[str, ...]:
    """The gates, in the order in which they are computed."""
    used = {p.gate for p in find_gated_products(program, fixed=fixed)}
    return tuple(s.target.name for s in program.statements if s.target.name in used)


@lru_cache(maxsize=128)
def unit_values(program: Program) -> tuple[str, ...]:
    """Computed values that lie between 0 and 1, and vary, at all of many random values of the sources.

    An interval computed term by term would be too wide: exp(a - max(a, b)) is at most 1 because a occurs twice.
    """
    names = [
        s.target.name for s in program.statements if isinstance(s, Pointwise) and program[s.target.name].role == "local"
    ]
    low, high = dict.fromkeys(names, np.inf), dict.fromkeys(names, -np.inf)
    for k, scale in enumerate(SCALES):
        with np.errstate(all="ignore"):
            found = evaluate(program, _random_sources(program, scale, k), NUMPY)
        for name in names:
            # A value that is no number belongs to no interval, and NaN is in none.
            low[name] = np.minimum(low[name], np.min(found[name]))
            high[name] = np.maximum(high[name], np.max(found[name]))
    return tuple(n for n in names if 0 <= low[n] < high[n] <= 1)


def with_gated_products(program: Program, passages: tuple[GatedProduct, ...]) -> Program:
    """The Program with the factor and the operand of each passage as further results."""
    statements = tuple(s for p in passages for s in (p.factor, p.operand))
    tensors = []
    for passage in passages:
        dims = program.index_dims(program.definitions[passage.result])
        for part in (passage.factor, passage.operand):
            tensors.append(Tensor(part.target.name, tuple(dims[i] for i in part.target.indices)))
    results = (*program.results, *(s.target.name for s in statements))
    return replace(
        program,
        tensors=(*program.tensors, *tensors),
        statements=(*program.statements, *statements),
        results=results,
    )


def _random_sources(program: Program, scale: float, seed: int) -> dict[str, Array]:
    generator = np.random.default_rng([seed, 0x6A7E])
    values = {}
    for name in program.sources:
        tensor = program[name]
        if tensor.role in NUMBERS:
            continue
        shape = tuple(int(d) if d.isdigit() else _SIZE for d in tensor.dims)
        lead = () if tensor.role in BATCHLESS else (DRAWS,)
        values[name] = scale * generator.standard_normal(lead + shape)
    return values


def _gated_products_of(statement: Statement, gates: list[str], program: Program) -> Iterator[GatedProduct]:
    if isinstance(statement, Solve):  # every entry depends on all: nothing is let through entry by entry
        return
    refs = {r.symbol: r for r in statement.operands}
    indices = program.index_dims(statement)
    if isinstance(statement, Pointwise):
        expression = statement.expression
    else:
        expression = sp.Mul(*(r.symbol for r in statement.factors))
    name = statement.target.name
    count = 0
    for term in sp.Add.make_args(expression):
        factors = sp.Mul.make_args(term)
        for gate in dict.fromkeys(r.name for r in statement.operands if r.name in gates):
            symbols = {s for s, r in refs.items() if r.name == gate}
            mine = sp.Mul(*(f for f in factors if f.free_symbols & symbols))
            rest = sp.Mul(*(f for f in factors if not f.free_symbols & symbols and not _only_fixed(f, refs, program)))
            if mine == 1 or not any(refs[s].name in program.batched for s in rest.free_symbols if s in refs):
                continue
            free = {i for s in (mine.free_symbols | rest.free_symbols) if s in refs for i in refs[s].indices}
            under = tuple(i for i in indices if i in free)
            count += 1
            place = f"{count} of {name}"
            factor = pointwise(Ref(f"factor {place}", under), mine, statement.operands)
            operand = pointwise(Ref(f"operand {place}", under), rest, statement.operands)
            text = f"{in_words(factor, program)} ⊙ {in_words(operand, program)}"
            yield GatedProduct(gate, name, factor, operand, text)


def _only_fixed(factor: sp.Expr, refs: dict[sp.Symbol, Ref], program: Program) -> bool:
    """Whether a factor is a number or made of parameters alone: it weighs, and is not let through."""
    return all(refs[s].name not in program.batched for s in factor.free_symbols)


def in_words(statement: Pointwise, program: Program) -> str:
    """The expression without indices, as one reads it: what nobody named is written out."""
    expression = statement.expression.xreplace({r.symbol: _reading(r.name, program) for r in statement.operands})
    text = sp.sstr(expression, order="none").replace("**", "^").replace("*", " ")
    return f"({text})" if expression.is_Add else text


def _reading(name: str, program: Program) -> sp.Expr:
    definition = program.definitions.get(name)
    if definition is None or program[name].named or program[name].role != "local":
        return sp.Symbol(name)
    if isinstance(definition, Pointwise):
        return definition.expression.xreplace({r.symbol: _reading(r.name, program) for r in definition.operands})
    inner = " ".join(sp.sstr(_reading(r.name, program), order="none") for r in definition.operands)
    if isinstance(definition, Solve):
        return sp.Symbol(f"solve({', '.join(sp.sstr(_reading(r.name, program)) for r in definition.operands)})")
    return sp.Symbol(inner if definition.reduction == "sum" else f"max({inner})")
