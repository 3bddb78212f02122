"""The structure of a step, from its equations alone: the range of every value, whatever the weights and the inputs are.

Gates lie in (0, 1), tanh in (-1, 1); what weights sum may be anything. A state lies where the step keeps it when it
starts at zero: in a box that the step maps into itself, found by iteration, infinite where there is none. So the state
of a GRU, a convex combination of itself and a tanh, lies in (-1, 1), and the cell state of an LSTM anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

import numpy as np
import sympy as sp

from gatedsym.calculus.fusion import FusedProgram
from gatedsym.flow.numerics.intervals import ALL, Interval, number, value_range
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Solve
from gatedsym.typing import Array

_ROUNDS = 8
_WIDER = (1 + 1e-9, 2.0, 8.0, 64.0, 1024.0)
_NARROWINGS = 200


@dataclass(frozen=True)
class Structure:
    """A step, and what its equations say of its values.

    Attributes
    ----------
    composites : FusedProgram
        Of the step's stable Program.
    constants : mapping of str to array
        What no parameter enters and no input: constants, sizes.
    sizes : mapping of str to int
        Of the dimensions.
    slopes_of_all : dict
        The largest slopes that the equations alone give, once they are known: they are the same for every network.
    """

    composites: FusedProgram
    constants: Mapping[str, Array]
    sizes: Mapping[str, int]
    slopes_of_all: dict[tuple[str, Ref], Array] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, composites: FusedProgram, weights: Mapping[str, Array], sizes: Mapping[str, int]) -> Structure:
        """From everything that is the same at every step, parameters included."""
        program = composites.program
        trained = program.reached_from(n for n in program.sources if program[n].role == "parameter")
        numbered = {d: int(d) for tensor in program.tensors for d in tensor.dims if d.isdigit()}
        return cls(composites, {n: v for n, v in weights.items() if n not in trained}, {**sizes, **numbered})

    @property
    def program(self) -> Program:
        return self.composites.program

    def known(self, name: str) -> Interval:
        """The facts of a value that the equations give."""
        return self.ranges.get(name, ALL)

    @cached_property
    def ranges(self) -> dict[str, Interval]:
        """The range of every state, node and factor of a contraction, from a state of zeros on."""
        return self._ranges_given(self._states())

    def _states(self) -> dict[str, Interval]:
        """The region of the states: a box that the step maps into itself, infinite where no such is found."""
        names = sorted({t.of or t.name for t in self.program.tensors if t.role == "state"})
        box = {n: number(0.0) for n in names}
        for _ in range(_ROUNDS):
            moved = self._moved(box)
            if not moved:
                return box
            box |= moved
        moving = sorted(moved)
        for factor in _WIDER:
            wider = {**box, **{n: Interval.of(box[n].low * factor, box[n].high * factor) for n in moving}}
            if not self._moved(wider):
                return self._narrowest(wider)
        while moved := self._moved(box):
            for name, after in moved.items():
                low = np.where(after.low < box[name].low, -np.inf, box[name].low)
                box[name] = Interval.of(low, np.where(after.high > box[name].high, np.inf, box[name].high))
        return self._narrowest(box)

    def _moved(self, box: Mapping[str, Interval]) -> dict[str, Interval]:
        """The states that a step takes out of the box, with what they need."""
        ranges = self._ranges_given(box)
        found = {}
        for name, interval in box.items():
            after = interval.hull(ranges[f"{name}'"])
            if (after.low < interval.low).any() or (after.high > interval.high).any():
                found[name] = after
        return found

    def _narrowest(self, box: dict[str, Interval]) -> dict[str, Interval]:
        """A box that the step maps into itself, replaced by where the step maps it (and zero) as long as that helps."""
        for _ in range(_NARROWINGS):
            ranges = self._ranges_given(box)
            narrower = {n: interval.meet(ranges[f"{n}'"].hull(number(0.0))) for n, interval in box.items()}
            if all(_nearly_equal(narrower[n], interval) for n, interval in box.items()):
                break
            box = narrower
        return box

    def _ranges_given(self, states: Mapping[str, Interval]) -> dict[str, Interval]:
        known: dict[str, Interval] = {}
        for name in self.program.sources:
            if name in self.program.batched:
                tensor = self.program[name]
                known[name] = states[tensor.of or name] if tensor.role == "state" else ALL
        for statement in self.program.statements:
            name = statement.target.name
            if name not in self.program.batched:
                continue
            if isinstance(statement, Contraction):
                known[name] = self._contraction_range(statement, known)
            elif isinstance(statement, Solve):
                known[name] = ALL
            elif name in self._ranged:
                whole = self._range(self.composites.values[name], known)
                known[name] = whole.meet(self._range(self.composites.seen_through[name], known))
        return known

    @cached_property
    def _ranged(self) -> frozenset[str]:
        """Values whose range is asked for: nodes, and what contractions multiply."""
        factors = {r.name for s in self.program.statements if isinstance(s, Contraction) for r in s.factors}
        return frozenset(self.composites.nodes) | factors

    def _contraction_range(self, statement: Contraction, known: Mapping[str, Interval]) -> Interval:
        """Weights may be anything, so what they sum is unbounded; a plain sum or product is as its factors are."""
        dims = self.program.index_dims(statement)
        weighed = any(r.name not in known for r in statement.factors)
        if weighed and statement.summed and statement.reduction == "sum":
            return ALL
        counts: dict[Ref, int] = {}
        for ref in statement.factors:
            counts[ref] = counts.get(ref, 0) + 1
        box = {r.symbol: known.get(r.name, ALL) for r in counts}
        found = value_range(sp.Mul(*(r.symbol**k for r, k in counts.items())), box)
        if statement.reduction == "max":
            return found
        return found * number(float(prod(self.sizes[dims[i]] for i in statement.summed)))

    def largest(self, value: Pointwise) -> float:
        """The largest absolute value of an expression, whatever the weights are; infinite where there is none."""
        found, seen = self._range(value, self.ranges), self.seen_through(value)
        if seen is not None:
            found = found.meet(self._range(seen, self.ranges))
        return float(np.max(found.magnitude))

    def _range(self, value: Pointwise, known: Mapping[str, Interval]) -> Interval:
        box = {r.symbol: known.get(r.name, ALL) for r in value.operands}
        box |= {r.symbol: _hull(self.constants[r.name]) for r in value.operands if r.name in self.constants}
        return value_range(value.expression, box)

    def seen_through(self, value: Pointwise) -> Pointwise | None:
        """The expression with next states put in inside functions: exp(a - m'), m' = max(a, …), is at most 1."""
        replaced: dict[sp.Symbol, sp.Expr] = {}
        operands = list(value.operands)
        for ref in value.operands:
            inner = self.composites.seen_through.get(ref.name)
            if (
                inner is not None
                and self.program[ref.name].role == "next"
                and len(inner.target.indices) == len(ref.indices)
            ):
                renamed = under(inner, ref)
                replaced[ref.symbol] = renamed.expression
                operands += renamed.operands
        if not replaced:
            return None
        expression = value.expression.replace(
            lambda e: e.is_Function, lambda e: e.func(*(a.xreplace(replaced) for a in e.args))
        )
        if expression == value.expression:
            return None
        free = expression.free_symbols
        return Pointwise(value.target, expression, tuple(sorted({r for r in operands if r.symbol in free})))


def under(inner: Pointwise, ref: Ref) -> Pointwise:
    """A definition under the indices of one of its uses."""
    indices = dict(zip(inner.target.indices, ref.indices, strict=True))
    renamed = {r.symbol: r.rename(indices) for r in inner.operands}
    expression = inner.expression.xreplace({s: r.symbol for s, r in renamed.items()})
    return Pointwise(ref, expression, tuple(renamed.values()))


def _hull(values: Array) -> Interval:
    return Interval.of(np.min(values), np.max(values))


def _nearly_equal(a: Interval, b: Interval) -> bool:
    return bool(np.allclose(a.low, b.low, rtol=1e-9, atol=0) and np.allclose(a.high, b.high, rtol=1e-9, atol=0))
