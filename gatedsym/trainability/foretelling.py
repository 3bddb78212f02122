"""Runs of a study → how well what is known before training foretells which of them learn, by rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from gatedsym.trainability.auc import DRAWS, Area, best_threshold, clustered_area, drawn_areas
from gatedsym.trainability.table import select
from gatedsym.typing import Array

FAMILIES = ("recall", "adding")


def _bias(data: xr.Dataset) -> Array:
    """The bias of the gates that retain; of "chrono" what retains for all steps, none without a gate."""
    steps = data["steps"].values
    words = data["retention"].values
    chrono = np.log(np.maximum(steps - 1, 1))
    numbers = [np.nan if word in ("none", "chrono") else float(word) for word in words]
    return np.where(words == "chrono", chrono, numbers)


PREDICTORS: Mapping[str, Callable[[xr.Dataset], Array]] = {
    "gradient at the lag": lambda data: data["gradient_before"].values.astype(float),
    "T alone": lambda data: -data["lag"].values.astype(float),
    "Lyapunov exponent × T": lambda data: data["lyapunov"].values.astype(float) * data["lag"].values,
    "readability": lambda data: data["readability"].values.astype(float),
    "retention bias": _bias,
}
"""From runs to scores: the higher, the sooner a run should learn."""


def is_learnt(data: xr.Dataset) -> Array:
    """Whether each run learnt."""
    return np.asarray(~np.isnan(data["updates_to_target"].values))


def clusters_of(data: xr.Dataset) -> Array:
    """Cell and initialisation of each run, as a word."""
    return np.array([f"{cell} {scheme}" for cell, scheme in zip(data["cell"].values, data["scheme"].values)])


def of_family(data: xr.Dataset, family: str) -> xr.Dataset:
    """The runs of one kind of task, recall or adding, whatever its length."""
    names = [name for name in data["task"].values if str(name).split()[0] == family]
    return select(data, task=tuple(dict.fromkeys(names)))


def areas(data: xr.Dataset, predictors: Mapping[str, Callable[[xr.Dataset], Array]] = PREDICTORS) -> xr.Dataset:
    """Areas under the curve of every predictor, by rate.

    Parameters
    ----------
    data : xarray.Dataset
        Runs of the panel "rates".

    Returns
    -------
    xarray.Dataset
        (family, predictor, rate): ``area``, ``low``, ``high`` (95 %, clusters of cell and initialisation drawn anew),
        ``learnt``, ``runs``, ``clusters``. (family, rate): ``threshold``, log10 of the gradient that parts learnt from
        failed runs best.
    """
    rates = [float(rate) for rate in np.unique(data["rate"].values)]
    found = np.full((len(FAMILIES), len(predictors), len(rates), len(Area._fields)), np.nan)
    thresholds = np.full((len(FAMILIES), len(rates)), np.nan)
    for i, family in enumerate(FAMILIES):
        for k, rate in enumerate(rates):
            runs = select(of_family(data, family), rate=rate)
            for j, score in enumerate(predictors.values()):
                found[i, j, k] = clustered_area(score(runs), is_learnt(runs), clusters_of(runs))
            thresholds[i, k] = best_threshold(runs["gradient_before"].values, is_learnt(runs))
    dims = ("family", "predictor", "rate")
    return xr.Dataset(
        {name: (dims, found[..., place]) for place, name in enumerate(Area._fields)}
        | {"threshold": (("family", "rate"), thresholds)},
        {"family": list(FAMILIES), "predictor": list(predictors), "rate": rates},
    )


def lead(data: xr.Dataset, family: str, first: str, second: str) -> tuple[float, float]:
    """An interval of 95 % of how much more area one predictor has than another, both as means over rates.

    Clusters of cell and initialisation are drawn anew, for both predictors and all rates the same.
    """
    own = of_family(data, family)
    learnt, clusters = is_learnt(own), clusters_of(own)  # of all rates: so each draw is one of all clusters
    scores, rates = [PREDICTORS[name](own) for name in (first, second)], np.unique(own["rate"].values)
    ahead = np.zeros(DRAWS)
    for rate in rates:
        here = own["rate"].values == rate
        ours, others = (drawn_areas(np.where(here, score, np.nan), learnt, clusters) for score in scores)
        ahead += (ours - others) / len(rates)
    low, high = np.nanquantile(ahead, [0.025, 0.975])
    return float(low), float(high)


__all__ = ["FAMILIES", "PREDICTORS", "areas", "clusters_of", "is_learnt", "lead", "of_family"]
