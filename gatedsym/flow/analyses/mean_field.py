"""Mean field of any cell: growth of the backward signal in theory, and in networks with and without tied weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.flow.ensemble import (
    Progress,
    Retention,
    Setting,
    Source,
    coordinates,
    describe,
    label,
    place_of,
    read_cells,
    read_source,
    require_applicable,
    require_positive,
    run_all,
    settings_of,
    several,
)
from gatedsym.flow.inputs.series import Series
from gatedsym.flow.loss import Loss
from gatedsym.flow.theory.networks import tied_exponent, untied_exponent
from gatedsym.flow.theory.population import SCHEMES, Ensemble, fixed_weights, read_theory
from gatedsym.flow.theory.second_moments import Moments, measure_moments
from gatedsym.typing import Array

FOLLOWED = 128
"""Steps over which the signal of each unit is followed."""


def mean_field(
    cells: Iterable[Any] | str,
    x: str | Series | Array = "text",
    *,
    n: int = 64,
    seeds: int = 4,
    population: int = 4096,
    steps: int = 400,
    measure: bool = True,
    init: str | Sequence[str] = "gaussian",
    gain: float | Sequence[float] = 1.0,
    retention: Retention | Sequence[Retention] = (0.0, 1.0, 2.0, 4.0),
    horizon: int = 200,
    dtype: str = "float64",
    progress: Progress | None = None,
) -> xr.Dataset:
    """Second moment of the backward signal per step, from the cell's equations alone, beside what networks do.

    In theory every contraction with a weight matrix is a normal variable whose variance is that of the weight's entries
    times the sum of squares of what it multiplies; laws of states come from a population of sites. The theory takes
    weights as drawn anew at each step ("untied"); a real network keeps them ("tied"), and its rate may differ.

    Parameters
    ----------
    cells : cells or names of the library
    x : Series, name, path, or array (T, B, m)
        The theory and the untied network read independent N(0, R), R the mean square of the series; the tied network
        reads the series itself.
    n : int
        Hidden size of the networks, and width by which the initialisation scales vectors.
    seeds : int
        Independent populations and networks for each setting.
    population : int
        About how many sites; fewer where a cell holds matrices.
    steps : int
        Steps of the networks, the first quarter of which does not count.
    measure : bool
        Whether networks are run, too.
    init : str or sequence of str
        Of "gaussian", "orthogonal", "xavier" and "uniform".
    gain, retention, horizon, progress
        As in `gradient_flow`.
    dtype : str
        Of the numbers; only "float64".

    Returns
    -------
    xarray.Dataset
        (cell, init, gain, retention, seed): ``chi``, factor per step of the second moment once the signal has found its
        shape (Perron value), the signal at a unit taken as independent of that unit's state; ``followed``, the same
        without that assumption, for a population; ``one_step``, E tr(J Jᵀ) over the size of the state; ``rate`` =
        ln(chi) / 2; ``untied`` and ``tied``, growth rate of a tangent of networks of size n whose weights are
        drawn anew at each step, or kept (the largest Lyapunov exponent), natural logarithm per step; ``settled``,
        whether the laws of the states stood still; ``mean_square`` (…, state) of each state.

    Raises
    ------
    ArgumentError
        For an initialisation whose entries' variance is not known, or a cell for which `why_not_applicable` has a
        reason.
    """
    found, source = read_cells(cells), read_source(x)
    require_positive(n=n, seeds=seeds, population=population, steps=steps)
    _check(found, several(init), dtype)
    settings = settings_of(found, several(init), several(gain), several(retention))
    axes = coordinates(settings)
    theories = {c.name: read_theory(c) for c in found}
    states = list(dict.fromkeys(s for c in found for s in c.states))
    shape = (*map(len, axes.values()), seeds)
    values = {k: np.full(shape, np.nan) for k in ("chi", "followed", "one_step", "untied", "tied", "settled")}
    squares = np.full((*shape, len(states)), np.nan)

    def run(setting: Setting, seed: int) -> tuple[Moments, float, float]:
        return _one(theories[setting.cell.name], setting, source, seed, (n, population, steps, horizon), measure)

    jobs = [(s, seed) for s in settings for seed in range(seeds)]
    for (setting, seed), (moments, untied, tied) in run_all(jobs, run, progress):
        place = (*place_of(setting, axes), seed)
        found_here = {"chi": moments.chi, "followed": moments.followed, "one_step": moments.one_step,
                      "settled": float(moments.settled), "untied": untied, "tied": tied}  # fmt: skip
        for name, value in found_here.items():
            values[name][place] = value
        for state, square in moments.states.items():
            if state in states:
                squares[(*place, states.index(state))] = square
    with np.errstate(divide="ignore"):
        values["rate"] = np.log(values["chi"]) / 2
    attrs = describe(
        found, source, Loss(), laws_followed=False, n=n, batch=1, seeds=seeds, lags=steps, horizon=horizon, dtype=dtype
    )
    attrs |= {"title": "mean field", "population": population, "steps": steps}
    dims = (*axes, "seed")
    data = xr.Dataset(
        {k: (dims, v) for k, v in values.items()} | {"mean_square": ((*dims, "state"), squares)},
        coords={**axes, "seed": np.arange(seeds), "state": states},
        attrs=attrs,
    )
    return label(
        data,
        (
            ("chi", "second moment of the backward signal, per step, untied theory", "1"),
            (
                "followed",
                "second moment of a signal followed along the past of each unit, per step, untied theory",
                "1",
            ),
            ("one_step", "E tr(J J^T) over the size of the state", "1"),
            ("rate", "ln(chi) / 2, untied theory", "1/step"),
            ("untied", "growth rate of a tangent, weights drawn anew at each step", "1/step"),
            ("tied", "largest Lyapunov exponent, weights kept", "1/step"),
            ("settled", "whether the laws of the states stood still", "1"),
            ("mean_square", "mean square of a state", "1"),
        ),
    )


def why_not_applicable(cell: Any) -> str:
    """Why a cell has no mean field, as one sentence, or ""."""
    if not cell.states:
        return f"Cell {cell.name} has no state, so no signal grows or decays through time."
    if fixed := fixed_weights(cell):
        return (
            f"Cell {cell.name} keeps {', '.join(fixed)} as prescribed: no random weights, which the theory speaks of."
        )
    return ""


def ensemble_of(setting: Setting, source: Source, n: int, horizon: int, square: float) -> Ensemble:
    """The ensemble of a setting."""
    return Ensemble(
        scheme=setting.scheme, gain=setting.gain, retention=setting.retention, n=n, m=source.features, horizon=horizon,
        square=square,
    )  # fmt: skip


def _check(cells: Sequence[Any], init: Sequence[str], dtype: str) -> None:
    require_applicable(cells, why_not_applicable)
    unknown = [s for s in init if s not in SCHEMES]
    if unknown:
        raise ArgumentError(
            f"init {unknown[0]!r}: the theory needs weights with independent entries of a known variance, and what "
            f"papers prescribe (identities, constants, ramps) has none: choose from {', '.join(SCHEMES)}."
        )
    if dtype != "float64":
        raise ArgumentError(f"dtype {dtype!r}: the mean field is computed in float64.")


def _one(
    theory: Any, setting: Setting, source: Source, seed: int, sizes: tuple[int, int, int, int], measure: bool
) -> tuple[Moments, float, float]:
    n, population, steps, horizon = sizes
    drawn, _ = source.draw(steps, 1, seed)
    ensemble = ensemble_of(setting, source, n, horizon, float(np.mean(drawn**2)))
    moments = measure_moments(theory, ensemble, count=population, seed=seed, follow=FOLLOWED)
    if not measure:
        return moments, float("nan"), float("nan")
    series = np.ascontiguousarray(drawn[:, :1])
    untied = untied_exponent(theory, ensemble, seed=seed, steps=max(1, steps * 3 // 4), warmup=steps // 4)
    return moments, untied, tied_exponent(theory, ensemble, series, seed=seed, warmup=steps // 4)
