"""The mean field of a cell in numbers: a population of single units whose pre-activations are normal variables.

Each step draws the normal variables anew, with variances from the population's own mean squares, and updates the states
of all sites: population dynamics. In it the second moments of the backward pass are averages over sites.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from gatedsym.calculus.mean_field import MeanField, derive_mean_field, recurrent_weights
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.execution.initialisation import draw_parameters, fans_of, is_square, set_retention
from gatedsym.execution.layouts import axes_shape, split_parts
from gatedsym.flow.inputs.domain_laws import of_normal
from gatedsym.flow.sizes import free_sizes
from gatedsym.ir.evaluate import NUMPY, evaluate, given_array
from gatedsym.ir.program import Program, lagged_name, next_name
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell

SCHEMES = ("gaussian", "orthogonal", "xavier", "uniform")
"""Initialisations of which the variance of an entry is known in closed form."""
COUPLED = 36864
"""Most entries of an array where sites are coupled by whole matrices."""


@lru_cache(maxsize=32)
def normal_nodes(count: int) -> Array:
    """`count` equally likely values of a standard normal: one in the middle of each stratum; mean square exactly 1."""
    if count < 8:
        raise ValueError("too few nodes.")
    nodes = ndtri((np.arange(count) + 0.5) / count)
    # The outermost strata carry what the middles of the others leave of the variance.
    nodes[[0, -1]] = np.array([-1.0, 1.0]) * np.sqrt((count - (nodes[1:-1] ** 2).sum()) / 2)
    nodes.flags.writeable = False
    return np.asarray(nodes)


def standard_normal(generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Standard normal numbers; from 64 on stratified: every sample has exactly the right distribution."""
    count = math.prod(shape)
    if count < 64:
        return np.asarray(generator.standard_normal(shape))
    return np.asarray(generator.permutation(normal_nodes(count)).reshape(shape))


def entry_variance(
    scheme: str, shape: Sequence[int], hidden: int, gain: float, ways: Sequence[Sequence[int]] = ()
) -> float:
    """Variance of an entry of a weight under an initialisation of `gatedsym.execution.initialisation`.

    Parameters
    ----------
    scheme : str
    shape : sequence of int
    hidden : int
    gain : float
    ways : sequence of sequences of int
        The sets of axes that it is summed over, where that is not the last axis.
    """
    if scheme == "uniform":
        return 1 / (3 * hidden)
    if len(shape) < 2:
        return gain**2 / hidden if scheme == "gaussian" else 1 / (3 * hidden)
    fan_in, fan_out = fans_of(shape, ways)
    if scheme == "gaussian":
        return gain**2 / fan_in
    if scheme == "orthogonal" and is_square(shape):
        return gain**2 / fan_in
    return 2 / (fan_in + fan_out)


def _pairs_in(cell: Cell, shapes: Mapping[str, Sequence[int]]) -> list[tuple[str, str]]:
    """Parts of the complex arrays that are among these."""
    return [pair for pair in cell.interface.pairs.values() if set(pair) <= shapes.keys()]


@dataclass(frozen=True)
class NetworkLaw:
    """The law of a random network: how its parameters and its input are drawn.

    Attributes
    ----------
    scheme : str
    gain : float
        Of all weights.
    retention : float, "chrono" or None
    recurrent : float or tuple of float
        A further factor of recurrent weights; several make a `Population` hold as many side by side, on the same draws.
    bias : float or None
        Biases are N(0, bias²); None leaves them to the initialisation.
    n, m : int
        Hidden and input size; the width of vectors of weights depends on n.
    horizon : int
    square : float
        Mean square of the input's entries.
    """

    scheme: str = "gaussian"
    gain: float = 1.0
    retention: float | str | None = None
    recurrent: float | tuple[float, ...] = 1.0
    bias: float | None = None
    n: int = 64
    m: int = 8
    horizon: int = 200
    square: float = 1.0

    @property
    def factors(self) -> Array:
        """`recurrent` as an array (factors,)."""
        return np.atleast_1d(np.asarray(self.recurrent, float))


@dataclass(frozen=True)
class Theory:
    """A cell with its mean field, derived once."""

    cell: Cell
    field: MeanField
    recurrent: frozenset[str]
    delays: Mapping[str, int]

    @cached_property
    def step(self) -> Program:
        """One step of a network: the next states."""
        program: Program = self.cell.recurrence.program
        return program.with_results(r for r in program.results if program[r].role == "next")

    @cached_property
    def tangent(self) -> Program:
        """Directions of the states through one step."""
        return derive_tangent(self.step, wrt=self._states)

    @property
    def _states(self) -> list[str]:
        return [n for n in self.step.sources if self.step[n].role == "state"]


def read_theory(cell: Cell) -> Theory:
    """Derive the mean field of a cell."""
    program = cell.recurrence.program
    return Theory(cell, derive_mean_field(program), frozenset(recurrent_weights(program)), dict(cell.recurrence.delays))


def fixed_weights(cell: Cell) -> tuple[str, ...]:
    """Parameters with an axis that are prescribed in every scheme, so that they come from no law."""
    fixed = getattr(cell, "fixed_parameters", ())
    return tuple(p.name for p in cell.interface.parameters if p.name in fixed and p.axes)


class Population:
    """Sites of one cell under one law.

    Values have a leading axis for the law's factors of recurrent weights where they depend on them, and share all
    random draws, so that what is read off varies smoothly with the factor.

    Parameters
    ----------
    theory : Theory
    law : NetworkLaw
    count : int
        About how many sites.
    seed : int
    """

    def __init__(self, theory: Theory, law: NetworkLaw, count: int, seed: int) -> None:
        self.theory, self.law = theory, law
        self.field = theory.field
        self.generator = np.random.default_rng([seed, 0x9091])
        self.seed = seed
        self.sizes = self._sizes(count)
        self.given = self._parameters()
        self.history = {s: [self._first(s)] * max(1, d) for s, d in self._state_delays().items()}
        self.read: dict[str, list[Array]] = {
            name: [self._input(name) for _ in range(theory.delays.get(name, 0) + 1)] for name in self._inputs()
        }
        self.values: dict[str, Array] = {}

    # Sizes and parameters.

    def _sizes(self, count: int) -> dict[str, int]:
        cell = self.theory.cell
        scaled = free_sizes(cell, self.law.m, self.law.n)
        tensors = [t for p in (self.field.forward, self.field.backward) for t in p.tensors
                   if t.role != "identity" or not self.field.counts]  # fmt: skip
        rank = max((len(t.dims) for t in tensors), default=0)
        limit = min(count, COUPLED) if rank > 1 else count
        factor = 1
        while True:
            sizes = cell.sizes(**{k: v * (factor + 1) for k, v in scaled.items()})
            if max((_length(t.dims, sizes) for t in tensors), default=0) > limit or not scaled:
                break
            factor += 1 if factor < 16 else factor // 8
        self.factor = factor
        return dict(cell.sizes(**{k: v * factor for k, v in scaled.items()}))

    @property
    def hidden(self) -> int:
        return self.law.n * self.factor

    def _parameters(self) -> dict[str, Array]:
        """Entry variances of weights, and vectors of parameters, one entry a site."""
        cell, of = self.theory.cell, self.law
        layouts = cell.interface.parameters
        shapes = {layout.name: axes_shape(layout.axes, self.sizes) for layout in layouts}
        halves = {part for pair in cell.interface.pairs.values() for part in pair}  # of a complex weight
        weights, drawn = set(self.field.weights), set(self.field.drawn)
        self.matrices = {p.name: shapes[p.name] for p in layouts if drawn & set(p.parts)}
        sites = {p.name: shapes[p.name] for p in layouts if not (weights | drawn) & set(p.parts)}
        params = draw_parameters(
            sites, hidden=of.n, biases=cell.interface.biases, scheme=of.scheme, gain=self._gain, seed=self.seed,
            dtype=np.float64, fan_in=cell.interface.fan_in, pairs=_pairs_in(cell, sites),
        )  # fmt: skip
        if of.bias is not None:
            for name in cell.interface.biases:
                if name in params:
                    params[name][...] = of.bias * standard_normal(self.generator, params[name].shape)
        if of.retention is not None:
            set_retention(params, cell.interface.gates, of.retention, of.horizon, self.seed, cell.name)
        given: dict[str, Array] = {}
        for layout in layouts:
            if layout.name in params:
                given.update(split_parts(layout, params[layout.name], self.sizes, 0))
            for part in layout.parts:
                if part in weights:
                    ways = cell.interface.fan_in.get(layout.name, ())
                    variance = entry_variance(of.scheme, shapes[layout.name], self.hidden, self._gain, ways)
                    variance /= 2 if layout.name in halves else 1
                    given[f"var_{part}"] = np.asarray(variance * self._factor(part) ** 2)
        for name, dims in self.field.counts.items():
            given[name] = np.asarray(float(_length(dims, self.sizes)))
        for tensor in (*self.field.forward.tensors, *self.field.backward.tensors):
            if tensor.role in ("identity", "fixed"):
                given[tensor.name] = given_array(tensor, {d: _length((d,), self.sizes) for d in tensor.dims}, NUMPY)
        return given

    @property
    def _gain(self) -> float:
        return self.law.gain if self.law.scheme in ("gaussian", "orthogonal") else 1.0

    def _factor(self, part: str) -> Array:
        """(factors,) for a recurrent weight, a number for others."""
        return self.law.factors if part in self.theory.recurrent else np.ones(())

    def _drawn(self) -> dict[str, Array]:
        """Weights that the theory keeps, for one step."""
        if not self.matrices:
            return {}
        of, found = self.law, {}
        seed = int(self.generator.integers(2**31))
        cell = self.theory.cell
        params = draw_parameters(
            self.matrices, hidden=self.hidden, biases=(), scheme=of.scheme, gain=self._gain, seed=seed,
            dtype=np.float64, fan_in=cell.interface.fan_in, pairs=_pairs_in(cell, self.matrices),
        )  # fmt: skip
        for layout in self.theory.cell.interface.parameters:
            if layout.name in params:
                for part, block in split_parts(layout, params[layout.name], self.sizes, 0):
                    found[part] = np.multiply.outer(self._factor(part), block)
        return found

    # States and inputs.

    def _state_delays(self) -> dict[str, int]:
        program = self.theory.cell.recurrence.program
        return {program[r].of: self.theory.delays.get(program[r].of, 1) for r in program.results
                if program[r].role == "next"}  # fmt: skip

    def _inputs(self) -> list[str]:
        program = self.field.forward
        return sorted({t.of or t.name for t in program.tensors
                       if t.role == "input" and t.name not in {n.standard for n in self.field.normals}})  # fmt: skip

    def length(self, dim: str) -> int:
        """Size of one dimension."""
        return int(self.sizes[dim]) if dim in self.sizes else int(dim)

    def dims(self, name: str) -> tuple[str, ...]:
        """Dimensions of a state or an input."""
        for program in (self.field.forward, self.theory.cell.recurrence.program):
            for tensor in program.tensors:
                if name in (tensor.name, tensor.of) and tensor.role in ("state", "input", "next"):
                    return tensor.dims
        raise KeyError(name)

    def _first(self, state: str) -> Array:
        """Zero; in a cell that reads nothing a random state, since zero may be a fixed point."""
        shape = tuple(self.length(d) for d in self.dims(state))
        return standard_normal(self.generator, shape) if not self.theory.cell.inputs else np.zeros(shape)

    def _input(self, name: str) -> Array:
        shape = tuple(self.length(d) for d in self.dims(name))
        drawn, domain = standard_normal(self.generator, shape), self.theory.cell.interface.part_domains.get(name)
        return np.asarray(np.sqrt(self.law.square) * drawn if domain is None else of_normal(domain, drawn, self.sizes))

    def step(self) -> None:
        """Let one step pass; `values` then holds everything that was computed in it."""
        values = dict(self.given) | self._drawn()
        for name, rows in self.read.items():
            rows.insert(0, self._input(name))
            rows.pop()
            values |= {lagged_name(name, lag, "input"): row for lag, row in enumerate(rows)}
        for state, rows in self.history.items():
            values |= {lagged_name(state, lag, "state"): row for lag, row in enumerate(rows, start=1)}
        forward = self.field.forward
        for normal in self.field.normals:
            shape = tuple(self.length(d) for d in forward[normal.standard].dims)
            values[normal.standard] = standard_normal(self.generator, shape)
        values = {k: v for k, v in values.items() if k in forward or k in self.field.backward}
        with np.errstate(all="ignore"):
            self.values = evaluate(forward, values, NUMPY)
        for state, rows in self.history.items():
            rows.insert(0, self.values[next_name(state)])
            rows.pop()

    def squares(self) -> Array:
        """Mean square of each state: (states, factors)."""
        with np.errstate(all="ignore"):
            return np.stack([self.mean(rows[0] ** 2, len(self.dims(s))) for s, rows in self.history.items()])

    def variances(self) -> Array:
        """Variance of each normal variable of the step that has just passed, mean over heads: (normals, factors)."""
        forward = self.field.forward
        found = [self.mean(self.values[v.variance], len(forward[v.variance].dims)) for v in self.field.normals]
        return np.stack(found) if found else np.zeros((0, len(self.law.factors)))

    def mean(self, values: Array, rank: int) -> Array:
        """The mean over the last `rank` axes, for each factor."""
        over = np.asarray(values).mean(axis=tuple(range(-rank, 0))) if rank else np.asarray(values)
        return np.broadcast_to(over, self.law.factors.shape)


def _length(dims: Sequence[str], sizes: Mapping[str, int]) -> int:
    return int(np.prod([sizes[d] if d in sizes else int(d) for d in dims], dtype=np.int64))
