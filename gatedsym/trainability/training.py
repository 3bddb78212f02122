"""A run → its record: how many updates it needed, and how its gradient stood before and after."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from gatedsym.errors import LearningWarning
from gatedsym.learning.history import History
from gatedsym.learning.task import Task
from gatedsym.learning.training import learn
from gatedsym.trainability.point import Run, read_run
from gatedsym.typing import Array

SHARES = (0.9, 0.75, 0.4, 0.2, 0.1)
"""Shares of the baseline whose first crossing is recorded. Half of it is the plateau of one cue of adding: none of them
lies within a tenth of that."""
EVERY = 50
"""Updates between two looks at held-out sequences: the grain of every number of updates."""


def train_point(point: Mapping[str, Any]) -> dict[str, Any]:
    """Train a network.

    Parameters
    ----------
    point : mapping
        As `gatedsym.trainability.point.Run`.

    Returns
    -------
    dict
        Numbers, arrays and texts; NaN where there is no number. ``updates_to``: for each of `SHARES` the updates after
        which the held-out loss was first below that share of the baseline. ``updates_to_target``. ``ended``: "learnt",
        "updates" (the run is censored there) or "not finite". ``updates``: how many were made. ``best_loss``,
        ``last_loss``: held-out, in units of the baseline; ``best_metric``. ``skill`` on each cue at the end.
        ``gradient_before``, ``gradient_after``: log10 of what is left of the gradient from the answer back to the cue
        where least is left (`at_own_lag`). ``seconds_per_update``: CPU seconds, with the looks.
    """
    run = read_run(point)
    task = run.make_training()
    net = run.make_network(task)
    target = 0.1 * task.baseline.value if run.target is None else run.target
    clock = _Clock(run.updates)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LearningWarning)
        history = learn(
            net, task, updates=run.updates, rate=run.rate, clip=run.clip or None, freeze=run.freeze, probes=[0],
            every=EVERY, stop=target, batch_seed=run.seed, threads=1, progress=clock.tell,
        )  # fmt: skip
    return _record(run, task, history, target) | {"seconds_per_update": clock.seconds_per_update}


def _record(run: Run, task: Task, history: History, target: float) -> dict[str, Any]:
    losses, checks = np.asarray(history["held_out_loss"].values, float), history["check"].values
    shares = losses / task.baseline.value
    made = int(history["loss"].sizes["update"])
    learnt = bool((losses < target).any())
    finite = bool(np.isfinite(history["loss"].values).all() and np.isfinite(history["gradient_norm"].values).all())
    return {
        "updates_to": np.array([first_below(shares, checks, share) for share in SHARES]),
        "updates_to_target": first_below(losses, checks, target),
        "ended": "learnt" if learnt else "updates" if finite else "not finite",
        "updates": made,
        "best_loss": float(np.nanmin(shares)),
        "last_loss": float(shares[-1]),
        "best_metric": best_metric(task, np.asarray(history["metric"].values, float)),
        "skill": np.atleast_1d(np.asarray(history["skill"].values, float)[-1]),
        "gradient_before": at_own_lag(history, 0),
        "gradient_after": at_own_lag(history, -1),
        "steps": task.steps,
        "lag": task.lags.longest,
        "baseline": task.baseline.value,
    }


def first_below(values: Array, updates: Array, level: float) -> float:
    """The first of some updates at which a value is below a level; NaN where none is."""
    below = np.flatnonzero(np.asarray(values) < level)
    return float(updates[below[0]]) if len(below) else float("nan")


def best_metric(task: Task, values: Array) -> float:
    """The best of a metric's values."""
    return float(np.nanmax(values) if task.higher else np.nanmin(values))


def at_own_lag(history: History, probe: int) -> float:
    """log10 of what is left of the gradient from an answer back to its cue, of the cue where least is left.

    The median over sequences; of a task without cues what is left at its longest lag.
    """
    cues = np.atleast_1d(history["gradient_at_cue"].values[probe])
    if not len(cues):
        return float(history["gradient_at_lag"].values[probe, -1])
    return float(np.min(cues)) if not np.isnan(cues).any() else float("nan")


class _Clock:
    """CPU seconds between the first and the last look: without what is compiled and loaded before."""

    def __init__(self, updates: int) -> None:
        self.updates = updates
        self.times: list[tuple[float, float]] = []

    def tell(self, fraction: float, text: str) -> None:
        self.times.append((fraction * self.updates, time.process_time()))

    @property
    def seconds_per_update(self) -> float:
        if len(self.times) < 2:
            return float("nan")
        (first, began), (last, ended) = self.times[0], self.times[-1]
        return (ended - began) / (last - first)


__all__ = ["EVERY", "SHARES", "at_own_lag", "first_below", "train_point"]
