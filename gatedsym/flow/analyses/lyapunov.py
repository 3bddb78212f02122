"""Lyapunov spectrum of any cell along its own trajectory: exponents, their convergence, dimension and entropy rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.flow.ensemble import Cells, Ensemble, Member, Networks, chrono_horizon, label, read_ensemble
from gatedsym.flow.inputs.source import Reading
from gatedsym.flow.loss import Loss
from gatedsym.flow.numerics.tangents import (
    Network,
    fitting_size,
    run_network,
    state_size,
    why_no_tangents,
)
from gatedsym.flow.registry import analysis
from gatedsym.flow.sizes import hidden_size
from gatedsym.typing import Array

LIMIT = 512
"""Most exponents of a small network where the caller names no number: the work grows with their third power."""
STATES = 4
"""A state of so many times the hidden size is taken whole, however large that is."""
CHECKPOINTS = 5
"""Points of the convergence series in each block."""
QUANTITIES = ("largest exponent", "mean exponent", "dimension", "entropy rate")
LONGEST = 32
_FINE, _COARSE, _LOST = 1e-3, 1e-6, 1e-9
"""Shares of a tangent that are new to the span of those before it: above the first the interval between two QR
decompositions is doubled, below the second halved, below the third the tangents are carried again in smaller steps."""


@analysis(why_no_tangents, n=64, seeds=5, init="gaussian", gain=(1.0, 3.0), retention=1.0)
def lyapunov(
    cells: Cells,
    x: Reading = "text",
    *,
    steps: int = 1000,
    warmup: int = 500,
    exponents: int | None = None,
    blocks: int = 10,
    start: float | None = None,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Lyapunov exponents of the whole state along a trajectory, by QR decomposition (Benettin et al. 1980).

    Random orthonormal tangents are carried along one sequence and made orthonormal again before they lose their
    independence; the mean logarithms of what that takes off are the exponents. The interval between two decompositions
    is one step at first and adapts: it never exceeds what leaves each tangent a share of 1e-9 of its own.

    Parameters
    ----------
    n : int or sequence of int
        Hidden size; smaller, and said so, for a cell whose state would hold more than 512 numbers and more than 4 n (a
        matrix), unless `exponents` is given. For several sizes the dataset has a dimension ``n``.
    steps, warmup : int
        Steps that are averaged, and steps before them that are not; the tangents join for the last half of these.
    exponents : int, optional
        How many, from the largest on; by default all (of a network trained elsewhere, at most those).
    blocks : int
        Parts of the averaged steps whose spread gives the standard error.
    start : float, optional
        Standard deviation of the initial state; by default 0, and 1 for a cell without input.

    Returns
    -------
    xarray.Dataset
        (cell, init, gain, retention, seed, …), in natural logarithms per step: ``exponent`` (…, index), descending;
        -inf where in some step a growth factor was zero to working precision (the Jacobian is singular, or nearly so);
        NaN beyond a cell's own number and where the trajectory is not finite. ``standard_error`` (…, index) by blocks.
        ``running`` (…, quantity, time): the largest exponent, the mean of all, the dimension and the entropy rate as
        known after so many averaged steps. ``dimension``: Kaplan and Yorke's, interpolated, over the hidden size.
        ``entropy_rate``: sum of the positive exponents over the hidden size. ``mean_exponent``: over all exponents.
        These three are NaN where too few exponents were computed to know them. ``interval``: mean steps from
        one decomposition to the next. (cell): ``hidden_size``, ``state_size``.

    Raises
    ------
    ArgumentError
        For a size that cannot be, data that cannot be used, or a cell without tangents (`why_no_tangents`).

    References
    ----------
    Benettin, Galgani, Giorgilli, Strelcyn 1980, Lyapunov characteristic exponents for smooth dynamical systems and for
    Hamiltonian systems, for the method; Kaplan, Yorke 1979, Chaotic behavior of multidimensional difference equations,
    for the dimension; Engelken, Wolf, Abbott 2023, Lyapunov spectra of chaotic recurrent neural networks, for spectra
    of networks.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.lyapunov("rnn", "noise", n=4, seeds=2, steps=50, warmup=10)
    >>> list(data)[:3]
    ['exponent', 'standard_error', 'running']
    """
    ensemble = read_ensemble(
        cells, x, networks, horizon=chrono_horizon(steps), why_not_applicable=why_no_tangents, steps=steps,
        warmup=warmup + 1, exponents=1 if exponents is None else exponents,
    )  # fmt: skip
    if blocks < 2 or steps < blocks * CHECKPOINTS:
        raise ArgumentError(
            f"steps = {steps}, blocks = {blocks}: give at least 2 blocks and {CHECKPOINTS} steps for each."
        )
    sizes = _Sizes.of(ensemble, exponents)
    times = np.linspace(0, steps, blocks * CHECKPOINTS + 1).round().astype(int)
    spectra = ensemble.empty(2, max(sizes.counts.values()))
    running = ensemble.empty(len(QUANTITIES), len(times) - 1)
    intervals = ensemble.empty()

    def measure(member: Member) -> tuple[Array, float]:
        name = member.cell.name
        network = run_network(member, sizes.hidden[name], warmup + steps, start)
        return growth_of(network, sizes.counts[name], warmup, times, member.seed)

    for member, (growth, interval) in ensemble.map(measure):
        name = member.cell.name
        count, complete = sizes.counts[name], sizes.counts[name] == sizes.states[name]
        spectra[member.place][:, :count] = mean_and_error(growth, times, blocks)
        running[member.place] = _series(growth, times, sizes.hidden[name], complete)
        intervals[member.place] = interval
    attrs = ensemble.describe(Loss(), lags=steps)
    del attrs["loss"]
    attrs |= {"title": "Lyapunov spectrum", "steps": steps, "warmup": warmup, "blocks": blocks,
              "start": "default" if start is None else float(start)}  # fmt: skip
    return _dataset(spectra, running, intervals, ensemble, sizes, times, attrs)


@dataclass(frozen=True)
class _Sizes:
    """Of each cell, by name: its hidden size, how many numbers its state holds, how many exponents are computed."""

    hidden: dict[str, int]
    states: dict[str, int]
    counts: dict[str, int]

    @staticmethod
    def of(ensemble: Ensemble, exponents: int | None) -> _Sizes:
        m, asked = ensemble.source.features, {c.name: hidden_size(c, ensemble.n) for c in ensemble.cells}
        most = {name: max(LIMIT, STATES * n) for name, n in asked.items()}
        hidden = {
            c.name: n if exponents else fitting_size(c, m, n, most[c.name])
            for c, n in zip(ensemble.cells, asked.values())
        }
        states = {c.name: state_size(c, m, hidden[c.name]) for c in ensemble.cells}
        counts = {name: min(size, most[name] if exponents is None else exponents) for name, size in states.items()}
        return _Sizes(hidden, states, counts)


def growth_of(network: Network, count: int, warmup: int, times: Array, seed: int) -> tuple[Array, float]:
    """Growth of orthonormal tangents between the times, and the mean interval between two decompositions.

    Parameters
    ----------
    count : int
        How many tangents.
    times : array (segments + 1,) of int
        Steps after the warm-up, from 0.

    Returns
    -------
    growth : array (segments, count)
        Sums of natural logarithms; -inf where a factor is zero to working precision, NaN if anything is not finite.
    interval : float
    """
    from gatedsym.flow.numerics.orthogonal import orthonormalise

    generator = np.random.default_rng([seed, 0x7A96])
    rows = orthonormalise(generator.standard_normal((count, network.size)), 0.0)[0]
    growth = np.zeros((len(times) - 1, count))
    edges, at, interval, decompositions = [*(warmup + times)], warmup // 2, 1, 0
    while at < edges[-1]:
        segment = int(np.searchsorted(edges, at, side="right")) - 1
        step = min(interval, edges[segment + 1] - at)
        order, rows, logs, least, step = _advance(network, rows, at, step)
        if rows.size == 0:
            return np.full_like(growth, np.nan), float("nan")
        at += step
        if segment >= 0:
            growth = growth[:, order]
            growth[segment] += logs
            decompositions += 1
        if least > _FINE:
            interval = min(2 * interval, LONGEST)
        elif least < _COARSE:
            interval = max(step // 2, 1)
    return growth, float(times[-1]) / decompositions


def _advance(network: Network, rows: Array, at: int, step: int) -> tuple[Array, Array, Array, float, int]:
    """Carry tangents for `step` steps, or as many fewer as keeps them apart, and make them orthonormal.

    Returns
    -------
    order : array (count,) of int
        Tangents that were lost go behind the others, and new directions take their place there.
    rows : array (count, size)
        In that order; empty if something is not finite.
    logs : array (count,)
        Natural logarithms of the growth factors, in that order.
    least : float
        The smallest share of a tangent outside the span of those before it.
    step : int
        Steps taken.
    """
    from gatedsym.flow.numerics.orthogonal import orthonormalise_ranked

    while True:
        pushed, exponents = network.push(rows, at, at + step)
        if not np.isfinite(pushed).all():
            return np.arange(0), np.empty((0, 0)), np.empty(0), 0.0, step
        above = _above_rounding(pushed, exponents)
        if step > 1 and above.min() < _LOST:
            step //= 2
            continue
        pushed[above <= network.precision] = 0.0
        order, new, lower, shares = orthonormalise_ranked(pushed, network.precision)
        if step == 1 or shares.min() >= _LOST:
            break
        step //= 2
    with np.errstate(divide="ignore"):
        logs = np.log(np.diagonal(lower)) + exponents[order] * np.log(2.0)
    return order, new, logs, float(min(shares.min(), above.min())), step


def _above_rounding(pushed: Array, exponents: Array) -> Array:
    """The length of each tangent over that of the longest one behind it, at most 1.

    A tangent has a share of rounding in the direction of each other one. Those before it are taken off; where one
    behind it has grown so much more, nothing but its share is left.
    """
    with np.errstate(divide="ignore"):
        logs = np.log2(np.sqrt(np.sum(pushed**2, axis=1))) + exponents
    behind = np.append(np.maximum.accumulate(logs[::-1])[::-1][1:], -np.inf)
    with np.errstate(invalid="ignore"):
        lead = np.where(np.isneginf(logs), -np.inf, logs - np.where(np.isneginf(behind), logs, behind))
    return np.asarray(np.exp2(np.minimum(lead, 0.0)))


def mean_and_error(growth: Array, times: Array, blocks: int) -> Array:
    """(2, count): exponents in descending order, and the standard error of each by blocks."""
    duration = np.diff(times)
    total = growth.sum(axis=0) / duration.sum()
    parts = growth.reshape(blocks, CHECKPOINTS, -1).sum(axis=1)
    rates = parts / duration.reshape(blocks, CHECKPOINTS).sum(axis=1)[:, None]
    usable = np.isfinite(total)
    rates = np.where(usable, rates, 0.0)
    error = np.where(usable, rates.std(axis=0, ddof=1) / np.sqrt(blocks), np.nan)
    order = np.argsort(-total, kind="stable")
    return np.stack([total[order], error[order]])


def _series(growth: Array, times: Array, n: int, complete: bool) -> Array:
    """(quantity, time): what is known after the first segment, the first two, and so on."""
    sums = np.cumsum(growth, axis=0) / times[1:, None]
    rows = -np.sort(-sums, axis=1)
    mean = rows.mean(axis=1) if complete else np.full(len(rows), np.nan)
    dimension = np.array([kaplan_yorke(row, complete) for row in rows]) / n
    known = complete | (rows[:, -1] <= 0)
    entropy = np.where(known, np.where(rows > 0, rows, 0.0).sum(axis=1) / n, np.nan)
    return np.stack([rows[:, 0], mean, dimension, np.where(np.isnan(rows[:, 0]), np.nan, entropy)])


def kaplan_yorke(spectrum: Array, complete: bool = True) -> float:
    """Kaplan-Yorke dimension: how many of the largest exponents add up to zero, interpolated.

    Parameters
    ----------
    spectrum : array (count,)
        In descending order.
    complete : bool
        Whether these are all exponents; if not, NaN where their sum is still not negative.
    """
    if np.isnan(spectrum).any():
        return float("nan")
    sums = np.cumsum(spectrum)
    negative = np.flatnonzero(sums < 0)
    if not len(negative):
        return float(len(spectrum)) if complete else float("nan")
    first = int(negative[0])
    return first + (float(sums[first - 1]) / -float(spectrum[first]) if first else 0.0)


def _dataset(
    spectra: Array,
    running: Array,
    intervals: Array,
    ensemble: Ensemble,
    sizes: _Sizes,
    times: Array,
    attrs: dict[str, Any],
) -> xr.Dataset:
    axes, dims = ensemble.axes, tuple(ensemble.axes)
    data = xr.Dataset(
        {
            "exponent": ((*dims, "index"), spectra[..., 0, :]),
            "standard_error": ((*dims, "index"), spectra[..., 1, :]),
            "running": ((*dims, "quantity", "time"), running),
            "mean_exponent": (dims, running[..., 1, -1]),
            "dimension": (dims, running[..., 2, -1]),
            "entropy_rate": (dims, running[..., 3, -1]),
            "interval": (dims, intervals),
            "hidden_size": ("cell", [sizes.hidden[name] for name in axes["cell"]]),
            "state_size": ("cell", [sizes.states[name] for name in axes["cell"]]),
        },
        coords={**axes, "index": np.arange(1, spectra.shape[-1] + 1), "quantity": list(QUANTITIES), "time": times[1:]},
        attrs=attrs,
    )
    return label(
        data,
        (
            ("exponent", "Lyapunov exponent", "1/step"),
            ("standard_error", "standard error of the Lyapunov exponent, by blocks", "1/step"),
            ("mean_exponent", "mean of all Lyapunov exponents", "1/step"),
            ("dimension", "Kaplan-Yorke dimension over hidden size", "1"),
            ("entropy_rate", "sum of positive Lyapunov exponents over hidden size", "1/step"),
            ("running", "estimate after so many steps", "as the quantity"),
            ("interval", "mean interval between two QR decompositions", "step"),
            ("hidden_size", "hidden size", "1"),
            ("state_size", "numbers in the state", "1"),
            ("index", "index of the exponent, from the largest", "1"),
            ("time", "steps averaged", "step"),
        ),
    )
