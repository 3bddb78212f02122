"""Outputs of a readout and a batch → loss, metric, and the skill on each cue by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.learning.batches import Batch
from gatedsym.typing import Array


@dataclass(frozen=True)
class Cue:
    """Something shown at one step that the answer depends on.

    Attributes
    ----------
    name : str
    values : tuple of int
        The value of the cue behind each class of the answer (recall: the class itself), -1 for a class that says
        nothing of it; () where the answer is no function of that kind: then the skill is how strongly the output
        answers to the cue's part.

    Examples
    --------
    >>> import gatedsym as gs
    >>> [cue.name for cue in gs.tasks.adding(T=10).cues]
    ['first mark', 'second mark']
    """

    name: str
    values: tuple[int, ...] = ()


@dataclass(frozen=True)
class Measures:
    """Worth of outputs on a batch.

    Attributes
    ----------
    loss : float
        In the units of the task.
    metric : float
        As the task names it.
    skills : dict
        By cue, 1 where the outputs make all of it that can be made, 0 where they make nothing of it. With values of the
        cue behind the classes: how far the probability mass on its values, summed over what else the class says,
        is right more often than chance, (share right - chance) / (1 - chance). With parts: 1 - (1 - b/b')**2, of
        the coefficients b of the outputs and b' of the targets in a regression on all parts together. NaN where the
        batch cannot tell.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> task = gs.tasks.adding(T=10)
    >>> batch = task.batch(0, 4)
    >>> measures = task.measure(np.zeros((10, 4, 1)), batch)
    >>> type(measures).__name__
    'Measures'
    """

    loss: float
    metric: float
    skills: dict[str, float]


class Judged(Protocol):
    """Part of a task that says how outputs are judged."""

    @property
    def loss(self) -> str: ...
    @property
    def outputs(self) -> int: ...
    @property
    def metric(self) -> str: ...
    @property
    def tolerance(self) -> float: ...
    @property
    def cues(self) -> tuple[Cue, ...]: ...


def measure(task: Judged, outputs: Array, batch: Batch) -> Measures:
    """Loss, metric and skills; see `Task.measure`."""
    rows = _at_times(outputs, batch, task.outputs)
    weights = batch.weights[batch.times].astype(np.float64)
    targets = batch.targets[batch.times]
    if task.loss == "cross-entropy":
        logs = _log_softmax(rows)
        losses = -np.take_along_axis(logs, targets[..., None], axis=-1)[..., 0]
        right = rows.argmax(axis=-1) == targets
    else:
        logs = rows
        losses = ((rows - targets) ** 2).sum(axis=-1)
        right = np.abs(rows - targets).max(axis=-1) < task.tolerance
    loss = float((weights * losses).sum() / weights.sum())
    counted = _asked(batch)[batch.times]
    metric = loss if task.metric == "loss" else float(right[counted].mean())
    skills = {cue.name: _skill(task, k, cue, logs, batch) for k, cue in enumerate(task.cues)}
    return Measures(loss, metric, skills)


def _at_times(outputs: Array, batch: Batch, width: int) -> Array:
    steps, count = batch.weights.shape
    rows = np.asarray(outputs, dtype=np.float64)
    if rows.shape == (steps, count, width):
        return rows[batch.times]
    if rows.shape != (len(batch.times), count, width):
        raise ArgumentError(
            f"outputs have shape {rows.shape}: give ({steps}, {count}, {width}), or ({len(batch.times)}, {count}, "
            f"{width}) for the steps of batch.times."
        )
    return rows


def _asked(batch: Batch) -> Array:
    """The steps that the metric counts, (T, B): those of the answers, else all that have a loss."""
    if not len(batch.answers):
        return batch.weights > 0
    asked = np.zeros(batch.weights.shape, dtype=bool)
    asked[batch.answers, np.broadcast_to(np.arange(batch.count), batch.answers.shape)] = True
    return asked


def _log_softmax(rows: Array) -> Array:
    shifted = rows - rows.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def _skill(task: Judged, number: int, cue: Cue, logs: Array, batch: Batch) -> float:
    """Skill on one cue, from outputs at ``batch.times``: log-probabilities, or predictions."""
    columns = np.arange(batch.count)
    rows = np.searchsorted(batch.times, batch.answers[number])
    given = logs[rows, columns]
    targets = batch.targets[batch.answers[number], columns]
    if cue.values:
        return _decoded(np.asarray(cue.values), np.exp(given), targets)
    if task.loss == "cross-entropy":  # of two classes: the probability of the second
        return _response(number, np.exp(given[:, 1]), targets.astype(np.float64), batch.parts)
    return _response(number, given[:, 0], targets[:, 0].astype(np.float64), batch.parts)


def _decoded(values: Array, probabilities: Array, targets: Array) -> float:
    """Excess of how often the likeliest value of a cue is right over chance, 1 where it always is."""
    kinds = np.unique(values[values >= 0])
    mass = np.stack([probabilities[:, values == kind].sum(axis=1) for kind in kinds], axis=1)
    chance = 1 / len(kinds)
    share = float((kinds[mass.argmax(axis=1)] == values[targets]).mean())
    return (share - chance) / (1 - chance)


def _response(number: int, outputs: Array, targets: Array, parts: Array) -> float:
    """Skill of outputs that answer to a part as the targets do, the other parts held."""
    design = np.vstack([np.ones(parts.shape[1]), parts]).T.astype(np.float64)
    if parts.shape[1] < design.shape[1] or not np.isfinite(outputs).all():
        return float("nan")
    found, _, rank, _ = np.linalg.lstsq(design, np.stack([outputs, targets], axis=1), rcond=None)
    given, wanted = found[number + 1]
    if rank < design.shape[1] or wanted == 0:
        return float("nan")
    return float(1 - (1 - given / wanted) ** 2)


__all__ = ["Cue", "Measures", "measure"]
