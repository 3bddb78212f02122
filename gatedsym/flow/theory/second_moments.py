"""Second moments of the backward signal of a population: the factor χ per step, from the slopes of the adjoint.

The matrix P = E(d_s d_s') of a site's cotangents passes one step back by a linear map whose entries are means over
sites of products of slopes. χ is its Perron value. Weights are taken as independent from step to step ("untied"), and
the signal that arrives at a state as independent of the values at its site. `followed` drops the second assumption:
each site keeps its own P along its own past. Where sites are coupled by more than weights the map is sampled: random
cotangents are sent back one step, each state's by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatedsym.calculus.names import adjoint_name
from gatedsym.flow.theory.population import NetworkLaw, Population, Theory, standard_normal
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import lagged_name, next_name
from gatedsym.typing import Array

Element = tuple[str, int]
"""A state and how many steps old it is, 1 for the previous value."""
Basis = Element | str
"""A cotangent, or a `Signal` by name."""
Form = dict[Basis, Array]
"""Slopes of a linear form."""
Covariances = dict[tuple[Basis, Basis], Any]
"""Numbers, or one number a site; the factors of recurrent weights are the last axis."""
Average = Callable[[Any], Any]
FIRST, LAST = 64, 2048
"""Steps after which it is first and last asked whether the laws stand still."""


@dataclass(frozen=True)
class Moments:
    """Second moments of a population.

    Attributes
    ----------
    chi : float
        Factor per step of the second moment of the backward signal once its shape has settled; NaN if laws diverge.
    followed : float
        The same for a signal that is followed along the past of each site; NaN where it was not asked for, or sites are
        coupled by more than weights.
    one_step : float
        E tr(J Jᵀ) / size of the state: the same for a signal that is equal and independent in all entries.
    matrix : array (S, S)
        Second moment of each state's cotangent one step earlier (rows) from that of each state's (columns), covariances
        left out.
    states : mapping of str to float
        Mean square of each state.
    pre_activations : mapping of str to float
        Variance of each normal variable of the forward pass.
    steps : int
        Steps until the laws stood still.
    settled : bool
    """

    chi: float
    followed: float
    one_step: float
    matrix: Array
    states: Mapping[str, float]
    pre_activations: Mapping[str, float]
    steps: int
    settled: bool


def measure_moments(
    theory: Theory, law: NetworkLaw, *, count: int = 4096, seed: int = 0, steps: int = 32, last: int = LAST,
    follow: int = 0,
) -> Moments:  # fmt: skip
    """Let a population settle, then average its second moments over `steps` steps.

    Parameters
    ----------
    theory : Theory
    law : NetworkLaw
        With one factor of recurrent weights.
    count : int
        About how many sites.
    seed : int
    steps, last : int
        Steps that are averaged, and the most that pass before.
    follow : int
        Over how many further steps the signal is followed, 0: not. The earlier half of them counts.
    """
    (found,) = measure_along(theory, law, count=count, seed=seed, steps=steps, last=last, follow=follow)
    return found


def measure_along(
    theory: Theory, law: NetworkLaw, *, count: int = 4096, seed: int = 0, steps: int = 32, last: int = LAST,
    follow: int = 0,
) -> list[Moments]:  # fmt: skip
    """`measure_moments` for each of the law's factors of recurrent weights, all on the same random draws."""
    population = Population(theory, law, count, seed)
    passed, settled = _settle(population, last)
    backward = _Backward(population)
    squares, variances = [], []
    for _ in range(steps):
        population.step()
        backward.add()
        squares.append(population.squares())
        variances.append(population.variances())
    followed = backward.followed(follow)
    states, normals = np.mean(squares, axis=0), np.mean(variances, axis=0)
    return [
        Moments(
            chi, float(followed[k]), one_step, matrix,
            dict(zip(population.history, states[:, k].tolist())),
            {n.name: float(v) for n, v in zip(theory.field.normals, normals[:, k])},
            passed, bool(settled[k]),
        )
        for k, (chi, one_step, matrix) in enumerate(backward.results())
    ]  # fmt: skip


def one_step_moment(
    theory: Theory, law: NetworkLaw, spread: Mapping[str, float], *, count: int = 4096, seed: int = 0, steps: int = 8
) -> float:
    """E tr(J Jᵀ) over the size of the state, where states are N(0, spread²), mean over `steps` draws.

    Exact for one step of a large network, tied or not: weights that the step reads are independent of its states.
    """
    population = Population(theory, law, count, seed)
    backward = _Backward(population)
    for _ in range(steps):
        for state, rows in population.history.items():
            draws = [standard_normal(population.generator, row.shape) for row in rows]
            population.history[state] = [float(spread[state]) * drawn for drawn in draws]
        population.step()
        backward.add()
    return backward.results()[0][1]


def _settle(population: Population, last: int) -> tuple[int, Array]:
    """Steps until the mean squares of the second half of the time equal each other in its halves, for every factor.

    Returns
    -------
    steps : int
    settled : array (factors,) of bool
    """
    series: list[Array] = []
    until = min(FIRST, last)
    while True:
        while len(series) < until:
            population.step()
            series.append(population.squares())
            diverged = _diverged(series[-1])
            if diverged.all():
                return len(series), ~diverged
        still = _stands_still(np.array(series)) & ~diverged
        if (still | diverged).all() or until >= last:
            return len(series), still
        until = min(2 * until, last)


def _diverged(squares: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.asarray(~(squares <= 1e60).all(axis=0))


def _stands_still(series: Array) -> Array:
    """For each factor, from mean squares (steps, states, factors)."""
    quarter = max(1, len(series) // 4)
    early, late = series[-2 * quarter : -quarter], series[-quarter:]
    with np.errstate(all="ignore"):
        change = np.abs(late.mean(axis=0) - early.mean(axis=0))
        # The quarters of a settled population differ by their noise, which is correlated over the memory of the sites.
        noise = np.sqrt((early.var(axis=0) + late.var(axis=0)) / 2)
        return np.asarray((change <= np.maximum(1e-5 * late.mean(axis=0), noise) + 1e-12).all(axis=0))


class _Backward:
    """Averages of the linear map that takes second moments one step back."""

    def __init__(self, population: Population) -> None:
        self.population, self.field = population, population.field
        self.elements: list[Element] = [
            (state, lag) for state, rows in population.history.items() for lag in range(1, len(rows) + 1)
        ]
        self.entries = np.array([
            np.prod([population.length(d) for d in population.dims(s)]) for s, _ in self.elements
        ], dtype=float)  # fmt: skip
        pairs = [(a, b) for n, a in enumerate(self.elements) for b in self.elements[n:]]
        self.pairs = [(a, b) for a, b in pairs if a == b or population.dims(a[0]) == population.dims(b[0])]
        self.factors = len(population.law.factors)
        self.total: Array | None = None
        self.count = 0

    def add(self) -> None:
        """Take in the step that has just passed."""
        with np.errstate(all="ignore"):
            step = self._sampled() if self.field.slopes is None else self._exact()
        self.total = step if self.total is None else self.total + step
        self.count += 1

    def results(self) -> list[tuple[float, float, Array]]:
        """χ, the one-step moment, and the matrix of second moments alone, for each factor."""
        assert self.total is not None
        size = len(self.elements)
        diagonal = list(range(size)) if self.field.slopes is None else [self.pairs.index((e, e)) for e in self.elements]
        found = []
        for whole in np.moveaxis(self.total / self.count, -1, 0):
            matrix = whole[np.ix_(diagonal, diagonal)]
            if not np.isfinite(whole).all():
                found.append((float("nan"), float("nan"), matrix))
                continue
            chi = float(np.abs(np.linalg.eigvals(whole)).max()) if size else float("nan")
            found.append((chi, float(self.entries @ matrix.sum(axis=1) / self.entries.sum()), matrix))
        return found

    # From slopes: the map on the matrix E(d_s d_s').

    def _forms(self) -> tuple[list[Form], dict[Element, Form]]:
        """Slopes of the signals and of the results in the step that has just passed."""
        slopes = self.field.slopes
        assert slopes is not None
        values = self.population.values
        given = {n: values[n] for n in slopes.sources if n in values}
        ones = [slopes[n] for n in slopes.sources if n.startswith("ones_") and n not in given]
        given |= {t.name: np.ones([self.population.length(d) for d in t.dims]) for t in ones}
        values = evaluate(slopes, given, NUMPY)
        cotangents = {adjoint_name(next_name(state)): (state, 1) for state in self.population.history}

        def form(named: Mapping[str, str]) -> Form:
            return {
                cotangents.get(basis, basis): self._with_factors(values[slope], len(slopes[slope].dims))
                for basis, slope in named.items()
            }

        results = {e: form(self.field.results.get(adjoint_name(lagged_name(e[0], e[1], "state")), {}))
                   for e in self.elements}  # fmt: skip
        for state, lag in self.elements:
            if (state, lag + 1) in results:
                # A row of the past is the next step's older row.
                results[state, lag][state, lag + 1] = np.ones(1)
        return [form(signal.slopes) for signal in self.field.signals], results

    def _with_factors(self, values: Array, rank: int) -> Array:
        """Values of sites with the factors as the last axis, so that slopes of any rank multiply each other."""
        values = np.asarray(values)
        if values.ndim == rank:
            return values[..., None]
        return np.moveaxis(values, 0, -1)

    def _exact(self) -> Array:
        signals, results = self._forms()
        columns = [self._passed_back({pair: 1.0}, signals, results, _mean_of_sites) for pair in self.pairs]
        return np.array([
            [np.broadcast_to(column[pair], self.factors) for column in columns] for pair in self.pairs
        ])  # fmt: skip

    def _passed_back(
        self, moments: Covariances, signals: Sequence[Form], results: Mapping[Element, Form], average: Average
    ) -> Covariances:
        """Second moments one step earlier, from those of the cotangents."""
        known = dict(moments)
        for signal, form in zip(self.field.signals, signals, strict=True):
            square = _moment(form, form, known)
            if signal.weight:
                size = float(np.prod([self.population.length(d) for d in signal.summed]))
                variance = self.population.given[f"var_{signal.weight}"]
                known[signal.name, signal.name] = variance * size * _mean_of_sites(square)
                continue
            earlier = dict.fromkeys(b for pair in known for b in pair)
            across = {b: average(_moment(form, {b: np.ones(1)}, known)) for b in earlier}
            known |= {(signal.name, b): value for b, value in across.items()}
            known[signal.name, signal.name] = average(square)
        return {(a, b): average(_moment(results[a], results[b], known)) for a, b in self.pairs}

    def followed(self, steps: int) -> Array:
        """Geometric mean of the growth of a signal that goes back along the past of each site, for each factor."""
        found = np.full(self.factors, np.nan)
        if self.field.slopes is None or steps < 2:
            return found
        past = []
        for _ in range(steps):
            self.population.step()
            past.append(self._forms())
        moments: Covariances = {(e, e): 1.0 for e in self.elements}
        growth, alive = [], np.ones(self.factors, bool)
        with np.errstate(all="ignore"):
            while past:
                # What has been passed is let go: the past is the largest thing in memory.
                moments = self._passed_back(moments, *past.pop(), np.asarray)
                means = [np.broadcast_to(_mean_of_sites(moments[e, e]), self.factors) for e in self.elements]
                factor = self.entries @ np.array(means) / self.entries.sum()
                found[alive & (factor == 0)] = 0.0
                alive &= (factor > 0) & (factor < np.inf)
                factor = np.where(alive, factor, 1.0)
                growth.append(np.log(factor))
                moments = {pair: value / factor for pair, value in moments.items()}
        return np.where(alive, np.exp(np.mean(growth[steps // 2 :], axis=0)), found)

    # By sampling: random cotangents of one state after the other, one step back.

    def _sampled(self) -> Array:
        population, back = self.population, self.field.backward
        generator, states = population.generator, list(population.history)
        values = {n: population.values[n] for n in back.sources if n in population.values}
        values |= {n: v for n, v in population.given.items() if n in back}
        for name in back.sources:
            tensor = back[name]
            # Leading axes: the state whose cotangent is sent back, and one that the factors broadcast over.
            shape = (len(states), 1, *(population.length(d) for d in tensor.dims))
            if name in self.field.backward_standard:
                values[name] = np.stack([standard_normal(generator, shape[1:]) for _ in states])
            elif tensor.role == "cotangent":
                values[name] = np.zeros(shape)
                row = states.index(tensor.of.rstrip("'"))
                values[name][row] = standard_normal(generator, shape[1:])
        found = evaluate(back, values, NUMPY)
        step = np.zeros((len(self.elements), len(self.elements), self.factors))
        for k, (state, lag) in enumerate(self.elements):
            name = adjoint_name(lagged_name(state, lag, "state"))
            if name in back:
                dims = tuple(population.length(d) for d in population.dims(state))
                rows = np.broadcast_to(found[name], (len(states), self.factors, *dims))
                for column, other in enumerate(states):
                    step[k, self.elements.index((other, 1))] = population.mean(rows[column] ** 2, len(dims))
            if (state, lag + 1) in self.elements:
                step[k, self.elements.index((state, lag + 1))] += 1.0
        return step


def _mean_of_sites(values: Any) -> Any:
    """The mean over all axes but the last, that of the factors; a number is its own."""
    values = np.asarray(values)
    return values.mean(axis=tuple(range(values.ndim - 1))) if values.ndim > 1 else values


def _moment(first: Form, second: Form, known: Covariances) -> Any:
    """E of the product of two linear forms, at each site."""
    total: Any = 0.0
    for a, x in first.items():
        for b, y in second.items():
            covariance = known.get((a, b), known.get((b, a)))
            if covariance is not None:
                total = total + x * y * covariance
    return total
