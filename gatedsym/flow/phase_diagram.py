"""Phase diagram of any cell: where the backward signal grows, over the gain of recurrent weights and a bias.

Three answers that need not agree: the mean field (weights independent from step to step, driven), the network at rest
(weights kept, no input), and the largest Lyapunov exponent of driven networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.flow.data import Series
from gatedsym.flow.loss import Loss
from gatedsym.flow.networks import quiescent_gain, tied_exponent
from gatedsym.flow.population import Ensemble, Theory, read_theory
from gatedsym.flow.second_moments import measure_moments
from gatedsym.flow.settings import (
    Progress,
    Setting,
    Source,
    describe,
    label,
    read_cells,
    read_source,
    require_positive,
    require_sense,
    run_all,
)

Array = np.ndarray[Any, Any]
GAINS = (0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
RETENTIONS = (-2.0, -1.0, 0.0, 1.0, 2.0, 4.0)
SPREADS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0)
"""Standard deviations of biases, for cells without a gate that retains."""


def phase_diagram(
    cells: Iterable[Any] | str,
    x: str | Series | Array = "text",
    *,
    n: int = 64,
    seeds: int = 2,
    population: int = 1024,
    steps: int = 400,
    gain: Sequence[float] = GAINS,
    retention: Sequence[float] = RETENTIONS,
    spread: Sequence[float] = SPREADS,
    init: str = "gaussian",
    dtype: str = "float64",
    progress: Progress | None = None,
) -> xr.Dataset:
    """χ, the largest Lyapunov exponent and the line of rest over (gain of recurrent weights, bias).

    Parameters
    ----------
    cells : cells or names of the library
    x : Series, name, path, or array (T, B, m)
        What networks read; the theory reads independent N(0, R), R the mean square. Input weights keep the gain 1.
    n : int
        Hidden size of networks.
    seeds : int
        Networks, and populations, for each point.
    population, steps
        As in `mean_field`.
    gain : sequence of float
        Factors σ of recurrent weights N(0, σ²/n).
    retention : sequence of float
        Biases b of the gates that retain the state.
    spread : sequence of float
        For cells without such a gate: standard deviations σ_b of all biases.
    init : str
        "gaussian" or "orthogonal".

    Returns
    -------
    xarray.Dataset
        (cell, place, gain): ``chi`` (untied theory, mean over populations; the signal of each unit is followed
        along that unit's past, where units are coupled by weights alone) with ``chi_error``; ``tied``, the largest
        Lyapunov exponent (mean over networks), with ``tied_error`` (standard errors, NaN for one seed). (cell, place):
        ``bias``, its value there; ``at_rest``, the gain at which the network at rest loses its stability (mean over
        networks, NaN where none does up to twice the largest gain). (cell): ``axis``, "retention" or "spread".
    """
    found, source = read_cells(cells), read_source(x)
    require_positive(n=n, seeds=seeds, population=population, steps=steps)
    _check(found, init, gain, dtype)
    theories = {c.name: read_theory(c) for c in found}
    gains = sorted(float(g) for g in gain)
    names = [c.name for c in found]
    biases = {c.name: sorted(float(b) for b in (retention if c.can_retain else spread)) for c in found}
    places = max(map(len, biases.values()))
    shape = (len(found), places, len(gains), seeds)
    values = {k: np.full(shape, np.nan) for k in ("chi", "tied")}
    rest = np.full((len(found), places, seeds), np.nan)
    drawn = [source.draw(steps, 1, seed)[0][:, :1] for seed in range(seeds)]

    def run(setting: Setting, seed: int) -> tuple[Array, Array, float]:
        ensemble = _ensemble(setting, source, init, n, float(np.mean(drawn[seed] ** 2)))
        return _row(theories[setting.cell.name], ensemble, gains, drawn[seed], seed, (population, steps))

    # A bias is one setting; its whole row of gains is one job.
    jobs = [(Setting(c, init, 1.0, b), seed) for c in found for b in biases[c.name] for seed in range(seeds)]
    for setting, seed, (chi, tied, critical) in run_all(jobs, run, progress):
        i, j = names.index(setting.cell.name), biases[setting.cell.name].index(float(setting.retention))  # type: ignore[arg-type]
        values["chi"][i, j, :, seed], values["tied"][i, j, :, seed], rest[i, j, seed] = chi, tied, critical
    bias = np.full((len(found), places), np.nan)
    for i, name in enumerate(names):
        bias[i, : len(biases[name])] = biases[name]
    attrs = describe(found, source, Loss(), n=n, batch=1, seeds=seeds, lags=steps, horizon=steps, dtype=dtype)
    attrs |= {"title": "phase diagram", "population": population, "steps": steps, "init": init}
    return _labelled(values, rest, bias, found, gains, attrs)


def reason_against(cell: Any) -> str:
    """Why a cell has no phase diagram, as one sentence, or ""."""
    if not cell.states:
        return f"Cell {cell.name} has no state, so no signal grows or decays through time."
    from gatedsym.calculus.mean_field import recurrent_weights

    if not recurrent_weights(cell.recurrence.program):
        return (
            f"Cell {cell.name} has no recurrent weight matrix, so there is no gain over which to draw a phase diagram."
        )
    return ""


def _check(cells: Sequence[Any], init: str, gain: Sequence[float], dtype: str) -> None:
    require_sense(cells, reason_against)
    if init not in ("gaussian", "orthogonal"):
        raise ArgumentError(f"init {init!r}: a gain scales gaussian or orthogonal weights.")
    if len(gain) < 2 or min(gain) < 0:
        raise ArgumentError(f"gain {list(gain)}: give at least two factors, none below 0.")
    if dtype != "float64":
        raise ArgumentError(f"dtype {dtype!r}: the mean field is computed in float64.")


def _ensemble(setting: Setting, source: Source, init: str, n: int, square: float) -> Ensemble:
    gated = setting.cell.can_retain
    return Ensemble(
        scheme=init, retention=setting.retention if gated else None,
        bias=None if gated else float(setting.retention), n=n, m=source.features, square=square,  # type: ignore[arg-type]
    )  # fmt: skip


def _row(
    theory: Theory, ensemble: Ensemble, gains: Sequence[float], x: Array, seed: int, sizes: tuple[int, int]
) -> tuple[Array, Array, float]:
    """χ and exponents over the gains, and where the network at rest loses its stability."""
    population, steps = sizes
    chi, tied = np.full(len(gains), np.nan), np.full(len(gains), np.nan)
    for k, factor in enumerate(gains):
        at = replace(ensemble, recurrent=factor)
        moments = measure_moments(theory, at, count=population, seed=seed, last=256, steps=8, follow=64)
        chi[k] = moments.chi if np.isnan(moments.followed) else moments.followed
        tied[k] = tied_exponent(theory, at, np.ascontiguousarray(x), seed=seed, warmup=steps // 4)
    return chi, tied, quiescent_gain(theory, ensemble, seed=seed, high=2 * max(gains), tolerance=3e-3)


def _labelled(
    values: dict[str, Array], rest: Array, bias: Array, cells: Sequence[Any], gains: list[float], attrs: dict[str, Any]
) -> xr.Dataset:
    seeds = rest.shape[-1]

    def error(array: Array) -> Array:
        return array.std(axis=-1, ddof=1) / np.sqrt(seeds) if seeds > 1 else np.full(array.shape[:-1], np.nan)

    dims = ("cell", "place", "gain")
    data = xr.Dataset(
        {
            "chi": (dims, values["chi"].mean(axis=-1)),
            "chi_error": (dims, error(values["chi"])),
            "tied": (dims, values["tied"].mean(axis=-1)),
            "tied_error": (dims, error(values["tied"])),
            "at_rest": (dims[:2], rest.mean(axis=-1)),
            "bias": (dims[:2], bias),
            "axis": ("cell", ["retention" if c.can_retain else "spread" for c in cells]),
        },
        coords={"cell": [c.name for c in cells], "place": np.arange(bias.shape[1]), "gain": gains},
        attrs=attrs,
    )
    return label(
        data,
        (
            ("chi", "second moment of the backward signal, per step, untied theory", "1"),
            ("chi_error", "standard error of chi over populations", "1"),
            ("tied", "largest Lyapunov exponent of networks", "1/step"),
            ("tied_error", "standard error over networks", "1/step"),
            ("at_rest", "gain at which the network at rest loses its stability", "1"),
            ("bias", "bias of the gates that retain, or standard deviation of all biases", "1"),
            ("axis", "what the bias is", "1"),
            ("gain", "factor of recurrent weights", "1"),
        ),
    )
