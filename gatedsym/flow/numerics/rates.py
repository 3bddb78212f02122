"""Rates: curves of log10 norm against lag to slopes, fitted over the lags where a curve is straight.

A curve bends at both ends. At small lags the gradient still turns into the directions that last; at the largest ones,
near the start of a sequence, the states are not yet where they will be, for they began at zero. Between the two its
slope is the rate; the lags that a rate was fitted over belong to it and are named wherever it is printed.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import xarray as xr
from scipy.special import stdtrit

from gatedsym.errors import ArgumentError
from gatedsym.typing import Array

BLOCKS = 5
"""Blocks of a stretch whose slopes are compared."""
CONFIDENCE = 0.975
NEGLIGIBLE = 2e-4
"""Slopes of log10 that differ by less than this count as one: factors within 0.05 %."""
_ENDS = 20
"""In how many pieces the lags are cut; a stretch begins and ends where a piece does."""


def fitted_rate(flow: xr.Dataset, first: int | None = None, last: int | None = None) -> xr.DataArray:
    """Median over seeds of the slope of log10 norm against lag, per step, by least squares over a straight stretch.

    Parameters
    ----------
    flow : xarray.Dataset
        With ``log10_norm`` (…, seed, lag), as `gradient_flow` gives it.
    first : int, optional
        The smallest lag that a stretch may begin at; a twentieth of the longest by default.
    last : int, optional
        With it no stretch is looked for: lags `first` (default 0) to `last` are taken, straight or not.

    Returns
    -------
    xarray.DataArray
        (…), with coordinates ``first_lag`` and ``last_lag`` (…) that name the stretch of each rate; the attributes of
        the same names are the smallest and the largest. NaN where no stretch is straight, or in none the gradient of
        a seed is finite and not zero.

    Raises
    ------
    ArgumentError
        If there are fewer than two lags to fit over.

    References
    ----------
    Our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> flow = gs.gradient_flow("rnn", "noise", n=8, seeds=3, lags=30, init="xavier")
    >>> rates = gs.flow.fitted_rate(flow[["log10_norm"]].sel(quantity="h"))
    >>> bool((10**rates < 1).any()), rates.attrs["units"]
    (True, '1/step')
    """
    slopes = fitted_slopes(flow, first, last)
    rate = slopes.median("seed")
    rate.attrs = dict(slopes.attrs)
    return rate


def fitted_slopes(flow: xr.Dataset, first: int | None = None, last: int | None = None) -> xr.DataArray:
    """The slope of every seed, (…, seed); the seeds of a curve share its stretch. As `fitted_rate`."""
    values = flow["log10_norm"].transpose(..., "seed", "lag")
    lag = values["lag"].values
    _require_points(lag, first, last)
    lead = values.isel(seed=0, lag=0, drop=True)
    curves = values.values.reshape(-1, values.sizes["seed"], len(lag))
    ends = np.full((len(curves), 2), np.nan)
    slopes = np.full(curves.shape[:2], np.nan)
    for k, curve in enumerate(curves):
        stretch = _given(lag, first or 0, last) if last is not None else straight_stretch(lag, curve, first)
        if stretch is not None:
            ends[k], slopes[k] = lag[list(stretch)], _slopes(lag, curve, stretch)
    named = {name: (lead.dims, ends[:, k].reshape(lead.shape)) for k, name in enumerate(("first_lag", "last_lag"))}
    found = values.isel(lag=0, drop=True).copy(data=slopes.reshape((*lead.shape, -1))).assign_coords(named)
    finite = ends[np.isfinite(ends).all(axis=-1)]
    found.attrs = {"long_name": "slope of log10 norm", "units": "1/step"}
    if len(finite):
        found.attrs |= {"first_lag": int(finite[:, 0].min()), "last_lag": int(finite[:, 1].max())}
    else:
        found.attrs |= {"first_lag": int(lag[0]), "last_lag": int(lag[-1])}
    return found


def straight_stretch(lag: Array, curves: Array, first: int | None = None) -> tuple[int, int] | None:
    """The longest stretch in which the slope is constant within its error, as the places of its first and last lag.

    The last quarter of the lags, next to the start of the sequence, is never part of it.

    Parameters
    ----------
    lag : array (K,)
        Ascending.
    curves : array (seed, K)
        log10 of norms; in a stretch only seeds count that are finite in all of it.
    first : int, optional
        The smallest lag to begin at.

    Returns
    -------
    (int, int), or None where no stretch of at least a fifth of the lags is straight.
    """
    stretches = _stretches(lag, first)
    counts = [_finite(curves, stretch).sum() for stretch in stretches]
    most = max(counts, default=0)
    for stretch, count in zip(stretches, counts):
        if count == most > 0 and _is_straight(lag, curves[_finite(curves, stretch)], stretch):
            return stretch
    return None


def stretch_words(rate: xr.DataArray) -> str:
    """The lags that rates were fitted over, for a sentence: ``lags 20 to 150``, or between which they lie."""
    known = [rate[name].values[np.isfinite(rate[name].values)] for name in ("first_lag", "last_lag")]
    if not known[0].size:
        return "no lags, for no curve is straight"
    low, high = int(known[0].min()), int(known[1].max())
    if (known[0] == low).all() and (known[1] == high).all():
        return f"lags {low} to {high}"
    return f"the lags between {low} and {high} where each curve is straight"


def rate_lines(flow: xr.Dataset) -> list[str]:
    """The factor of a step for every setting that was run, and the lags of its fit: lines of a table."""
    measured = flow["log10_norm"].isel(gain=0, quantity=0)
    rates = fitted_rate(measured.to_dataset())
    state = str(measured["quantity"].values)
    lines = [f"{'cell':16}{'init':16}{'bias':8}{'factor a step':16}fitted over lags   (of the gradient for {state})"]
    for cell in rates["cell"].values:
        for scheme in rates["init"].values:
            for bias in rates["retention"].values:
                at = {"cell": cell, "init": scheme, "retention": bias}
                if bool(measured.sel(at).notnull().any()):
                    lines.append(f"{cell!s:16}{scheme!s:16}{bias!s:8}{_rate_columns(rates.sel(at))}")
    return lines


def _rate_columns(rate: xr.DataArray) -> str:
    if not np.isfinite(float(rate)):
        return f"{'–':16}straight nowhere, or zero"
    return f"{10 ** float(rate):<16.4f}{int(rate['first_lag'])} to {int(rate['last_lag'])}"


def _require_points(lag: Array, first: int | None, last: int | None) -> None:
    low, high = first or 0, int(lag[-1]) if last is None else last
    if ((lag >= low) & (lag <= high)).sum() < 2:
        raise ArgumentError(f"lags {low} to {high} hold fewer than two points: choose a longer range.")


def _given(lag: Array, first: int, last: int) -> tuple[int, int]:
    inside = np.flatnonzero((lag >= first) & (lag <= last))
    return int(inside[0]), int(inside[-1])


def _stretches(lag: Array, first: int | None) -> list[tuple[int, int]]:
    """Places of the ends of all stretches that are tried, the longest first; of equal ones the later first."""
    count = len(lag) - 1
    step = max(1, count // _ENDS)
    begin = int(np.searchsorted(lag, lag[0] + step if first is None else first))
    end = count - count // 4
    if end - begin < BLOCKS:  # too few lags to leave any out
        begin = min(begin, count - 1)
        return [(begin, max(end, begin + 1))]
    least = max(BLOCKS, count // 5)
    found = [(a, b) for a in range(begin, end, step) for b in range(end, a, -step) if b - a >= least]
    return sorted(found or [(begin, end)], key=lambda s: (s[0] - s[1], -s[0]))


def _finite(curves: Array, stretch: tuple[int, int]) -> Array:
    return np.asarray(np.isfinite(curves[:, stretch[0] : stretch[1] + 1]).all(axis=-1))


def _is_straight(lag: Array, curves: Array, stretch: tuple[int, int]) -> bool:
    """Whether the slope of each block is that of the other blocks, within twice its standard error."""
    first, last = stretch
    if last - first < BLOCKS:
        return True
    edges = np.linspace(first, last, BLOCKS + 1).round().astype(int)
    blocks = list(pairwise(edges))
    slopes = np.stack([_slopes(lag, curves, block) for block in blocks], axis=-1)
    # By how much a block differs from the mean of the others; what tells seeds apart cancels.
    contrast = (slopes - slopes.mean(axis=-1, keepdims=True)) * BLOCKS / (BLOCKS - 1)
    seeds = len(contrast)
    if seeds > 2:
        error = contrast.std(axis=0, ddof=1) / np.sqrt(seeds)
        freedom = seeds - 1
    else:
        error, freedom = _error_within(lag, curves, blocks)
    allowed = np.maximum(stdtrit(freedom, CONFIDENCE) * error, NEGLIGIBLE)
    return bool((np.abs(contrast.mean(axis=0)) <= allowed).all())


def _error_within(lag: Array, curves: Array, blocks: list[tuple[int, int]]) -> tuple[Array, int]:
    """The standard error of a contrast where seeds are too few to tell: from how increments scatter within blocks."""
    increments = [np.diff(curves[:, a : b + 1]) / np.diff(lag[a : b + 1]) for a, b in blocks]
    squares = sum(float(((i - i.mean(axis=-1, keepdims=True)) ** 2).sum()) for i in increments)
    freedom = max(1, sum(i.size - len(i) for i in increments))
    variances = np.array([squares / freedom / i.size for i in increments])
    others = (variances.sum() - variances) / (BLOCKS - 1) ** 2
    return np.sqrt(variances + others), freedom


def _slopes(lag: Array, curves: Array, stretch: tuple[int, int]) -> Array:
    """The slope of each curve by least squares; NaN where it is not finite in all of the stretch."""
    inside = slice(stretch[0], stretch[1] + 1)
    x = lag[inside].astype(float)
    weight = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    usable = _finite(curves, stretch)
    return np.where(usable, np.where(usable[:, None], curves[:, inside], 0.0) @ weight, np.nan)
