"""Phase diagram of any cell: where the backward signal grows, over the gain of recurrent weights and a bias.

Three answers that need not agree: the mean field (weights independent from step to step, driven), the network at rest
(weights kept, no input; see `gatedsym.flow.analyses.fixed_point_spectrum`), and the largest Lyapunov exponent of driven
networks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.flow.analyses.fixed_point_spectrum import resting_gain, why_no_region
from gatedsym.flow.analyses.mean_field import why_not_applicable as why_no_mean_field
from gatedsym.flow.attributes import describe
from gatedsym.flow.ensemble import (
    Cells,
    Ensemble,
    Member,
    Progress,
    Setting,
    label,
    read_cells,
    read_seeds,
    require_applicable,
    require_positive,
)
from gatedsym.flow.inputs.source import Reading, read_source
from gatedsym.flow.loss import Loss
from gatedsym.flow.registry import analysis
from gatedsym.flow.theory.fixed_point import Network, chosen_sizes
from gatedsym.flow.theory.networks import draw_network, tied_exponent
from gatedsym.flow.theory.population import NetworkLaw, Theory, read_theory
from gatedsym.flow.theory.second_moments import measure_along
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell

GAINS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0)
RETENTIONS = (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0)
SPREADS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""Standard deviations of biases, for cells without a gate that retains."""
TOGETHER = 6
"""Gains whose populations are held at a time: a finer grid takes longer, and no more memory."""
FOLLOWED = 64
"""Steps over which the signal of each unit is followed."""


def why_not_applicable(cell: Cell) -> str:
    """The reason why a cell has no phase diagram, as one sentence, or ""."""
    if reason := why_no_mean_field(cell):
        return reason
    from gatedsym.calculus.mean_field import recurrent_weights

    if not recurrent_weights(cell.recurrence.program):
        return (
            f"Cell {cell.name} has no recurrent weight matrix, so there is no gain over which to draw a phase diagram."
        )
    return ""


@analysis(why_not_applicable)
def phase_diagram(
    cells: Cells,
    x: Reading = "text",
    *,
    n: int | Sequence[int] = 64,
    match: str | None = None,
    seeds: int | Sequence[int] = 2,
    networks: int | Sequence[int] | None = None,
    population: int = 1024,
    steps: int = 800,
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
    x : Series, name, path, or array (T, B, m)
        What networks read; the theory reads independent N(0, R), R the mean square. Input weights keep the gain 1.
    n : int or sequence of int
        Hidden size of networks. For several sizes the dataset has a dimension ``n``.
    seeds : int or sequence of int
        Populations for each point, which share their draws along a row of gains, and networks at rest: how many, or
        their seeds.
    networks : int or sequence of int, optional
        Networks for each point, how many or their seeds; by default twice as many as populations, for they are cheaper
        and vary more: 2 k and 2 k + 1 for each seed k.
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
        Lyapunov exponent (mean over networks), with ``tied_error`` (standard errors, NaN for one). (cell, place):
        ``bias``, its value there; ``at_rest``, the gain at which the network at rest is critical, with
        ``at_rest_error``: by the law of `flow.quiescent` (with the weights, biases and states of each network) where it
        applies, which ``attrs["at_rest_by"]`` says, else of the very networks; mean over the first networks, as many as
        populations, NaN where none is up to twice the largest gain. (cell): ``axis``, "retention" or "spread". Behind
        these means stand ``chi_of_each`` and ``at_rest_of_each`` (…, seed) and ``tied_of_each`` (…, network).

    Raises
    ------
    ArgumentError
        For data that cannot be used (DataError), an initialisation whose weights a gain does not scale, or a cell for
        which `why_not_applicable` has a reason.

    References
    ----------
    Chen, Pennington, Schoenholz 2018, Dynamical isometry and a mean field theory of RNNs, for χ. The map of any cell,
    with all three answers, is our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.phase_diagram("gru", "noise", n=4, population=64, steps=20, gain=[1.0, 2.0])
    >>> list(data)[:3]
    ['chi_of_each', 'tied_of_each', 'at_rest_of_each']
    """
    found, source = read_cells(cells), read_source(x)
    populations, runs = read_seeds(seeds), _network_seeds(seeds, networks)
    require_positive(n=n, population=population, steps=steps)
    _check(found, init, gain, dtype)
    theories = {c.name: read_theory(c) for c in found}
    gains, biases = sorted(float(g) for g in gain), _biases(found, retention, spread)
    # A bias is one setting; its whole row of gains is one job.
    settings = tuple(Setting(c, init, 1.0, b) for c in found for b in biases[c.name])
    every = tuple(dict.fromkeys([*populations, *runs]))
    ensemble = Ensemble(tuple(found), source, settings, cast("int", n), every, steps, dtype, progress)
    drawn = {seed: source.draw(steps, 1, seed)[0][:, :1] for seed in every}

    def run(member: Member) -> dict[str, Any]:
        theory, seed = theories[member.cell.name], member.seed
        law = _law(member, float(np.mean(drawn[seed] ** 2)))
        found_here: dict[str, Any] = {}
        if seed in populations:
            found_here["chi"] = _theory_along(theory, law, gains, population, seed)
            found_here["rest"] = _resting_gain(theory, law, seed, 2 * gains[-1])
        if seed in runs:
            found_here["tied"] = _exponents_along(theory, law, gains, drawn[seed], seed)
        return found_here

    shape = (len(found), max(map(len, biases.values())))
    values = {k: np.full((*shape, len(gains), len(of)), np.nan) for k, of in (("chi", populations), ("tied", runs))}
    rest = np.full((*shape, len(populations)), np.nan)
    for member, found_here in ensemble.map(run):
        name, bias = member.cell.name, float(cast("float", member.setting.retention))
        i, j = list(biases).index(name), biases[name].index(bias)
        for kind, seeds_of in (("chi", populations), ("tied", runs)):
            if kind in found_here:
                values[kind][i, j, :, seeds_of.index(member.seed)] = found_here[kind]
        if "rest" in found_here:
            rest[i, j, populations.index(member.seed)] = found_here["rest"]
    sizes = {"population": population, "steps": steps, "init": init, "networks": len(runs)}
    attrs = _attributes(ensemble, len(populations), sizes)
    return _labelled(values, rest, biases, ensemble, gains, (populations, runs), attrs)


def _attributes(ensemble: Ensemble, populations: int, sizes: Mapping[str, Any]) -> dict[str, Any]:
    attrs = describe(
        ensemble.cells, ensemble.source, Loss(), laws_followed=False, n=ensemble.n, batch=1, seeds=populations,
        lags=sizes["steps"], horizon=ensemble.horizon, dtype=ensemble.dtype,
    )  # fmt: skip
    by = [why_no_region(c, sizes["init"]) or "law" for c in ensemble.cells]
    return attrs | {"title": "phase diagram", **sizes, "at_rest_by": by}


def _network_seeds(seeds: int | Sequence[int], networks: int | Sequence[int] | None) -> tuple[int, ...]:
    """The seeds of networks: those asked for, or two for each population."""
    if networks is None:
        return tuple(2 * seed + k for seed in read_seeds(seeds) for k in range(2))
    return read_seeds(networks, "networks")


def _biases(cells: Sequence[Cell], retention: Sequence[float], spread: Sequence[float]) -> dict[str, list[float]]:
    """The biases of each cell in order: of the gates that retain, or standard deviations of all where it has none."""
    return {c.name: sorted(float(b) for b in (retention if c.can_retain else spread)) for c in cells}


def _check(cells: Sequence[Cell], init: str, gain: Sequence[float], dtype: str) -> None:
    require_applicable(cells, why_not_applicable)
    if init not in ("gaussian", "orthogonal"):
        raise ArgumentError(
            f"init {init!r}: a gain scales gaussian or orthogonal weights, and no others: its axis would name what was "
            "not done."
        )
    if len(gain) < 2 or min(gain) < 0:
        raise ArgumentError(f"gain {list(gain)}: give at least two factors, none below 0.")
    if dtype != "float64":
        raise ArgumentError(f"dtype {dtype!r}: the mean field is computed in float64.")


def _law(member: Member, square: float) -> NetworkLaw:
    gated, bias, of = member.cell.can_retain, member.setting.retention, member.ensemble
    return NetworkLaw(
        scheme=member.setting.scheme, retention=bias if gated else None,
        bias=None if gated else float(cast("float", bias)), n=member.n, m=of.source.features, square=square,
    )  # fmt: skip


def _theory_along(theory: Theory, law: NetworkLaw, gains: Sequence[float], population: int, seed: int) -> Array:
    """χ over the gains."""
    chi: list[float] = []
    for first in range(0, len(gains), TOGETHER):
        at = replace(law, recurrent=tuple(gains[first : first + TOGETHER]))
        found = measure_along(theory, at, count=population, seed=seed, last=256, steps=8, follow=FOLLOWED)
        chi += [m.chi if np.isnan(m.followed) else m.followed for m in found]
    return np.array(chi)


def _exponents_along(theory: Theory, law: NetworkLaw, gains: Sequence[float], x: Array, seed: int) -> Array:
    """Largest Lyapunov exponents of one network over the gains."""
    series = np.ascontiguousarray(x)
    return np.array([
        tied_exponent(theory, replace(law, recurrent=g), series, seed=seed, warmup=len(x) // 4) for g in gains
    ])  # fmt: skip


def _resting_gain(theory: Theory, law: NetworkLaw, seed: int, high: float) -> float:
    """The gain at which one network at rest is critical, up to `high`."""
    cell = theory.cell
    network = Network(cell, draw_network(theory, law, seed), chosen_sizes(cell, law.m, law.n))
    found = resting_gain(network, law.scheme, sorted(theory.recurrent), high)
    return found if found <= high else float("nan")


def averaged(data: xr.Dataset) -> xr.Dataset:
    """The dataset with the means and standard errors over the populations and networks that it holds."""
    data = data.copy()
    for name, dim in (("chi", "seed"), ("tied", "network"), ("at_rest", "seed")):
        of_each = data[f"{name}_of_each"].transpose(..., dim)
        count, over = of_each.sizes[dim], of_each.values
        with np.errstate(invalid="ignore"):
            error = over.std(axis=-1, ddof=1) / np.sqrt(count) if count > 1 else np.full(over.shape[:-1], np.nan)
        for variable, values in ((name, over.mean(axis=-1)), (f"{name}_error", error)):
            held = data[variable].attrs if variable in data else {}
            data[variable] = (of_each.dims[:-1], values, held)
    return data


def _labelled(
    values: dict[str, Array],
    rest: Array,
    biases: Mapping[str, list[float]],
    ensemble: Ensemble,
    gains: list[float],
    seeds: tuple[Sequence[int], Sequence[int]],
    attrs: dict[str, Any],
) -> xr.Dataset:
    populations, runs = seeds
    bias = np.full(rest.shape[:2], np.nan)
    for i, of in enumerate(biases.values()):
        bias[i, : len(of)] = of

    dims = ("cell", "place", "gain")
    data = xr.Dataset(
        {
            "chi_of_each": ((*dims, "seed"), values["chi"]),
            "tied_of_each": ((*dims, "network"), values["tied"]),
            "at_rest_of_each": ((*dims[:2], "seed"), rest),
            "bias": (dims[:2], bias),
            "axis": ("cell", ["retention" if c.can_retain else "spread" for c in ensemble.cells]),
        },
        coords={
            "cell": [c.name for c in ensemble.cells], "place": np.arange(bias.shape[1]), "gain": gains,
            "seed": np.array(populations, np.int64), "network": np.array(runs, np.int64),
        },
        attrs=attrs,
    )  # fmt: skip
    return label(
        averaged(data),
        (
            ("chi_of_each", "chi of each population", "1"),
            ("tied_of_each", "largest Lyapunov exponent of each network", "1/step"),
            ("at_rest_of_each", "gain at which each network at rest loses its stability", "1"),
            ("chi", "second moment of the backward signal, per step, untied theory", "1"),
            ("chi_error", "standard error of chi over populations", "1"),
            ("tied", "largest Lyapunov exponent of networks", "1/step"),
            ("tied_error", "standard error over networks", "1/step"),
            ("at_rest", "gain at which the network at rest loses its stability", "1"),
            ("at_rest_error", "standard error over networks", "1"),
            ("bias", "bias of the gates that retain, or standard deviation of all biases", "1"),
            ("axis", "what the bias is", "1"),
            ("gain", "factor of recurrent weights", "1"),
        ),
    )
