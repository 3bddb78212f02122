"""The most that one step can stretch a gradient: from a step's equations and its weights to norms of its blocks.

A Jacobian block is a sum over paths through slopes of pointwise functions and through weight matrices; so

    ‖∂s'/∂s‖ ≤ max|∂F/∂s| + Σ_k max|∂F/∂u_k| ‖W_k‖ · (the same for what W_k multiplies),

u_k being what the matrices give. Each maximum is taken over all that the equations allow: gates lie in (0, 1), tanh in
(-1, 1), a pre-activation anywhere; a state lies where the step keeps it when it starts at zero. Where this gives no
bound, as for the cell state of an LSTM, the largest values on a trajectory take its place, and the names are told.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from math import prod
from typing import Any, Literal

import numpy as np
import sympy as sp

from gatedsym.calculus.fusion import Slope
from gatedsym.flow.numerics.intervals import Interval, number, value_range
from gatedsym.flow.numerics.spectral import spectral_norm
from gatedsym.flow.theory.structure import Structure, under
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Solve, Statement
from gatedsym.typing import Array

Norm = Literal["2", "inf"]
NORMS: tuple[Norm, ...] = ("2", "inf")
"""The spectral norm; the largest row sum of absolute values, which no entry exceeds."""
ROUNDING = 1 + 4e-12
"""By how much a bound on a block is raised: norms are known to twelve digits, and sums and products of norms err less.

Ranges are rounded outward by `intervals`, so what is raised is a bound in exact arithmetic."""


@dataclass(frozen=True)
class StepBound:
    """Bounds for one network, or for many at once.

    Parameters
    ----------
    structure : Structure
        The step, and what its equations say of its values.
    weights : mapping of str to array
        Everything that is the same at every step: parameters, constants, identities and what they alone give. May have
        `lead` axes in front, one network each.
    measured : mapping of str to Interval
        The range of every other tensor on a trajectory: numbers, or arrays with the `lead` axes.
    lead : int
    """

    structure: Structure
    weights: Mapping[str, Array]
    measured: Mapping[str, Interval]
    lead: int = 0
    _broken: set[str] = field(default_factory=set, init=False, repr=False)
    _slopes: dict[tuple[str, Ref], Array] = field(default_factory=dict, init=False, repr=False)

    @property
    def program(self) -> Program:
        return self.structure.program

    def blocks(self, norm: Norm) -> dict[tuple[str, str], Array]:
        """For each next state and each previous value of a state a bound on the norm of ∂next/∂previous."""
        needed = self._needed
        reach: dict[str, dict[str, Array]] = {}
        for statement in self.program.statements:
            name = statement.target.name
            if name not in needed or name not in self.program.batched:
                continue
            found: dict[str, Array] = {}
            for by, factor in self._factors(statement, norm, reach):
                for source, below in reach.get(by, {by: np.asarray(1.0)}).items():
                    found[source] = found.get(source, np.asarray(0.0)) + _bounded_product(factor, below)
            if found:
                reach[name] = found
        results = [n for n in self.program.results if self.program[n].role == "next"]
        return {(n, s): ROUNDING * bound for n in results for s, bound in sorted(reach.get(n, {}).items())}

    @property
    def broken(self) -> tuple[str, ...]:
        """Names whose largest value on the trajectory had to stand for a bound, as far as blocks were asked for."""
        return tuple(sorted(self._broken))

    @cached_property
    def _needed(self) -> frozenset[str]:
        """The parts of the blocks: nodes on the way to a next state, and what contractions multiply."""
        wanted = {n for n in self.program.results if self.program[n].role == "next"}
        for statement in reversed(self.program.statements):
            name = statement.target.name
            if name not in wanted:
                continue
            if not isinstance(statement, Pointwise):
                wanted |= {r.name for r in statement.operands}
            else:
                wanted |= {s.by.name for s in self.structure.composites.slopes.get(name, ())}
        return frozenset(wanted)

    # One statement.

    def _factors(self, statement: Statement, norm: Norm, reach: Mapping[str, Any]) -> Iterator[tuple[str, Array]]:
        """(what is read, norm of the derivative by it) for each way into a statement."""
        if isinstance(statement, Pointwise):
            for slope in self.structure.composites.slopes.get(statement.target.name, ()):
                if slope.by.name in reach or self.program[slope.by.name].role == "state":
                    yield slope.by.name, self._pointwise_norm(slope, norm)
            return
        if isinstance(statement, Solve):  # the inverse of a matrix that changes may be as large as you like
            for ref in statement.operands:
                if ref.name in reach or self.program[ref.name].role == "state":
                    yield ref.name, np.asarray(np.inf)
            return
        for position, ref in enumerate(statement.factors):
            if ref.name in reach or self.program[ref.name].role == "state":
                yield ref.name, self._contraction_norm(statement, position, norm)

    def _pointwise_norm(self, slope: Slope, norm: Norm) -> Array:
        largest = self._slope(slope)
        spread = [i for i in slope.of.indices if i not in slope.by.indices]
        if not spread or norm == "inf":
            return self._largest(largest)
        # A number that goes to many places goes there with a column of slopes.
        rank = len(slope.of.indices)
        shape = tuple(self.structure.sizes[d] for d in self.program[slope.of.name].dims)
        whole = np.broadcast_to(largest, largest.shape[: max(largest.ndim - rank, 0)] + shape)
        axes = tuple(slope.of.indices.index(i) - rank for i in spread)
        return self._largest(np.sqrt(np.sum(whole**2, axis=axes)), rank - len(spread))

    def _slope(self, slope: Slope) -> Array:
        key = (slope.of.name, slope.by)
        if key not in self._slopes:
            self._slopes[key] = self._largest_slope(slope)
        return self._slopes[key]

    def _largest_slope(self, slope: Slope) -> Array:
        """The largest absolute value of a slope, for each unit where it depends on weights of its own."""
        same = self.structure.slopes_of_all
        key = (slope.of.name, slope.by)
        if key in same:
            return same[key]
        largest = self._range(slope.derivative, {}).magnitude
        if np.isfinite(largest).all():
            if all(r.name in self.program.batched for r in self._operands(slope.derivative)):
                same[key] = largest
            return largest
        sums = self._weighed_sums(slope.derivative)
        for names in self._replacements(slope.derivative, sums):
            instead = {**sums, **{n: self.measured[n] for n in names}}
            largest = self._range(slope.derivative, instead).magnitude
            if np.isfinite(largest).all():
                break
        self._broken.update(names)
        return largest

    def _weighed_sums(self, value: Pointwise) -> dict[str, Interval]:
        """The ranges that the weights of this network give to sums of bounded values."""
        found = {}
        for name in sorted({r.name for r in self._operands(value)}):
            statement = self.program.definitions.get(name)
            if not isinstance(statement, Contraction) or self.structure.known(name).finite:
                continue
            moving = [r for r in statement.factors if r.name in self.program.batched]
            if all(self.structure.known(r.name).finite for r in moving):
                found[name] = self._weighed_sum(statement, moving)
        return found

    def _weighed_sum(self, statement: Contraction, moving: Sequence[Ref]) -> Interval:
        fixed = [r for r in statement.factors if r.name not in self.program.batched]
        arrays = [(r, np.abs(np.asarray(self.weights[r.name], np.float64))) for r in fixed]
        dims = self.program.index_dims(statement)
        sums = self._largest(self._product(arrays, statement.target.indices, statement.summed, dims))
        for ref in moving:
            sums = sums * self.structure.known(ref.name).magnitude
        return Interval.of(-sums, sums)

    def _replacements(self, value: Pointwise, given: Container[str]) -> Iterator[tuple[str, ...]]:
        """Names to take from the trajectory: as few names as possible, states before anything else."""
        yield ()
        operands = sorted({r.name for r in self._operands(value)})
        unbounded = [
            n for n in operands if n in self.measured and n not in given and not self.structure.known(n).finite
        ]
        states = [n for n in unbounded if self.program[n].role in ("state", "next")]
        for count in (1, 2):
            yield from combinations(states, count)
        yield tuple(states)
        yield tuple(unbounded)

    def _operands(self, value: Pointwise) -> Iterator[Ref]:
        yield from value.operands
        for ref in value.operands:
            inner = self.structure.composites.seen_through.get(ref.name)
            if inner is not None and set(inner.target.indices) == set(ref.indices):
                yield from under(inner, ref).operands

    def _contraction_norm(self, statement: Contraction, position: int, norm: Norm) -> Array:
        """The norm of the linear map from one factor to the result, the others held."""
        if statement.reduction == "max":
            return np.asarray(1.0)
        ref, target = statement.factors[position], statement.target
        others = statement.factors[:position] + statement.factors[position + 1 :]
        fixed = [o for o in others if o.name not in self.program.batched]
        moving = [o for o in others if o.name in self.program.batched]
        scale = np.asarray(1.0)
        arrays = [(o, np.asarray(self.weights[o.name], np.float64)) for o in fixed]
        if all(set(o.indices) <= set(target.indices) or set(o.indices) <= set(ref.indices) for o in moving):
            for o in moving:  # a diagonal matrix on one side
                scale = scale * self._size(o.name)
        else:
            arrays = [(o, np.abs(a)) for o, a in arrays] + [(o, self._entries(o)) for o in moving]
        rows = tuple(i for i in target.indices if i not in ref.indices)
        columns = tuple(i for i in ref.indices if i not in target.indices)
        both = tuple(i for i in ref.indices if i in target.indices)
        dims = self.program.index_dims(statement)
        matrix = self._product(arrays, (*both, *rows, *columns), statement.summed, dims)
        lengths = [prod(self.structure.sizes[dims[i]] for i in group) for group in (both, rows, columns)]
        matrix = matrix.reshape(*matrix.shape[: matrix.ndim - len(both + rows + columns)], *lengths)
        return scale * self._largest(_matrix_norm(matrix, norm), 1)

    def _product(
        self, arrays: Sequence[tuple[Ref, Array]], kept: tuple[str, ...], summed: Sequence[str], dims: Mapping[str, str]
    ) -> Array:
        """The product of arrays under indices, those that are not kept summed, as an array over all kept ones."""
        inner = [i for i in summed if i not in kept]
        names = dict(zip((*kept, *inner), "abcdefghijklmnopqrstuvwxyz"))
        # A sum or a copy over an index that no array has.
        ones = [(Ref("", (i,)), np.ones(self.structure.sizes[dims[i]])) for i in (*kept, *inner)]
        terms = [*arrays, *ones]
        spelled = ",".join("..." + "".join(names[i] for i in ref.indices) for ref, _ in terms)
        target = "..." + "".join(names[i] for i in kept)
        return np.asarray(np.einsum(f"{spelled}->{target}", *(a for _, a in terms)))

    def _entries(self, ref: Ref) -> Array:
        """The largest absolute value of a tensor for each of its entries."""
        shape = tuple(self.structure.sizes[d] for d in self.program[ref.name].dims)
        size = self._size(ref.name)
        return np.broadcast_to(size.reshape(size.shape + (1,) * len(shape)), size.shape + shape)

    def _size(self, name: str) -> Array:
        known = self.structure.known(name)
        if known.finite:
            return known.magnitude
        self._broken.add(name)
        return self.measured[name].magnitude

    def _largest(self, values: Array, rank: int | None = None) -> Array:
        """The maximum over the last `rank` axes, or over all but the `lead` ones."""
        rank = max(values.ndim - self.lead, 0) if rank is None else rank
        return np.asarray(values.max(axis=tuple(range(values.ndim - rank, values.ndim)))) if rank else values

    # Ranges with the weights of this network.

    def _range(self, value: Pointwise, instead: Mapping[str, Interval]) -> Interval:
        """The range of an expression, with `instead` of what is known of some names."""
        found = value_range(value.expression, self._box(value, instead))
        seen = self.structure.seen_through(value)
        return found if seen is None else found.meet(value_range(seen.expression, self._box(seen, instead)))

    def _box(self, value: Pointwise, instead: Mapping[str, Interval]) -> dict[sp.Symbol, Interval]:
        box = {}
        rank = len(value.target.indices)
        for ref in value.operands:
            if ref.name in self.program.batched:
                interval = instead.get(ref.name) or self.structure.known(ref.name)
                box[ref.symbol] = Interval.of(*(_for_units(end, rank) for end in (interval.low, interval.high)))
            else:
                box[ref.symbol] = number(_aligned(ref, np.asarray(self.weights[ref.name]), value.target.indices))
        return box


def _for_units(array: Array, rank: int) -> Array:
    return array.reshape(array.shape + (1,) * rank) if array.ndim else array


def _bounded_product(a: Array, b: Array) -> Array:
    """0 times infinity is 0: what does not pass does not count."""
    with np.errstate(invalid="ignore"):
        return np.where((a == 0) | (b == 0), 0.0, a * b)


def _aligned(ref: Ref, value: Array, indices: tuple[str, ...]) -> Array:
    """A tensor with its axes in the order of `indices`, of length 1 where it has none."""
    rank = len(ref.indices)
    lead = value.ndim - rank
    order = sorted(range(rank), key=lambda axis: indices.index(ref.indices[axis]))
    value = value.transpose(*range(lead), *(lead + axis for axis in order))
    lengths = iter(value.shape[lead:])
    return value.reshape(value.shape[:lead] + tuple(next(lengths) if i in ref.indices else 1 for i in indices))


def _matrix_norm(matrix: Array, norm: Norm) -> Array:
    """Norm over the last two axes."""
    return spectral_norm(matrix) if norm == "2" else np.asarray(np.abs(matrix).sum(axis=-1).max(axis=-1))
