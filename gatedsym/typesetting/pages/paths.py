"""Program → its local derivatives, and the paths along which a change of a state reaches the next one.

The Jacobian of a step is a sum over paths (Bauer, Computational graphs and rounding error, 1974): each path from the
state to the result multiplies the local derivatives that it passes. A path that passes pointwise statements alone, and
no matrix, acts on every entry by itself: it is called a highway.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

import sympy as sp

from gatedsym.calculus.cse import name_applications
from gatedsym.calculus.partials import partials
from gatedsym.ir.program import Pointwise, Program, Ref, Statement, Tensor, fresh_indices, pointwise
from gatedsym.ir.ranges import Range, range_of, written_out


@dataclass(frozen=True)
class Edge:
    """One statement, seen as a way from one of its operands to its result.

    Attributes
    ----------
    of, by : str
        Result and operand.
    ref : Ref
        The operand as the statement reads it.
    statement : Statement
    position : int
        Of the factor in a contraction.
    derivative : Pointwise, optional
        Of a pointwise statement: the local derivative, in values of the step.
    """

    of: str
    by: str
    ref: Ref
    statement: Statement
    position: int = 0
    derivative: Pointwise | None = None

    @property
    def elementwise(self) -> bool:
        """True if each entry of the result depends on the same entry of the operand alone."""
        return self.derivative is not None and self.ref.indices == self.statement.target.indices


Path = tuple[Edge, ...]
"""From the source to the result."""


def local_derivatives(program: Program) -> tuple[Program, dict[tuple[str, Ref], Pointwise]]:
    """The local derivatives of all pointwise statements.

    Returns
    -------
    Program
        Computes them, with the values of the step at hand.
    dict
        For each (result, operand) the statement that is its derivative; zero derivatives are left out.
    """
    tensors: list[Tensor] = []
    statements: list[Statement] = []
    operands: tuple[Ref, ...]
    keys: dict[str, tuple[str, Ref]] = {}
    for statement in program.statements:
        if not isinstance(statement, Pointwise):
            continue
        for ref, derivative in partials(statement):
            target = Ref(f"P{len(keys)}[{statement.target.name},{ref.name}]", statement.target.indices)
            if derivative.is_Function:  # gets a name of its own, so that 1 - g² is found again wherever it stands
                slope = Ref(f"slope{len(keys)}", statement.target.indices)
                tensors.append(Tensor(slope.name, program[statement.target.name].dims))
                statements.append(pointwise(slope, derivative, statement.operands))
                derivative = slope.symbol
                operands = (slope,)
            else:
                operands = (*statement.operands, statement.target)
            tensors.append(
                Tensor(target.name, program[statement.target.name].dims, "jacobian", of=statement.target.name)
            )
            statements.append(pointwise(target, derivative, operands))
            keys[target.name] = (statement.target.name, ref)
    derived = name_applications(Program(tuple(tensors), tuple(statements), tuple(keys)), program)
    found = {keys[s.target.name]: s for s in derived.statements if s.target.name in keys and isinstance(s, Pointwise)}
    return derived, found


class Graph:
    """The statements of a step as edges between its tensors."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.derived, self.derivatives = local_derivatives(program)

    @cached_property
    def edges(self) -> dict[str, tuple[Edge, ...]]:
        """The edges that end in each tensor."""
        return {s.target.name: tuple(self._edges(s)) for s in self.program.statements}

    def _edges(self, statement: Statement) -> Iterator[Edge]:
        name = statement.target.name
        for position, ref in enumerate(statement.operands):
            if not isinstance(statement, Pointwise):
                yield Edge(name, ref.name, ref, statement, position)
            elif (name, ref) in self.derivatives:
                yield Edge(name, ref.name, ref, statement, position, self.derivatives[name, ref])

    def count(self, source: str) -> dict[str, int]:
        """Number of paths from the source to each tensor."""
        counts = {source: 1}
        for statement in self.program.statements:
            name = statement.target.name
            total = sum(counts.get(e.by, 0) for e in self.edges[name])
            if total:
                counts[name] = total
        return counts

    def paths(
        self, source: str, result: str, stop: frozenset[str] = frozenset(), elementwise: bool = False
    ) -> Iterator[Path]:
        """Paths from the source, or from a tensor of `stop`, to the result; none passes through one of `stop`."""
        reached = self.count(source)

        def backwards(name: str) -> Iterator[Path]:
            for edge in self.edges.get(name, ()):
                if edge.by not in reached or (elementwise and not edge.elementwise):
                    continue
                if edge.by == source or edge.by in stop:
                    yield (edge,)
                else:
                    for path in backwards(edge.by):
                        yield (*path, edge)

        yield from backwards(result)

    def highways(self, source: str, result: str, limit: int = 32) -> tuple[Path, ...]:
        """The paths on which each entry goes its own way."""
        return tuple(islice(self.paths(source, result, elementwise=True), limit))

    def cuts(self, source: str, result: str, limit: int) -> frozenset[str]:
        """Tensors to stop at so that a block has about `limit` terms at most: other results, busy intermediates."""
        counts = self.count(source)
        stops = frozenset(n for n in self.program.results if n != result and n in counts)
        if sum(1 for _ in islice(self.paths(source, result, stops), limit + 1)) <= limit:
            return stops
        users = self.program.users()
        busy = {n for n, c in counts.items() if c > 1 and len(users[n]) > 1 and n not in (source, result)}
        return stops | busy


@lru_cache(maxsize=512)
def elementwise_factor(path: Path) -> tuple[sp.Expr, tuple[Ref, ...]]:
    """The product of the local derivatives along elementwise edges, under common indices."""
    factors: list[sp.Expr] = []
    operands: list[Ref] = []
    for edge in path:
        if edge.derivative is None:
            raise ValueError("an edge with a contraction has no elementwise factor.")
        indices = edge.derivative.target.indices
        renaming = dict(zip(indices, fresh_indices(len(indices)), strict=True))
        renamed = {r.symbol: r.rename(renaming) for r in edge.derivative.operands}
        factors.append(edge.derivative.expression.xreplace({s: r.symbol for s, r in renamed.items()}))
        operands += renamed.values()
    expression = _multiplied(factors)
    free = expression.free_symbols
    return expression, tuple(dict.fromkeys(r for r in operands if r.symbol in free))


def _multiplied(factors: Sequence[sp.Expr]) -> sp.Expr:
    """The product from left to right; at once where that is the same."""
    if all(part.is_Symbol for factor in factors for part in sp.Mul.make_args(factor)):
        return sp.Mul(*factors)
    expression: sp.Expr = sp.S.One
    for factor in factors:  # a number is multiplied into the sum that comes after it
        expression *= factor
    return expression


def value_range(expression: sp.Expr, operands: tuple[Ref, ...], programs: tuple[Program, ...]) -> Range:
    """Bounds of an expression that hold whatever the weights are; infinite where the structure gives none."""
    return range_of(written_out(expression, operands, programs))
