"""A network at rest: its fixed point without input, and how a step acts near it, unit by unit and as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.calculus.names import jacobian_name
from gatedsym.calculus.per_unit import StepPerUnit, cut_sums
from gatedsym.execution.layouts import split_parts
from gatedsym.flow.sizes import free_sizes, open_dimensions
from gatedsym.ir.evaluate import NUMPY, evaluate, given_array
from gatedsym.ir.program import Program, lagged_name, next_name
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell

Element = tuple[str, int]
"""A state and how many steps old it is, 1 for the previous value."""
ITERATIONS = 400
NEWTON = 40
TOLERANCE = 1e-12
APPROACH, NEAR = 250, 1e-3
"""Steps towards a resting state, and the change per step, over the state's length, that counts as none."""


def chosen_sizes(cell: Cell, m: int, n: int) -> dict[str, int]:
    """All sizes of a cell: m for the free dimensions that only inputs have, n for the others.

    Those of a cell with given parameters are what they are.
    """
    given = getattr(cell, "given_sizes", None)
    if given is not None:
        return dict(given)
    return dict(cell.sizes(**free_sizes(cell, m, n)))


def open_sizes(cell: Cell, sizes: Mapping[str, int]) -> dict[str, int]:
    """Those of `sizes` that a caller of the cell gives."""
    return {d: sizes[d] for d in open_dimensions(cell)}


@dataclass(frozen=True)
class Direct:
    """Slopes of the direct paths of the units that share a shape.

    Attributes
    ----------
    elements : tuple of Element
        The states of that shape.
    matrix : array (units, S, S)
        ∂s'/∂s with the results of sums held: rows of next states, columns of states.
    """

    elements: tuple[Element, ...]
    matrix: Array


class Network:
    """The numbers of one network without input.

    Parameters
    ----------
    cell : Cell
    params : mapping of str to array
    sizes : mapping of str to int
        Of every dimension.
    """

    def __init__(self, cell: Cell, params: Mapping[str, Array], sizes: Mapping[str, int]) -> None:
        program: Program = cell.recurrence.program
        self.cell, self.sizes = cell, dict(sizes)
        nexts = [n for n in program.results if program[n].role == "next"]
        self.step = program.with_results(nexts)
        self.delays = {program[n].of: cell.recurrence.delays.get(program[n].of, 1) for n in nexts}
        self.dims = {program[n].of: program[n].dims for n in nexts}
        self.elements: list[Element] = [(s, lag) for s, d in self.delays.items() for lag in range(1, max(1, d) + 1)]
        self.values: dict[str, Array] = {}
        for layout in cell.interface.parameters:
            self.values.update(split_parts(layout, np.asarray(params[layout.name], float), self.sizes, 0))
        for name in program.sources:
            if program[name].role == "input":
                self.values[name] = np.zeros(self.shape(program[name].dims))

    @property
    def step_per_unit(self) -> StepPerUnit:
        """The step without its sums."""
        return cut_sums(self.cell.recurrence.program)

    def shape(self, dims: Sequence[str]) -> tuple[int, ...]:
        """Sizes of dimensions."""
        return tuple(self.sizes[d] if d in self.sizes else int(d) for d in dims)

    def entries(self, state: str) -> int:
        """Count the entries of a state."""
        return int(np.prod(self.shape(self.dims[state]), dtype=np.int64))

    def scaled(self, factor: float, weights: Sequence[str]) -> Network:
        """The same network with some weights times a factor."""
        other = Network.__new__(Network)
        other.__dict__.update({k: v for k, v in self.__dict__.items() if k != "blocks"})
        other.values = self.values | {w: factor * self.values[w] for w in weights}
        return other

    # The fixed point.

    def zero(self) -> dict[str, Array]:
        """The zero state."""
        return {s: np.zeros(self.shape(d)) for s, d in self.dims.items()}

    def after(self, state: Mapping[str, Array]) -> dict[str, Array]:
        """The state one step after it has always been `state`."""
        with np.errstate(all="ignore"):
            known = evaluate(self.step, self.values | self._lagged(state), NUMPY)
        return {s: np.array(known[next_name(s)]) for s in self.dims}

    def _lagged(self, state: Mapping[str, Array]) -> dict[str, Array]:
        return {lagged_name(s, lag, "state"): state[s] for s, lag in self.elements}

    def fixed_point(self) -> dict[str, Array] | None:
        """The state that a step without input gives back: from the zero state by steps, else by Newton's method.

        Returns
        -------
        dict of str to array, or None
            None if neither finds one.
        """
        state, near = self._stepped(ITERATIONS)
        if near == 0:
            return state
        starts = [self.zero(), state]
        return next((found for start in starts if (found := self._newton(start)) is not None), None)

    def resting_state(self) -> dict[str, Array] | None:
        """The fixed point to which steps lead from the zero state; None where they lead to none."""
        # Close to the transition the approach is slow: what has come near enough counts as arrived.
        state, near = self._stepped(APPROACH)
        return state if near < NEAR else None

    def _stepped(self, steps: int) -> tuple[dict[str, Array], float]:
        """The state after steps from zero, and its last change over its length; 0 once that is rounding alone."""
        state, near = self.zero(), float("inf")
        for _ in range(steps):
            following = self.after(state)
            if not _finite(following):
                return state, float("inf")
            near = _distance(state, following) / _length(following)
            state = following
            if near <= TOLERANCE:
                return state, 0.0
        return state, near

    def _newton(self, state: dict[str, Array]) -> dict[str, Array] | None:
        following = self.after(state)
        for _ in range(NEWTON):
            if not _finite(following):
                return None
            residual = _distance(state, following)
            if residual <= TOLERANCE * _length(following):
                return following
            # Delayed states are the same at a fixed point: their columns add up.
            matrix = np.eye(sum(map(self.entries, self.dims))) - self._undelayed(state)
            if not np.isfinite(matrix).all():
                return None
            step = _solved(matrix, _flat(following) - _flat(state))
            for halving in range(20):
                trial = self._unflat(_flat(state) + step / 2**halving)
                following = self.after(trial)
                if _finite(following) and _distance(trial, following) < residual:
                    break
            else:
                return None
            state = trial
        return None

    def _unflat(self, vector: Array) -> dict[str, Array]:
        edges = np.cumsum([0, *map(self.entries, self.dims)])
        return {s: vector[a:b].reshape(self.shape(self.dims[s])) for s, a, b in zip(self.dims, edges, edges[1:])}

    # Jacobians.

    @cached_property
    def blocks(self) -> Program:
        """The Jacobian blocks of a step."""
        return derive_jacobian(self.step)

    def _identities(self, program: Program) -> dict[str, Array]:
        """The identities and fixed arrays of a Program."""
        given = [t for t in program.tensors if t.role in ("identity", "fixed")]
        return {t.name: given_array(t, dict(zip(t.dims, self.shape(t.dims), strict=True)), NUMPY) for t in given}

    def _block_values(self, state: Mapping[str, Array]) -> dict[Element, dict[str, Array]]:
        """∂s'/∂e for each element e that the step reads, as matrices."""
        given = self.values | self._lagged(state)
        with np.errstate(all="ignore"):
            known = evaluate(self.step, given, NUMPY)
            there = {k: v for k, v in known.items() if k not in self.blocks.definitions} | self._identities(self.blocks)
            blocks = evaluate(self.blocks, there, NUMPY)
        found: dict[Element, dict[str, Array]] = {}
        for element in self.elements:
            source = lagged_name(*element, "state")
            if source in self.step:
                found[element] = {
                    s: blocks[jacobian_name(next_name(s), source)].reshape(self.entries(s), self.entries(element[0]))
                    for s in self.dims
                }
        return found

    def _undelayed(self, state: Mapping[str, Array]) -> Array:
        """The Jacobian with respect to a state that has always been the same."""
        edges = dict(zip(self.dims, np.cumsum([0, *map(self.entries, self.dims)])))
        total = sum(map(self.entries, self.dims))
        matrix = np.zeros((total, total))
        for (source, _), column in self._block_values(state).items():
            for target, block in column.items():
                rows, columns = edges[target], edges[source]
                matrix[rows : rows + block.shape[0], columns : columns + block.shape[1]] += block
        return matrix

    def jacobian(self, state: Mapping[str, Array]) -> Array:
        """The Jacobian of a step with respect to the whole state, delayed values included."""
        lengths = [self.entries(s) for s, _ in self.elements]
        edges = dict(zip(self.elements, np.cumsum([0, *lengths])))
        matrix = np.zeros((sum(lengths), sum(lengths)))
        for source, column in self._block_values(state).items():
            for target, block in column.items():
                rows, columns = edges[target, 1], edges[source]
                matrix[rows : rows + block.shape[0], columns : columns + block.shape[1]] = block
        for name, lag in self.elements:
            if lag > 1:
                here, before = np.arange(self.entries(name)) + edges[name, lag], edges[name, lag - 1]
                matrix[here, here - edges[name, lag] + before] = 1.0
        return matrix

    # Slopes, unit by unit.

    def slopes(self, known: Mapping[str, Array], by: Sequence[str] | None = None) -> dict[str, dict[str, Array]]:
        """The slope at each unit of every next state and load, by each state and value of a sum.

        Parameters
        ----------
        known : mapping of str to array
            Every value of the step; batched ones may have leading axes (time, batch).
        by : sequence of str, optional
            The sources; by default all.

        Returns
        -------
        dict of str to (dict of str to array)
            From the source, then the result.
        """
        step = self.step_per_unit
        tangent = step.slopes
        read = {t.of: t.name for t in tangent.tensors if t.role == "tangent" and t.name in tangent.sources}
        made = {t.of: t.name for t in tangent.tensors if t.role == "tangent" and t.of in step.program.results}
        with np.errstate(all="ignore"):
            inner = evaluate(step.program, {k: known[k] for k in step.program.sources if k in known}, NUMPY)
            given = {k: v for k, v in inner.items() if k in tangent and k not in tangent.definitions}
            found = {}
            for source in read if by is None else by:
                if source not in read:
                    continue
                directions = {
                    dot: np.full(self.shape(step.program[of].dims), float(of == source)) for of, dot in read.items()
                }
                dots = evaluate(tangent, given | directions, NUMPY)
                found[source] = {of: np.asarray(dots[dot]) for of, dot in made.items()}
        return found

    def values_at(self, state: Mapping[str, Array]) -> dict[str, Array]:
        """Every value of the step at a state."""
        with np.errstate(all="ignore"):
            return evaluate(self.step, self.values | self._lagged(state), NUMPY)

    def direct_at(self, known: Mapping[str, Array]) -> dict[tuple[str, ...], Direct]:
        """The direct part of the Jacobian where the step has these values."""
        return self.direct(self.slopes(known, [lagged_name(*e, "state") for e in self.elements]))

    def direct(self, slopes: Mapping[str, Mapping[str, Array]]) -> dict[tuple[str, ...], Direct]:
        """The direct part of the Jacobian, by the dimensions of the states; (…, units, S, S)."""
        groups: dict[tuple[str, ...], list[Element]] = {}
        for element in self.elements:
            groups.setdefault(self.dims[element[0]], []).append(element)
        found = {}
        for dims, elements in groups.items():
            rank = len(dims)
            results = {next_name(state) for state, _ in elements}
            shapes = [np.shape(a)[: np.ndim(a) - rank] for of in slopes.values() for r, a in of.items() if r in results]
            lead = max(shapes, key=len, default=())
            units = int(np.prod(self.shape(dims), dtype=np.int64))
            matrix = np.zeros((*lead, units, len(elements), len(elements)))
            for row, (state, lag) in enumerate(elements):
                for column, other in enumerate(elements):
                    block = slopes.get(lagged_name(*other, "state"), {}).get(next_name(state))
                    if lag > 1:
                        matrix[..., row, column] = float(other == (state, lag - 1))
                    elif block is not None:
                        matrix[..., row, column] = block.reshape((*block.shape[: block.ndim - rank], units))
            found[dims] = Direct(tuple(elements), matrix)
        return found


def _solved(matrix: Array, right: Array) -> Array:
    """matrix⁻¹ right; the least squares solution where the matrix is singular, as along a line of fixed points."""
    try:
        return np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(matrix, right)[0]


def _flat(state: Mapping[str, Array]) -> Array:
    return np.concatenate([np.ravel(v) for v in state.values()])


def _finite(state: Mapping[str, Array]) -> bool:
    return all(bool(np.isfinite(v).all()) for v in state.values())


def _distance(state: Mapping[str, Array], other: Mapping[str, Array]) -> float:
    return float(max((np.abs(other[s] - v).max(initial=0.0) for s, v in state.items()), default=0.0))


def _length(state: Mapping[str, Array]) -> float:
    return 1.0 + float(max((np.abs(v).max(initial=0.0) for v in state.values()), default=0.0))
