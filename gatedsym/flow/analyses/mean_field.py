"""Mean field of any cell: growth of the backward signal in theory, and in networks with and without tied weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Unpack

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.flow.attributes import describe
from gatedsym.flow.ensemble import Cells, Ensemble, Member, Networks, label, read_ensemble, several
from gatedsym.flow.inputs.source import Reading
from gatedsym.flow.loss import Loss
from gatedsym.flow.registry import analysis
from gatedsym.flow.theory.networks import tied_exponent, untied_exponent
from gatedsym.flow.theory.population import SCHEMES, NetworkLaw, Theory, fixed_weights, read_theory
from gatedsym.flow.theory.second_moments import Moments, measure_moments
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell

FOLLOWED = 128
"""Steps over which the signal of each unit is followed."""


def why_not_applicable(cell: Cell) -> str:
    """The reason why a cell has no mean field, as one sentence, or ""."""
    if not cell.states:
        return f"Cell {cell.name} has no state, so no signal grows or decays through time."
    if hasattr(cell, "parameters_digest"):
        return f"The parameters of {cell.name} are given, and this theory is of weights that are drawn anew."
    if fixed := fixed_weights(cell):
        return (
            f"Cell {cell.name} keeps {', '.join(fixed)} as prescribed: no random weights, which the theory speaks of."
        )
    return ""


@analysis(why_not_applicable, n=64, seeds=4, init="gaussian", retention=(0.0, 1.0, 2.0, 4.0), horizon=200)
def mean_field(
    cells: Cells,
    x: Reading = "text",
    *,
    population: int = 4096,
    steps: int = 400,
    measure: bool = True,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Second moment of the backward signal per step, from the cell's equations alone, beside what networks do.

    In theory every contraction with a weight matrix is a normal variable whose variance is that of the weight's entries
    times the sum of squares of what it multiplies; laws of states come from a population of sites. The theory takes
    weights as drawn anew at each step ("untied"); a real network keeps them ("tied"), and its rate may differ.

    Parameters
    ----------
    x : Series, name, path, or array (T, B, m)
        The theory and the untied network read independent N(0, R), R the mean square of the series; the tied network
        reads the series itself.
    n : int or sequence of int
        Hidden size of the networks, and width by which the initialisation scales vectors. For several sizes
        the dataset has a dimension ``n``.
    seeds : int or sequence of int
        How many independent populations and networks for each setting, or their seeds.
    population : int
        About how many sites; fewer where a cell holds matrices.
    steps : int
        Steps of the networks, the first quarter of which does not count.
    measure : bool
        Whether networks are run, too.
    init : str or sequence of str
        Of "gaussian", "orthogonal", "xavier" and "uniform".
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

    References
    ----------
    Chen, Pennington, Schoenholz 2018, Dynamical isometry and a mean field theory of RNNs, for two cells. The theory of
    any cell, read from its equations, is our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.mean_field("gru", "noise", n=4, seeds=2, population=64, steps=20)
    >>> list(data)[:3]
    ['chi', 'followed', 'one_step']
    """
    ensemble = read_ensemble(
        cells, x, networks, horizon=200, why_not_applicable=why_not_applicable, population=population, steps=steps
    )
    _check(several(networks["init"]), ensemble.dtype)
    theories = {c.name: read_theory(c) for c in ensemble.cells}
    states = list(dict.fromkeys(s for c in ensemble.cells for s in c.states))
    values = {k: ensemble.empty() for k in ("chi", "followed", "one_step", "untied", "tied", "settled")}
    squares = ensemble.empty(len(states))

    def run(member: Member) -> tuple[Moments, float, float]:
        return _one(theories[member.cell.name], member, population, steps, measure)

    for member, (moments, untied, tied) in ensemble.map(run):
        found_here = {"chi": moments.chi, "followed": moments.followed, "one_step": moments.one_step,
                      "settled": float(moments.settled), "untied": untied, "tied": tied}  # fmt: skip
        for name, value in found_here.items():
            values[name][member.place] = value
        for state, square in moments.states.items():
            if state in states:
                squares[(*member.place, states.index(state))] = square
    with np.errstate(divide="ignore"):
        values["rate"] = np.log(values["chi"]) / 2
    return _dataset(values, squares, states, ensemble, {"population": population, "steps": steps})


def _dataset(
    values: Mapping[str, Array], squares: Array, states: list[str], ensemble: Ensemble, sizes: Mapping[str, int]
) -> xr.Dataset:
    attrs = describe(
        ensemble.cells, ensemble.source, Loss(), laws_followed=False, n=ensemble.n, batch=1, seeds=len(ensemble.seeds),
        lags=sizes["steps"], horizon=ensemble.horizon, dtype=ensemble.dtype,
    )  # fmt: skip
    dims = tuple(ensemble.axes)
    data = xr.Dataset(
        {k: (dims, v) for k, v in values.items()} | {"mean_square": ((*dims, "state"), squares)},
        coords={**ensemble.axes, "state": states},
        attrs=attrs | {"title": "mean field", **sizes},
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


def _check(init: Sequence[str], dtype: str) -> None:
    unknown = [s for s in init if s not in SCHEMES]
    if unknown:
        raise ArgumentError(
            f"init {unknown[0]!r}: the theory needs weights with independent entries of a known variance, and what "
            f"papers prescribe (identities, constants, ramps) has none: choose from {', '.join(SCHEMES)}."
        )
    if dtype != "float64":
        raise ArgumentError(f"dtype {dtype!r}: the mean field is computed in float64.")


def _one(theory: Theory, member: Member, population: int, steps: int, measure: bool) -> tuple[Moments, float, float]:
    of, setting, seed = member.ensemble, member.setting, member.seed
    drawn, _ = of.source.draw(steps, 1, seed)
    law = NetworkLaw(
        scheme=setting.scheme, gain=setting.gain, retention=setting.retention, n=member.n, m=of.source.features,
        horizon=of.horizon, square=float(np.mean(drawn**2)),
    )  # fmt: skip
    moments = measure_moments(theory, law, count=population, seed=seed, follow=FOLLOWED)
    if not measure:
        return moments, float("nan"), float("nan")
    series = np.ascontiguousarray(drawn[:, :1])
    untied = untied_exponent(theory, law, seed=seed, steps=max(1, steps * 3 // 4), warmup=steps // 4)
    return moments, untied, tied_exponent(theory, law, series, seed=seed, warmup=steps // 4)
