"""Gradient norm against lag: how much of dL/dh and dL/dx is left so many steps back, for any cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import xarray as xr

from gatedsym.execution.ragged.lengths import check_lengths
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.flow.ensemble import (
    INITIALISATIONS,
    RETENTIONS,
    Cells,
    Driven,
    Member,
    Networks,
    chrono_horizon,
    read_ensemble,
)
from gatedsym.flow.inputs.laws import further_inputs, main_input
from gatedsym.flow.inputs.source import Reading, read_source
from gatedsym.flow.loss import Loss, compared_state, read_loss
from gatedsym.flow.numerics.adjoints import median_over_sequences
from gatedsym.flow.numerics.rates import fitted_rate
from gatedsym.flow.registry import analysis
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell

LN10 = float(np.log(10.0))
QUARTILES = (0.25, 0.5, 0.75)
_ZERO = -1e300  # stands for the logarithm of 0 where numbers are interpolated


@analysis(n=64, seeds=20, init=INITIALISATIONS, retention=RETENTIONS)
def gradient_norm(
    cells: Cells,
    x: Reading = "text",
    *,
    lags: int = 200,
    batch: int = 4,
    loss: str | Loss | Callable[[Any], Any] = "cotangent",
    lengths: Sequence[int] | Array | None = None,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Norm of the gradient at every lag before the end, for each cell, initialisation, retention bias and seed.

    A network starts from its zero state and reads ``lags + 1`` steps. At lag k the gradient with respect to the state
    h_{T-k} and to the input x_{T-k} is measured, T being the last step.

    Parameters
    ----------
    x : Series, name, path, or array (T, B, m)
        An array is read by every seed; its T sets the lags. From a series, each seed reads windows of its own. Cells
        without input read nothing, and have no ``x`` among their quantities.
    lags : int
        The longest lag.
    batch : int
        Sequences for each seed, each with its own window and cotangent; a seed's value is their median.
    loss : Loss, str or callable
        By default a random cotangent of length 1 on the last h. A function gets the trajectory of the state that is
        compared, (T, B, …), and returns (value, gradient), the gradient as large as the trajectory; beside a torch
        module it gets a tensor, laid out as the module gives it, and may return the value alone.
    lengths : (B,) array of int, optional
        Steps of each sequence, where they differ: the last step is its own, lags are counted from there, and the median
        is over the sequences that are long enough. What `x` holds behind the end (NaN, say) reaches nothing.
    horizon : int, optional
        Longest time that chrono biases are drawn for; `lags` by default.
    dtype : str
        Of the networks. Norms never underflow: they are carried with an exponent of their own.

    Returns
    -------
    xarray.Dataset
        ``log10_norm`` (cell, init, gain, retention, seed, quantity, lag): log10 of the 2-norm, -inf where the gradient
        is exactly 0, NaN where the cell lacks the setting or quantity or its values are not finite. Quantities: ``h``
        (the first state of a cell that has no h), ``x`` (its first input where a cell has no x), ``state`` (all states
        side by side), every other state and every further input by name. The adjoint of one state is total: it counts
        what passes through another state of the same step, as c of an LSTM through h; that of the whole state holds
        its parts apart.

    Raises
    ------
    ArgumentError
        For data that cannot be used (DataError), a size below 1, an unknown loss, or a cell without state.

    References
    ----------
    Hochreiter 1991, Untersuchungen zu dynamischen neuronalen Netzen; Bengio, Simard, Frasconi 1994, Learning long-term
    dependencies with gradient descent is difficult; Pascanu, Mikolov, Bengio 2013, On the difficulty of training
    recurrent neural networks.

    Examples
    --------
    >>> import gatedsym as gs
    >>> flow = gs.gradient_flow(["rnn", "gru"], "noise", n=4, seeds=2, lags=10)  # or gs.flow.gradient_norm
    >>> list(flow), flow["log10_norm"].sizes["lag"]
    (['log10_norm'], 11)
    """
    source = read_source(x)
    of = read_loss(loss, source.classes)
    lags, batch = source.lags_and_batch(lags, batch)
    ensemble = read_ensemble(cells, source, networks, horizon=chrono_horizon(lags), lags=lags, batch=batch)
    quantities = _quantities(ensemble.cells)
    values = ensemble.empty(len(quantities), lags + 1)
    ends = None if lengths is None else check_lengths(lengths, lags + 1, batch)
    for member, norms in ensemble.map(lambda member: _norms(member, of, lags, batch, quantities, ends)):
        values[member.place] = norms
    data = xr.Dataset(
        {"log10_norm": ((*ensemble.axes, "quantity", "lag"), values)},
        coords={**ensemble.axes, "quantity": quantities, "lag": np.arange(lags + 1)},
        attrs=ensemble.describe(of, batch=batch, lags=lags),
    )
    if ends is not None:
        data.attrs["lengths"] = ends
    data["log10_norm"].attrs = {"long_name": "log10 of the 2-norm of the gradient", "units": "1"}
    data["lag"].attrs = {"long_name": "lag T - t before the last step", "units": "step"}
    return data


gradient_flow = gradient_norm


def summary(flow: xr.Dataset) -> xr.Dataset:
    """Over seeds: median and quartiles of ``log10_norm``, and how many seeds are not finite or exactly zero.

    A seed with gradient exactly 0 counts as -inf in the median; one that overflowed is left out and counted.

    Parameters
    ----------
    flow : xarray.Dataset
        From `gradient_flow`.

    Returns
    -------
    xarray.Dataset
        Without the dimension seed: ``median``, ``lower`` and ``upper`` of log10 of the norm, and the counts ``zero``
        and ``missing``.

    Examples
    --------
    >>> import gatedsym as gs
    >>> flow = gs.gradient_flow("rnn", "noise", n=4, seeds=5, lags=10)
    >>> list(gs.flow.summary(flow))
    ['median', 'lower', 'upper', 'zero', 'missing']
    """

    values = flow["log10_norm"]
    quartile = quartiles(values)
    return xr.Dataset(
        {
            "median": quartile[1],
            "lower": quartile[0],
            "upper": quartile[2],
            "zero": (values == -np.inf).sum("seed"),
            "missing": values.isnull().sum("seed"),
        },
        attrs=flow.attrs,
    )


def quartiles(values: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Lower quartile, median and upper quartile over seeds; NaN is left out, infinities are in the order."""
    ordered = values.transpose("seed", ...)
    numbers = ordered.values
    empty = np.isnan(numbers).all(axis=0)
    # Quantiles interpolate, and infinity times 0 is NaN: a huge finite number in its place keeps the order.
    filled = np.where(empty, _ZERO, np.where(np.isinf(numbers), np.copysign(_ZERO, numbers), numbers))
    # Quantiles that look for NaN take one place after another: only where there are any.
    gaps = np.isnan(filled).any(axis=0)
    found = np.quantile(np.where(gaps, 0.0, filled), QUARTILES, axis=0)
    if gaps.any():
        found[:, gaps] = np.nanquantile(filled[:, gaps], QUARTILES, axis=0)
    found = np.where(empty, np.nan, np.where(np.abs(found) > -_ZERO / 1e50, np.copysign(np.inf, found), found))
    lower, median, upper = (ordered.isel(seed=0, drop=True).copy(data=part) for part in found)
    return lower, median, upper


def _norms(member: Member, loss: Loss, lags: int, batch: int, quantities: list[str], lengths: Array | None) -> Array:
    """log10 norms (quantity, lag) of one network, the median over its sequences."""
    cell, state = member.cell, compared_state(member.cell)
    driven = member.run(lags + 1, batch, lengths=lengths)
    norms = cell.flow(driven.params, driven.run, {state: cotangents_of(driven, state, loss, member.seed)}).log_norm
    rows = np.full((len(quantities), lags + 1), np.nan)
    for k, quantity in enumerate(quantities):
        key = {"h": state, "x": main_input(cell)}.get(quantity, quantity)
        if key not in norms or (quantity == state != "h"):
            continue
        # Row t of a state is h_t, row t of the input is x_{t+1}: lag 0 is the last row of both.
        own = np.asarray(norms[key]) / LN10
        if lengths is None:
            rows[k] = median_over_sequences(own[::-1][: lags + 1])
        else:
            rows[k] = [median_over_sequences(values) for values in _from_own_ends(own, lengths, lags)]
    return rows


def cotangents_of(driven: Driven, state: str, loss: Loss, seed: int) -> Array | tuple[Array, Array]:
    """The cotangents of a state as `Cell.flow` takes them, at the last step of each sequence or at every step."""
    run, targets = driven.run, driven.targets
    h = run[state][1:]
    if not isinstance(run, RaggedRun):
        return loss.cotangents(h, seed, targets)
    return loss.cotangents_before_padding(h, run.lengths, seed, targets)


def _from_own_ends(norms: Array, lengths: Array, lags: int) -> list[Array]:
    """For each lag the norms of the sequences that are longer; a state has a row more, in front."""
    last, found = lengths - 1 + (len(norms) - lags - 1), []
    for lag in range(lags + 1):
        reach = np.flatnonzero(lengths > lag)
        found.append(norms[last[reach] - lag, reach])
    return found


def _quantities(cells: Sequence[Cell]) -> list[str]:
    others = (state for cell in cells for state in cell.states if state != compared_state(cell))
    read = ["x"] if any(cell.inputs for cell in cells) else []
    further = (name for cell in cells for name in further_inputs(cell))
    return list(dict.fromkeys(["h", *read, "state", *others, *further]))


__all__ = ["QUARTILES", "fitted_rate", "gradient_flow", "gradient_norm", "quartiles", "summary"]
