"""What clipping does to the parameter gradient: each sequence's cut to a norm, and where their mean then points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.flow.ensemble import (
    Progress,
    Retention,
    Setting,
    Source,
    compared_state,
    coordinates,
    describe,
    place_of,
    read_cells,
    read_source,
    reason_against_parameter_gradients,
    require_positive,
    require_sense,
    run_all,
    run_forward,
    settings_of,
    several,
)
from gatedsym.flow.inputs.series import Series
from gatedsym.flow.loss import Loss
from gatedsym.flow.numerics.vectors import cosine, flat, norm
from gatedsym.typing import Array

THRESHOLDS = tuple(float(f"{10.0**e:.3g}") for e in np.arange(-3, 3.25, 0.5))


def clipping(
    cells: Iterable[Any] | str,
    x: str | Series = "text",
    *,
    n: int = 64,
    seeds: int = 10,
    steps: int = 100,
    sequences: int = 16,
    thresholds: Sequence[float] = THRESHOLDS,
    init: str | Sequence[str] = "gaussian",
    gain: float | Sequence[float] = (1.0, 2.0, 3.0),
    retention: Retention | Sequence[Retention] = 1.0,
    dtype: str = "float64",
    progress: Progress | None = None,
) -> xr.Dataset:
    """Clip the gradient of every sequence to norm theta, g <- g theta / |g| where |g| >= theta, and average.

    The rule is that of Pascanu, Mikolov and Bengio (2013). The loss is a readout's cross-entropy on the last step. The
    mean of the unclipped gradients is the gradient of the mean loss, the truth that the clipped mean is held against.

    Returns
    -------
    xarray.Dataset
        (cell, init, gain, retention, seed, …): ``log10_norm`` (…, sequence) of each gradient before clipping;
        ``cosine`` (…, threshold) between the mean of the clipped gradients and the truth; ``share_clipped``
        (…, threshold) of the sequences; ``log10_ratio`` (…, threshold) log10 of the norm of the clipped mean over that
        of the truth; ``dominance`` (…) the largest sequence's share in the sum of all norms.
    """
    found, source = read_cells(cells), read_source(x)
    require_positive(n=n, seeds=seeds, steps=steps, sequences=sequences)
    require_sense(found, reason_against)
    settings = settings_of(found, several(init), several(gain), several(retention))
    axes = coordinates(settings)
    loss = Loss("cross-entropy", "last", source.classes)
    limits = np.array(sorted(float(t) for t in thresholds))
    lead = (*map(len, axes.values()), seeds)
    norms = np.full((*lead, sequences), np.nan)
    effect = np.full((*lead, 3, len(limits)), np.nan)

    def measure(setting: Setting, seed: int) -> Array:
        return _gradients(setting, seed, source, loss, (n, steps, sequences, dtype))

    jobs = [(s, seed) for s in settings for seed in range(seeds)]
    for setting, seed, gradients in run_all(jobs, measure, progress):
        place = (*place_of(setting, axes), seed)
        lengths = np.array([norm(g) for g in gradients])
        with np.errstate(divide="ignore"):
            norms[place] = np.log10(lengths)
        effect[place] = clip_and_average(gradients, lengths, limits)
    dims = (*axes, "seed")
    attrs = describe(found, source, loss, n=n, batch=sequences, horizon=steps, dtype=dtype, seeds=seeds, lags=steps)
    with np.errstate(over="ignore", invalid="ignore"):
        share = 10.0 ** (norms - norms.max(axis=-1, keepdims=True))
        dominance = 1.0 / share.sum(axis=-1)
    data = xr.Dataset(
        {
            "log10_norm": ((*dims, "sequence"), norms),
            **{
                name: ((*dims, "threshold"), effect[..., k, :])
                for k, name in enumerate(("cosine", "share_clipped", "log10_ratio"))
            },
            "dominance": (dims, dominance),
        },
        coords={**axes, "seed": np.arange(seeds), "sequence": np.arange(sequences), "threshold": limits},
        attrs=attrs | {"title": "what clipping does"},
    )
    data["threshold"].attrs = {"long_name": "clipping threshold theta", "units": "norm of the gradient"}
    return data


def reason_against(cell: Any) -> str:
    """Why there is nothing to clip in a cell, as one sentence, or ""."""
    return reason_against_parameter_gradients(cell)


def clip_and_average(gradients: Array, lengths: Array, limits: Array) -> Array:
    """(cosine, share clipped, log10 of the ratio of norms) of the clipped mean against the mean, for each threshold.

    Parameters
    ----------
    gradients : array (sequence, parameter)
    lengths : array (sequence,)
        Their norms.
    limits : array (threshold,)
    """
    result = np.full((3, len(limits)), np.nan)
    if not np.isfinite(lengths).all() or not lengths.any():
        return result
    truth = gradients.mean(axis=0)
    length = norm(truth)
    for k, limit in enumerate(limits):
        factor = np.minimum(1.0, limit / np.where(lengths > 0, lengths, 1.0))
        mean = (factor[:, None] * gradients).mean(axis=0)
        ratio = np.log10(norm(mean)) - np.log10(length) if length > 0 and norm(mean) > 0 else np.nan
        result[:, k] = cosine(mean, truth), (lengths > limit).mean(), ratio
    return result


def _gradients(setting: Setting, seed: int, source: Source, loss: Loss, sizes: tuple[int, int, int, str]) -> Array:
    """Parameter gradient of each sequence, (sequence, parameter), for one seed."""
    n, steps, sequences, dtype = sizes
    cell, state = setting.cell, compared_state(setting.cell)
    params = setting.initial(source.features, n, seed, steps, dtype)
    x, targets = source.draw(steps, sequences, seed)
    x = x.astype(dtype)
    run = run_forward(cell, params, x, keep="adjoint")
    times, dh = loss.cotangents(run[state][1:], seed, targets)
    rows = []
    for b in range(sequences):
        # Parameter gradients are sums over a batch, so each sequence is a batch of its own.
        alone = run_forward(cell, params, np.ascontiguousarray(x[:, b : b + 1]), keep="adjoint")
        rows.append(flat(cell.backward(params, alone, {state: (times, dh[:, b : b + 1])}).params))
    return np.array(rows)
