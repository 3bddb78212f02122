"""The bound on a step's Jacobian as formulas in the cell's own symbols, with the maxima that the equations give.

One line for each block ∂s'/∂s: a sum over paths of largest slopes times norms of matrices, as `flow.step_bound` adds up
their numbers. A path through another next state goes through that state's own line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_UP, Context, Decimal

import numpy as np
import sympy as sp

from gatedsym.calculus.fusion import Slope
from gatedsym.flow.theory.structure import Structure
from gatedsym.ir.program import Pointwise, Recurrence, Solve, Statement, pointwise
from gatedsym.typesetting.document import Formula
from gatedsym.typesetting.notation import (
    Box,
    Fence,
    Level,
    Name,
    Number,
    Op,
    Piece,
    Row,
    add,
    inline,
    partial,
    product,
)
from gatedsym.typesetting.pages.step import Step
from gatedsym.typesetting.plain import formula_text, text_width

LONGEST = 90
"""Letters that the derivative of a value may take within a line; where it takes more, it has a line of its own."""
DIGITS = 4


def bound_formulas(recurrence: Recurrence, structure: Structure) -> list[Formula]:
    """Write down the bound of a cell.

    Parameters
    ----------
    recurrence : Recurrence
    structure : Structure
        What the equations say of the values of its stable Program.

    Returns
    -------
    list of Formula
        ``‖∂c_t/∂h_{t-1}‖ ≤ …``; the largest slopes as maxima, and after that with the numbers known: a number, or a
        number times the largest value of something that the equations do not bound, ``0.25 max|c_{t-1}|``; itself
        where not even that is known.
    """
    step = Step(replace(recurrence, program=structure.program), structure.program.results)
    writer = _Writer(step, structure)
    for result in step.nexts:
        writer.write(result)
    return writer.lines


@dataclass(frozen=True)
class _Term:
    """One path's factors: as maxima and norms, and with the numbers put in."""

    symbols: tuple[Piece, ...]
    numbers: tuple[Piece, ...]

    def before(self, other: _Term) -> _Term:
        return _Term((*self.symbols, *other.symbols), (*self.numbers, *other.numbers))


@dataclass
class _Writer:
    """The lines so far, and the ways from each value to the states."""

    step: Step
    structure: Structure
    lines: list[Formula] = field(default_factory=list)
    known: dict[str, dict[str, _Term]] = field(default_factory=dict)

    def write(self, name: str) -> dict[str, _Term]:
        """For each state that reaches a value one term, the norm of their block; its lines are written."""
        if name not in self.known:
            found: dict[str, _Term] = {}
            for source, terms in self._terms(name).items():
                left = norm(inline(partial(self.step.letter(name), self.step.letter(source))))
                sums = [_summed(ways).whole() for ways in ([t.symbols for t in terms], [t.numbers for t in terms])]
                self.lines.append(Formula(left, tuple(dict.fromkeys(sums)), relation="≤"))
                found[source] = _Term((Piece(left),), (Piece(left),))
            self.known[name] = found
        return self.known[name]

    def _terms(self, name: str) -> dict[str, list[_Term]]:
        """For each state the paths that lead from it to a value."""
        statement = self.step.program.definitions[name]
        found: dict[str, list[_Term]] = {}
        for by, factor in self._factors(statement):
            if self.step.program[by].role == "state":
                found.setdefault(by, []).append(factor)
                continue
            for source, below in self._below(by).items():
                found.setdefault(source, []).append(factor.before(below))
        return found

    def _below(self, name: str) -> dict[str, _Term]:
        """The norm of a value's derivative by each state: in brackets where it is short and no state itself."""
        if self.step.program[name].role == "next":
            return self.write(name)
        found = {source: _either(terms) for source, terms in self._terms(name).items()}
        if any(text_width(formula_text(product(t.symbols).box)) > LONGEST for t in found.values() if t.symbols):
            return self.write(name)
        return found

    def _factors(self, statement: Statement) -> list[tuple[str, _Term]]:
        """The operands of a value, as far as states reach it, with the norm of the derivative."""
        program = self.step.program
        if isinstance(statement, Pointwise):
            return [
                (s.by.name, self._slope(s)) for s in self.structure.composites.slopes.get(statement.target.name, ())
            ]
        if isinstance(statement, Solve):
            raise ValueError(
                "of a system that each step solves no bound is known: ask the analysis whether it applies."
            )
        found = []
        for position, ref in enumerate(statement.factors):
            if ref.name in program.reached_by_states:
                others = statement.factors[:position] + statement.factors[position + 1 :]
                norms = () if statement.reduction == "max" else tuple(Piece(self._norm(o.name)) for o in others)
                found.append((ref.name, _Term(norms, norms)))
        return found

    def _norm(self, name: str) -> Box:
        """The norm of a matrix; of what changes from step to step, that of its largest entries."""
        letter = self.step.letter(name)
        return norm(_largest(letter) if name in self.step.program.batched else letter)

    def _slope(self, slope: Slope) -> _Term:
        if slope.derivative.expression in (1, -1):
            return _Term((), ())
        box = _largest(inline(partial(self.step.letter(slope.of.name), self.step.letter(slope.by.name))))
        symbol, most = Piece(box, Level.CALL), self._most(slope.derivative)
        return _Term((symbol,), (symbol,) if most is None else most)

    def _most(self, slope: Pointwise) -> tuple[Piece, ...] | None:
        """The most that a slope can be: a number, or a number times the largest value of one unbounded operand."""
        number = self.structure.largest(slope)
        if np.isfinite(number):
            return _number(number)
        for ref in slope.operands:
            factors = sp.Mul.make_args(slope.expression)
            if ref.symbol in factors:
                rest = sp.Mul(*(f for f in factors if f != ref.symbol))
                number = self.structure.largest(pointwise(slope.target, rest, slope.operands))
                if np.isfinite(number):
                    return (*_number(number), Piece(_largest(self.step.letter(ref.name)), Level.CALL))
        return None


def _number(value: float) -> tuple[Piece, ...]:
    """A factor; none where it is 1."""
    text = number_text(value)
    return () if text == "1" else (Piece(Number(text)),)


def number_text(value: float) -> str:
    """Four digits, rounded up: what is printed is a bound, too. An excess of rounding's size is none."""
    context = Context(prec=DIGITS, rounding=ROUND_UP)
    return f"{context.create_decimal(Decimal(repr(value * (1 - 1e-12)))).normalize():f}"


def norm(box: Box) -> Box:
    """‖box‖."""
    return Row((Op("‖"), box, Op("‖")))


def _largest(box: Box) -> Box:
    return Row((Name("max"), Fence(box, "||")))


def _either(paths: list[_Term]) -> _Term:
    """Several paths as one factor, their sum."""
    if len(paths) == 1:
        return paths[0]
    return _Term((_summed([t.symbols for t in paths]),), (_summed([t.numbers for t in paths]),))


def _summed(terms: Sequence[tuple[Piece, ...]]) -> Piece:
    """Σ over paths of the product of their factors; a path without a factor is 1."""
    return add([product(t) if t else Piece(Number("1")) for t in terms])
