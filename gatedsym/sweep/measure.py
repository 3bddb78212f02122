"""A point → its outcome: whatever becomes of it, a sweep goes on. This is what runs in processes and on clusters."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from gatedsym.errors import DataError, GatedsymError
from gatedsym.sweep.entry import Experiment, Key, Measured
from gatedsym.sweep.points import Point
from gatedsym.sweep.record import Outcome, as_dataset


@dataclass(frozen=True)
class Job:
    """A run that is to be made.

    Attributes
    ----------
    point : mapping
    key : Key
        Of its record.
    checkpoint : Path, optional
        For experiments whose runs go on.
    """

    point: Point
    key: Key
    checkpoint: Path | None = None


def measure_point(experiment: Experiment, point: Point, checkpoint: Path | None = None) -> Outcome:
    """Measure a point; a reason where that cannot be done."""
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome = _tried(experiment, point, checkpoint)
    warned = tuple(dict.fromkeys(str(one.message) for one in caught if _is_told(one.category)))
    return replace(outcome, warned=warned, seconds=time.perf_counter() - start)


def _tried(experiment: Experiment, point: Point, checkpoint: Path | None) -> Outcome:
    try:
        return Outcome("measured", data=as_dataset(_measured(experiment, point, checkpoint)))
    except GatedsymError as error:
        return Outcome("refused", str(error))
    except Exception as error:  # of a person's own function anything may come
        return Outcome("fault", f"{type(error).__name__}: {error}")


def _measured(experiment: Experiment, point: Point, checkpoint: Path | None) -> Measured:
    """The result of an experiment; a checkpoint that it cannot read is no reason against the point."""
    if not experiment.resumes:
        return experiment.measure(point)
    if checkpoint is None or not checkpoint.exists():
        return experiment.measure(point, checkpoint)
    try:
        return experiment.measure(point, checkpoint)
    except DataError:
        checkpoint.unlink(missing_ok=True)
        return experiment.measure(point, checkpoint)


def _is_told(category: type[Warning]) -> bool:
    """Whether a warning is about the result, and not about the code."""
    return not issubclass(category, DeprecationWarning | PendingDeprecationWarning | ImportWarning | ResourceWarning)


def carry_out(experiment: Experiment, point: Point, checkpoint: Path | None, tell: Callable[[float], None]) -> Outcome:
    """Measure a point in a process beside others."""
    return measure_point(experiment, point, checkpoint)


__all__ = ["Job", "carry_out", "measure_point"]
