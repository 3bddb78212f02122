"""Truncated backpropagation through time: the gradient of windows of k steps against the whole one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Unpack

import numpy as np
import xarray as xr

from gatedsym.flow.ensemble import RETENTIONS, Cells, Member, Networks, read_ensemble, why_no_parameter_gradients
from gatedsym.flow.inputs.source import Reading, inputs_of, read_source, run_forward
from gatedsym.flow.loss import Loss, compared_state
from gatedsym.flow.numerics.vectors import cosine, flat, norm
from gatedsym.flow.registry import analysis
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.execution.results import Run

WINDOWS = (1, 2, 5, 10, 20, 50, 100, 200)
QUANTITIES = ("relative_error", "cosine", "norm_ratio", "input_share")


@analysis(why_no_parameter_gradients, n=64, seeds=10, init="xavier", retention=RETENTIONS)
def truncation(
    cells: Cells,
    x: Reading = "text",
    *,
    steps: int = 200,
    windows: Sequence[int] = WINDOWS,
    batch: int = 4,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Compare the parameter gradient that windows of k steps give with the whole gradient over `steps` steps.

    With the loss on the last step, the window is the last k steps. With the loss on every step, the sequence is cut
    into windows of k steps; states pass from one to the next, gradients do not.

    Parameters
    ----------
    steps : int
        Steps of a sequence; those of an array that is given.
    windows : sequence of int
        Lengths k; what is longer than a sequence is cut to it.
    batch : int
        Sequences for each network; those of an array that is given.

    Returns
    -------
    xarray.Dataset
        (cell, init, gain, retention, seed, loss, window), with g the whole gradient of all parameters together and
        g_k the truncated one: ``relative_error`` ‖g - g_k‖ / ‖g‖; ``cosine`` of the angle between them; ``norm_ratio``
        ‖g_k‖ / ‖g‖; ``input_share``: sqrt(sum over lags >= k of ‖dL/dx‖²) / sqrt(sum over all lags), for the loss on
        the last step. NaN where the cell lacks the setting or the gradient is not finite.

    Raises
    ------
    ArgumentError
        For data that cannot be used (DataError), a size or a window below 1, or a cell without parameters.

    References
    ----------
    Williams, Peng 1990, An efficient gradient-based algorithm for on-line training of recurrent network trajectories,
    for truncation. What it is held against is our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.truncation("rnn", "noise", n=4, seeds=2, steps=20, windows=[1, 5, 20])
    >>> list(data)[:3]
    ['relative_error', 'cosine', 'norm_ratio']
    """
    source = read_source(x)
    steps, batch = source.steps_and_batch(steps, batch)
    windows = sorted({min(int(k), steps) for k in windows})
    ensemble = read_ensemble(
        cells, source, networks, horizon=steps, why_not_applicable=why_no_parameter_gradients, steps=steps, batch=batch,
        window=windows[0],
    )  # fmt: skip
    losses = {
        "last step": Loss("cotangent", "last"),
        "every step": Loss("cross-entropy", "every", ensemble.source.classes),
    }
    values = ensemble.empty(len(QUANTITIES), len(losses), len(windows))
    for member, result in ensemble.map(lambda member: _one_network(member, losses, windows, steps, batch)):
        values[member.place] = result
    attrs = ensemble.describe(losses["last step"], batch=batch, lags=steps)
    attrs |= {"title": "what truncation cuts off", "loss": "; ".join(of.description for of in losses.values())}
    data = xr.Dataset(
        {name: ((*ensemble.axes, "loss", "window"), values[..., k, :, :]) for k, name in enumerate(QUANTITIES)},
        coords={"loss": list(losses), **ensemble.axes, "window": list(windows)},
        attrs=attrs,
    )
    data["window"].attrs = {"long_name": "window k", "units": "step"}
    return data


def _one_network(member: Member, losses: Mapping[str, Loss], windows: Sequence[int], steps: int, batch: int) -> Array:
    """(quantity, loss, window) of one network."""
    cell, state = member.cell, compared_state(member.cell)
    driven = member.run(steps, batch)
    params, x, run = driven.params, driven.x, driven.run
    result = np.full((len(QUANTITIES), len(losses), len(windows)), np.nan)
    for place, loss in enumerate(losses.values()):
        times, given = loss.cotangents(run[state][1:], member.seed, driven.targets)
        dh = np.zeros_like(run[state][1:])
        dh[times] = given
        grads = cell.backward(params, run, {state: dh})
        whole = flat(grads.params)
        for column, k in enumerate(windows):
            part = whole if k == steps else _windowed(cell, params, x, run, {state: dh}, k, loss.at)
            result[:3, place, column] = _compare(whole, part)
        if loss.at == "last" and cell.inputs:
            result[3, place] = _shares([grads.inputs[name] for name in cell.inputs], windows)
    return result


def _compare(whole: Array, part: Array) -> tuple[float, float, float]:
    length = norm(whole)
    if not 0 < length < np.inf:
        return (float("nan"),) * 3
    return norm(whole - part) / length, cosine(whole, part), norm(part) / length


def _shares(adjoints: Sequence[Array], windows: Sequence[int]) -> list[float]:
    """Share of |dL/dx| that comes from lags of at least k, for each k; the adjoints of all inputs, each (T, B, …)."""
    dx = np.concatenate([np.asarray(a).reshape(*a.shape[:2], -1) for a in adjoints], axis=-1)
    per_lag = np.array([norm(step) for step in dx[::-1]])
    total = norm(per_lag)
    return [norm(per_lag[k:]) / total if 0 < total < np.inf else float("nan") for k in windows]


def _windowed(
    cell: Cell, params: Mapping[str, Array], x: Array, run: Run, dh: Mapping[str, Array], k: int, at: str
) -> Array:
    """Parameter gradient of windows of k steps that end at the last step, k - and 2k steps before it, and so on.

    Windows know each other only through the states with which they begin, so equal ones are run as one batch.
    """
    steps = len(x)
    ((state, given),) = dh.items()
    past = _past_rows(cell, params, x, run)
    count = steps // k if at == "every" else 1
    starts = steps - k * np.arange(count, 0, -1)
    total = _one_batch(cell, params, k, starts, x, past, state, given)
    if at == "every" and steps % k:
        total = total + _one_batch(cell, params, steps % k, np.array([0]), x, past, state, given)
    return total


def _past_rows(cell: Cell, params: Mapping[str, Array], x: Array, run: Run) -> dict[str, Array]:
    """For each state and delayed input the rows (T + 1, delay, B, …) that a window which begins at a step reads."""
    read = inputs_of(cell, params, x) if cell.inputs else {}
    series = dict(read) if isinstance(read, Mapping) else {cell.inputs[0]: read}
    # Row t of a state is there before step t, row t - 1 of an input.
    series = {name: np.concatenate([np.zeros_like(rows[:1]), rows]) for name, rows in series.items()}
    series |= {name: run[name] for name in cell.states}
    past = {}
    for name, delay in sorted(cell.interface.delays.items()):
        if delay and name in series:
            longer = np.concatenate([np.zeros((delay - 1, *series[name].shape[1:])), series[name]])
            past[name] = np.stack([longer[d : d + len(x) + 1] for d in range(delay)], axis=1).astype(x.dtype)
    return past


def _one_batch(
    cell: Cell,
    params: Mapping[str, Array],
    k: int,
    starts: Array,
    x: Array,
    past: Mapping[str, Array],
    state: str,
    dh: Array,
) -> Array:
    def side_by_side(series: Array) -> Array:
        return np.concatenate([series[s : s + k] for s in starts], axis=1)

    initial = {name: np.concatenate([rows[s] for s in starts], axis=1) for name, rows in past.items()}
    run = run_forward(cell, params, side_by_side(x), initial=initial, keep="adjoint")
    return flat(cell.backward(params, run, {state: side_by_side(dh)}).params)
