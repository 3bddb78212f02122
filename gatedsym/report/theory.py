"""Datasets of bounds, exponents and networks at rest to counts: in how many settings theory speaks, and how."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.figures.readings import extremes, initialised_settings, median_of
from gatedsym.flow.analyses.gradient_norm import quartiles


def find_margins(data: xr.Dataset) -> dict[str, Any] | None:
    """In how many settings the bound at the longest lag is below 1, and by how much it misses; None without any."""
    last = data[["log10_bound", "log10_norm"]].sel(norm="2").isel(lag=-1, gain=0)
    bound = last["log10_bound"]
    found = [
        (words, median_of(bound.sel(at)), median_of((bound - last["log10_norm"]).sel(at)))
        for words, at in initialised_settings(data, bound)
    ]
    found = [one for one in found if not math.isnan(one[1])]
    ends = extremes((words, gap) for words, _, gap in found if math.isfinite(gap))
    if not found:
        return None
    below = sum(1 for _, value, _ in found if value < 0)
    return {"lag": int(data["lag"].values[-1]), "count": len(found), "below": below, "ends": ends}


def find_exponents(data: xr.Dataset) -> dict[str, int] | None:
    """In how many settings the largest exponent, median over seeds, is above 0; None where none is a number."""
    largest = data["exponent"].isel(init=0, index=0)
    values = _medians(largest)
    return {"above": int((values > 0).sum()), "count": len(values)} if len(values) else None


def find_rest(data: xr.Dataset) -> dict[str, int] | None:
    """The number of settings that are stable at rest, the median of their radii below 1; None without any."""
    values = _medians(data["spectral_radius"])
    return {"stable": int((values < 1).sum()), "count": len(values)} if len(values) else None


def _medians(values: xr.DataArray) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Medians over seeds of every setting that has a number."""
    found = np.ravel(quartiles(values)[1].values).astype(np.float64)
    return np.extract(~np.isnan(found), found)


__all__ = ["find_exponents", "find_margins", "find_rest"]
