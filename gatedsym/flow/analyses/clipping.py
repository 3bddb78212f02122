"""Clipping of the parameter gradient: each sequence's cut to a norm, and where their mean then points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.flow.ensemble import Cells, Member, Networks, read_ensemble, why_no_parameter_gradients
from gatedsym.flow.inputs.source import Reading, read_source, run_forward
from gatedsym.flow.loss import Loss, compared_state
from gatedsym.flow.numerics.vectors import cosine, flat, norm
from gatedsym.flow.registry import analysis
from gatedsym.typing import Array

THRESHOLDS = tuple(float(f"{10.0**e:.3g}") for e in np.arange(-3, 3.25, 0.5))


@analysis(why_no_parameter_gradients, n=64, seeds=10, init="gaussian", gain=(1.0, 2.0, 3.0), retention=1.0)
def clipping(
    cells: Cells,
    x: Reading = "text",
    *,
    steps: int = 100,
    sequences: int = 16,
    thresholds: Sequence[float] = THRESHOLDS,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Clip the gradient of every sequence to norm theta, g <- g theta / ‖g‖ where ‖g‖ >= theta, and average.

    The rule is that of Pascanu, Mikolov and Bengio (2013). The loss is a readout's cross-entropy on the last step. The
    mean of the unclipped gradients is the gradient of the mean loss, the truth that the clipped mean is held against.

    Parameters
    ----------
    steps : int
        Steps of a sequence; those of an array that is given.
    sequences : int
        Sequences for each network, of which each is clipped by itself; those of an array that is given.
    thresholds : sequence of float
        Norms theta.

    Returns
    -------
    xarray.Dataset
        (cell, init, gain, retention, seed, …): ``log10_norm`` (…, sequence) of each gradient before clipping;
        ``cosine`` (…, threshold) between the mean of the clipped gradients and the truth; ``share_clipped``
        (…, threshold) of the sequences; ``log10_ratio`` (…, threshold) log10 of the norm of the clipped mean over that
        of the truth; ``dominance`` (…) the largest sequence's share in the sum of all norms.

    Raises
    ------
    ArgumentError
        For data that cannot be used (DataError), a size below 1, a threshold that is not above 0, or a cell without
        parameters.

    References
    ----------
    Pascanu, Mikolov, Bengio 2013, On the difficulty of training recurrent neural networks, for the rule. What its mean
    is held against is our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.clipping("rnn", "noise", n=4, seeds=2, steps=10, sequences=4)
    >>> list(data)[:3]
    ['log10_norm', 'cosine', 'share_clipped']
    """
    source = read_source(x)
    steps, sequences = source.steps_and_batch(steps, sequences)
    ensemble = read_ensemble(
        cells, source, networks, horizon=steps, why_not_applicable=why_no_parameter_gradients, steps=steps,
        sequences=sequences,
    )  # fmt: skip
    loss = Loss("cross-entropy", "last", ensemble.source.classes)
    limits = np.array(sorted(float(t) for t in thresholds))
    if not (limits > 0).all():
        raise ArgumentError(f"thresholds are norms, and {shown(float(limits.min()))} is none: give numbers above 0.")
    norms, effect = ensemble.empty(sequences), ensemble.empty(3, len(limits))
    for member, gradients in ensemble.map(lambda member: _gradients(member, loss, steps, sequences)):
        lengths = np.array([norm(g) for g in gradients])
        with np.errstate(divide="ignore"):
            norms[member.place] = np.log10(lengths)
        effect[member.place] = clip_and_average(gradients, lengths, limits)
    dims = tuple(ensemble.axes)
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
        coords={**ensemble.axes, "sequence": np.arange(sequences), "threshold": limits},
        attrs=ensemble.describe(loss, batch=sequences, lags=steps) | {"title": "what clipping does"},
    )
    data["threshold"].attrs = {"long_name": "clipping threshold theta", "units": "norm of the gradient"}
    return data


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


def _gradients(member: Member, loss: Loss, steps: int, sequences: int) -> Array:
    """Parameter gradient of each sequence, (sequence, parameter), of one network."""
    cell, state = member.cell, compared_state(member.cell)
    driven = member.run(steps, sequences)
    params, x = driven.params, driven.x
    times, dh = loss.cotangents(driven.run[state][1:], member.seed, driven.targets)
    rows = []
    for b in range(sequences):
        # Parameter gradients are sums over a batch, so each sequence is a batch of its own.
        alone = run_forward(cell, params, np.ascontiguousarray(x[:, b : b + 1]), keep="adjoint")
        rows.append(flat(cell.backward(params, alone, {state: (times, dh[:, b : b + 1])}).params))
    return np.array(rows)
