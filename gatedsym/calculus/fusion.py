"""Program → the same step in few strokes: pointwise statements merged, so that between two sums there is one function.

The *nodes* of a step are what no pointwise function sees through: its sources, the results of contractions and solves,
the next states, and values that are spread over an index (a number that multiplies a matrix). Every other value is one
expression in nodes, and has with respect to each of them one slope. A Jacobian is then a sum over paths that alternate
between slopes and contractions, ∂F/∂s + Σ_k ∂F/∂u_k · W_k · …; who bounds each factor, bounds the Jacobian.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from gatedsym.ir.program import Pointwise, Program, Ref, pointwise


@dataclass(frozen=True)
class Slope:
    """The derivative of a merged expression with respect to one node.

    Attributes
    ----------
    of : Ref
        The value, under its own indices.
    by : Ref
        The node as the expression reads it.
    derivative : Pointwise
        In nodes and sources.
    """

    of: Ref
    by: Ref
    derivative: Pointwise


@dataclass(frozen=True)
class FusedProgram:
    """A step with its pointwise statements merged.

    Attributes
    ----------
    program : Program
        The step.
    nodes : tuple of str
        Computed nodes, in order.
    values : mapping of str to Pointwise
        Each tensor that pointwise statements compute and that differs between steps, in nodes and sources.
    seen_through : mapping of str to Pointwise
        The same, next states merged too where their indices allow it: what relates the parts of an expression to each
        other may show only here.
    slopes : mapping of str to tuple of Slope
        Of every value that a state reaches, the slopes by nodes and states that a state reaches.
    """

    program: Program
    nodes: tuple[str, ...]
    values: Mapping[str, Pointwise]
    seen_through: Mapping[str, Pointwise]
    slopes: Mapping[str, tuple[Slope, ...]]


def fuse_pointwise(program: Program) -> FusedProgram:
    """Merge the pointwise statements of a step."""
    spread = _spread(program)
    values: dict[str, Pointwise] = {}
    through: dict[str, Pointwise] = {}
    nodes: list[str] = []
    for statement in program.statements:
        name = statement.target.name
        if name not in program.batched:
            continue
        if not isinstance(statement, Pointwise):
            nodes.append(name)
            continue
        closed = frozenset(n for n in values if n in spread or program[n].role == "next")
        values[name] = _merged(statement, values, closed)
        through[name] = _merged(statement, through, spread)
        if name in spread or program[name].role == "next":
            nodes.append(name)
    ends = program.reached_by_states.intersection((*nodes, *program.sources))
    slopes = {n: tuple(_slopes(values[n], ends)) for n in values if n in program.reached_by_states}
    return FusedProgram(program, tuple(nodes), values, through, slopes)


def _spread(program: Program) -> frozenset[str]:
    """Values that some pointwise statement reads under fewer indices than its own."""
    return frozenset(
        ref.name
        for s in program.statements
        if isinstance(s, Pointwise)
        for ref in s.operands
        if set(ref.indices) != set(s.target.indices)
    )


def _merged(statement: Pointwise, known: Mapping[str, Pointwise], closed: frozenset[str]) -> Pointwise:
    """The statement with the expressions of its operands put in, except those of `closed`."""
    replaced: dict[sp.Symbol, sp.Expr] = {}
    operands: list[Ref] = []
    for ref in statement.operands:
        inner = known.get(ref.name)
        if inner is None or ref.name in closed:
            operands.append(ref)
            continue
        indices = dict(zip(inner.target.indices, ref.indices, strict=True))
        renamed = {r.symbol: r.rename(indices) for r in inner.operands}
        replaced[ref.symbol] = inner.expression.xreplace({s: r.symbol for s, r in renamed.items()})
        operands += renamed.values()
    return pointwise(statement.target, statement.expression.xreplace(replaced), operands)


def _slopes(value: Pointwise, ends: frozenset[str]) -> list[Slope]:
    found = []
    for ref in value.operands:
        if ref.name in ends:
            derivative = sp.diff(value.expression, ref.symbol)
            if derivative != 0:
                found.append(Slope(value.target, ref, pointwise(value.target, derivative, value.operands)))
    return found
