"""Runs of recall over several lengths → the horizon that an untrained gradient predicts, and that was learnt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from gatedsym.trainability.table import select
from gatedsym.typing import Array

FURTHEST = 1e4
"""Steps; a horizon beyond them is told as this."""


@dataclass(frozen=True)
class Horizon:
    """Horizons of a setting at a rate.

    Attributes
    ----------
    setting, cell : str
    rate : float
    predicted : float
        Steps at which the untrained gradient, its logarithm linear between and beyond the lags measured, is dead;
        at most `FURTHEST`.
    measured : float
        The largest lag that at least half of the seeds learnt; 0 where they learnt none.
    shortest, longest : int
        The lags that were tried: a measured horizon of the longest is at least so much.
    learnt, runs : int
        Over all lags.
    """

    setting: str
    cell: str
    rate: float
    predicted: float
    measured: float
    shortest: int
    longest: int
    learnt: int
    runs: int


def horizons(data: xr.Dataset, dead: float) -> list[Horizon]:
    """Horizons of every setting and rate.

    Parameters
    ----------
    data : xarray.Dataset
        Runs of recall with a fixed lag, one recipe but for the rate.
    dead : float
        log10 of the gradient below which it is dead.
    """
    found = []
    for rate in np.unique(data["rate"].values):
        at_rate = select(data, rate=float(rate))
        for setting in sorted(set(at_rate["setting"].values)):
            runs = select(at_rate, setting=str(setting))
            found.append(_horizon(runs, str(setting), float(rate), dead))
    return found


def _horizon(runs: xr.Dataset, setting: str, rate: float, dead: float) -> Horizon:
    lags = np.unique(runs["lag"].values)
    at_lags = [select(runs, lag=int(lag)) for lag in lags]
    gradients = np.array([np.median(one["gradient_before"].values) for one in at_lags], float)
    learnt = [~np.isnan(one["updates_to_target"].values) for one in at_lags]
    enough = [int(lag) for lag, there in zip(lags, learnt) if there.mean() >= 0.5]
    return Horizon(
        setting, str(runs["cell"].values[0]), rate, dead_lag(lags.astype(float), gradients, dead),
        float(max(enough, default=0)), int(lags[0]), int(lags[-1]), int(sum(t.sum() for t in learnt)),
        int(runs.sizes["run"]),
    )  # fmt: skip


def dead_lag(lags: Array, gradients: Array, dead: float) -> float:
    """The lag at which log10 of a gradient falls to `dead`, linear between the lags measured and beyond both ends.

    Examples
    --------
    >>> import numpy as np
    >>> dead_lag(np.array([10.0, 20.0]), np.array([-2.0, -4.0]), -6.0)
    30.0
    """
    there = ~np.isnan(gradients)
    lags, gradients = np.append(0.0, lags[there]), np.append(0.0, np.maximum(gradients[there], -1e6))
    below = np.flatnonzero(gradients <= dead)
    right = int(below[0]) if len(below) else len(lags) - 1
    if right == 0:
        return float("nan")
    slope = (gradients[right] - gradients[right - 1]) / (lags[right] - lags[right - 1])
    if slope >= 0:
        return FURTHEST
    return float(min(lags[right - 1] + (dead - gradients[right - 1]) / slope, FURTHEST))


def rank_correlation(one: Array, other: Array) -> float:
    """Spearman's rank correlation; NaN where one of them does not vary."""
    from scipy.stats import rankdata

    if len(one) < 3:
        return float("nan")
    ranks = [rankdata(values) for values in (one, other)]
    if any(np.ptp(r) == 0 for r in ranks):
        return float("nan")
    return float(np.corrcoef(*ranks)[0, 1])


__all__ = ["FURTHEST", "Horizon", "dead_lag", "horizons", "rank_correlation"]
