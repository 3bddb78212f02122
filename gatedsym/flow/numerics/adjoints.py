"""Adjoints carried back along a run, many at once, by derived Programs, each with an exponent of its own.

What `Cell.flow` does for one adjoint in compiled code, this does in NumPy for adjoints that an analysis needs besides:
those of many losses, or parts of one adjoint, which differ by hundreds of orders of magnitude.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.execution.ragged.influence import packed_values
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.results import trajectory_values
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.execution.results import Run
    from gatedsym.ir.program import Program

LOG10_2 = float(np.log10(2.0))
_ZERO = -1e300  # stands for the logarithm of 0 where numbers are interpolated
_NOTHING = -(2**40)  # the exponent of an adjoint that is exactly zero


class StepAdjoint:
    """A derived Program along a run: what does not depend on cotangents is computed for all steps at once.

    Parameters
    ----------
    primal : Program
        One step; it computes every value that `derived` reads.
    derived : Program
        Linear in the cotangents of the results of `primal`.
    run : Run
    values : mapping of str to array, optional
        Values of `primal` along the run, where they are known (see `values_along`).
    """

    def __init__(self, primal: Program, derived: Program, run: Run, values: Mapping[str, Array] | None = None) -> None:
        known = values_along(primal, run) if values is None else values
        self.cotangents = {t.of: t.name for t in derived.tensors if t.role == "cotangent"}
        moving = moving_names(derived)
        fixed = tuple(s for s in derived.statements if s.target.name not in moving)
        sized, self.sizes = _with_sizes(derived, run)
        known = _evaluated(replace(sized, statements=fixed), {**known, **self.sizes})
        statements = tuple(s for s in derived.statements if s.target.name in moving)
        read = {r.name for s in statements for r in s.operands} - moving
        tensors = tuple(t for t in sized.tensors if t.name in read | moving | self.sizes.keys())
        self.program = replace(sized, tensors=tensors, statements=statements, results=derived.results)
        self.results = {n: derived[n].dims for n in derived.results}
        self.steady = {n: known[n] for n in sorted(read) if n not in derived.batched}
        self.changing = {n: known[n] for n in sorted(read) if n in derived.batched}
        # The program is linear in the cotangents: what they do not reach is zero.
        self.zero = {n: known[n] for n in derived.results if n not in moving}
        self._known, self._batched = known, derived.batched | primal.batched

    def known(self, name: str, step: int) -> Array:
        """A value at a step that does not depend on cotangents: (B, …), or as it is for what has no batch."""
        value = self._known[name]
        return np.asarray(value[step] if name in self._batched else value)

    def at(self, step: int, cotangents: Mapping[str, Array]) -> dict[str, Array]:
        """The results at a step, counted from 0.

        Parameters
        ----------
        cotangents : mapping of str to array (K, B, …)
            For each result of the primal that has one; zero for the others.

        Returns
        -------
        dict of str to array (K, B, …)
        """
        lead = next(iter(cotangents.values())).shape[:2]
        given = {n: v[step] for n, v in self.changing.items()}
        for result, name in self.cotangents.items():
            shape = tuple(int(d) if d.isdigit() else len(self.sizes[_size(d)]) for d in self.program[name].dims)
            given[name] = cotangents.get(result, np.zeros(lead + shape))
        found = _evaluated(self.program, {**self.steady, **self.sizes, **given})
        zero = {n: np.zeros(lead + v.shape[v.ndim - len(self.results[n]) :]) for n, v in self.zero.items()}
        return {n: zero[n] if n in zero else found[n] for n in self.results}


def moving_names(derived: Program) -> frozenset[str]:
    """The cotangents of a derived Program, and everything that depends on them."""
    return derived.reached_from(t.name for t in derived.tensors if t.role == "cotangent")


def values_along(primal: Program, run: Run) -> dict[str, Array]:
    """Every value of a step along a run, (T, B, …), in float64; parameters as they are."""
    sized, sizes = _with_sizes(primal, run)
    return _evaluated(sized, {**_as_float64(trajectory_values(run, primal)), **sizes})


def values_of_steps(primal: Program, run: RaggedRun) -> dict[str, Array]:
    """The same at the steps that there are, (steps, 1, …), as `run.rows` has them."""
    sized, sizes = _with_sizes(primal, run)
    return _evaluated(sized, {**_as_float64(packed_values(run, primal)), **sizes})


def values_from_own_ends(primal: Program, run: RaggedRun) -> dict[str, Array]:
    """The same, (T, B, …), with the last step of every sequence in the last row; before its first one that is repeated.

    Where a sequence is whole: what goes back through all rows has passed all of its steps before it comes to others.
    """
    episodes = run.rows.episodes
    steps = np.arange(episodes.steps)[:, None] - (episodes.steps - episodes.lengths)
    rows = run.rows.steps(0)[np.maximum(steps, 0), np.arange(episodes.batch)]
    batched = primal.batched
    return {n: v[rows, 0] if n in batched else v for n, v in values_of_steps(primal, run).items()}


def _evaluated(program: Program, values: Mapping[str, Array]) -> dict[str, Array]:
    from gatedsym.ir.evaluate import NUMPY, evaluate

    return evaluate(program, values, NUMPY)


def _as_float64(values: Mapping[str, Array]) -> dict[str, Array]:
    return {n: np.asarray(v, dtype=np.float64) for n, v in values.items()}


def _size(dim: str) -> str:
    return f"size of {dim}"


def _with_sizes(program: Program, run: Run) -> tuple[Program, dict[str, Array]]:
    """The Program with a source for each dimension: one may occur in results alone."""
    from gatedsym.ir.program import Tensor

    dims = program.dims()
    tensors = tuple(Tensor(_size(d), (d,), "constant") for d in dims)
    values = {_size(d): np.zeros(run.call_shape.lengths((d,))) for d in dims}
    return replace(program, tensors=(*program.tensors, *tensors)), values


class Adjoints:
    """K adjoints of the whole state of B sequences at one time, as mantissas and exponents of two.

    Of a state that is read with a delay the adjoints of earlier times, as far as they are known, stand behind.

    Parameters
    ----------
    cell : Cell
    run : Run
    count : int
        K.

    Attributes
    ----------
    rows : dict of str to array (delay, K, B, …)
        For each part of a state; row 0 is complete.
    exponents : array of int (K, B)
    """

    def __init__(self, cell: Cell, run: Run, count: int) -> None:
        call_shape = run.call_shape
        self.parts: tuple[str, ...] = tuple(p for layout in cell.interface.states for p in layout.parts)
        program = cell.recurrence.program
        self.rows = {
            p: np.zeros(
                (
                    max(call_shape.delays.get(p, 1), 1),
                    count,
                    call_shape.batch,
                    *call_shape.lengths(program[f"{p}'"].dims),
                )
            )
            for p in self.parts
        }
        self.exponents = np.full((count, call_shape.batch), _NOTHING, dtype=np.int64)

    def now(self, which: Any = slice(None)) -> dict[str, Array]:
        """The complete adjoints of some of the K, by next value: what enters the adjoint of a step."""
        # Copies: a result of the step may be one of its cotangents itself, and is added after the rows have moved.
        return {f"{p}'": rows[0][which].copy() for p, rows in self.rows.items()}

    def step_back(self) -> None:
        """Go to the time before: the second rows, still incomplete, become the first."""
        pending = np.zeros(self.exponents.shape, dtype=bool)
        for rows in self.rows.values():
            rows[:-1] = rows[1:].copy()
            rows[-1] = 0.0
            pending |= (rows != 0).any(axis=(0, *range(3, rows.ndim)))
        self.exponents = np.where(pending, self.exponents, _NOTHING)

    def add(self, which: Any, contributions: Iterable[tuple[str, int, Array]], exponents: Array) -> None:
        """Add mantissas (count, B, …) with exponents (count, B) to the K at `which`, for (part, lag)."""
        old = self.exponents[which]
        new = np.maximum(old, exponents)
        before, shift = _power(old - new), _power(exponents - new)
        for rows in self.rows.values():
            rows[:, which] = rows[:, which] * _under(before, rows[0].ndim)
        for part, lag, value in contributions:
            self.rows[part][lag - 1, which] += value * _under(shift, value.ndim)
        self.exponents[which] = new

    def normalise(self) -> None:
        """Bring the largest mantissa of each adjoint to the size of 1."""
        largest = np.zeros(self.exponents.shape)
        for rows in self.rows.values():
            flat = np.abs(rows).max(axis=0)
            largest = np.maximum(largest, flat.reshape((*largest.shape, -1)).max(axis=-1, initial=0.0))
        _, exponent = np.frexp(np.where(np.isfinite(largest), largest, 0.0))
        for rows in self.rows.values():
            rows[...] = np.ldexp(rows, _under(-exponent, rows[0].ndim))
        self.exponents = np.where(largest > 0, self.exponents + exponent, _NOTHING)

    def vectors(self) -> Array:
        """Mantissas of the whole state side by side, (K, B, size)."""
        flat = [rows[0].reshape((*self.exponents.shape, -1)) for rows in self.rows.values()]
        return np.concatenate(flat, axis=-1)


def log10_norm(vectors: Array, exponents: Array | int = 0) -> Array:
    """log10 of the 2-norm over the last axis; -inf where it is exactly 0, NaN where it is not finite."""
    largest = np.abs(vectors).max(axis=-1, initial=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = vectors / np.where(largest > 0, largest, 1.0)[..., None]
        norm = 0.5 * np.log10(np.square(scaled).sum(axis=-1)) + np.log10(largest) + np.multiply(exponents, LOG10_2)
    return np.asarray(np.where(np.isposinf(norm), np.nan, norm))


def median_over_sequences(values: Array) -> Array:
    """Median over the last axis in which -inf takes its place in the order; NaN of a NaN or of no sequence."""
    if not values.size:
        return np.full(values.shape[:-1], np.nan)
    middle = np.median(np.where(np.isneginf(values), _ZERO, values), axis=-1)
    return np.asarray(np.where(middle < _ZERO / 1e50, -np.inf, middle))


def _power(exponent: Array) -> Array:
    return np.asarray(np.ldexp(1.0, np.clip(exponent, -1100, 1023)))


def _under(scale: Array, ndim: int) -> Array:
    return np.asarray(scale.reshape((*scale.shape, *(1,) * (ndim - 2))))


def norms_at_ends(log_norms: Array, backwards: bool = False) -> tuple[float, float, int]:
    """Logarithms of norms at the first step read and at the last that a gradient reaches, and the steps between.

    Parameters
    ----------
    log_norms : array (T,)
        NaN where a sequence has no step, -inf where no gradient comes.
    backwards : bool
        Whether the sequence is read from its end.
    """
    rows = log_norms[::-1] if backwards else log_norms
    rows = rows[~np.isnan(rows)]
    reached = np.flatnonzero(rows > -np.inf)
    last = int(reached[-1]) if len(reached) else 0
    return (float(rows[0]), float(rows[last]), last) if len(rows) else (np.nan, np.nan, 0)
