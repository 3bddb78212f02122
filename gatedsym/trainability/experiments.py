"""Points of the study → entries that a sweep can run: networks before training, and networks that are trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatedsym.learning.registry import find_task
from gatedsym.library import load as library
from gatedsym.sweep.entry import Behind, Experiment
from gatedsym.trainability.point import Start, read_run, read_start
from gatedsym.trainability.training import train_point
from gatedsym.trainability.untrained import measure_untrained

# CPU seconds of an update: some of it at each call, some at each step; both of 32 units and 32 sequences.
_CALL, _STEP = 4e-4, 1.8e-5


def _behind(point: Mapping[str, Any]) -> Behind:
    """The equations of a cell of the library, and the module of the task."""
    start = read_start({name: value for name, value in point.items() if name in Start.__dataclass_fields__})
    texts = {} if start.equations else {start.cell: library.derivation(start.cell).equations}
    return Behind(texts, (find_task(start.task).__module__,))


def seconds_of(point: Mapping[str, Any]) -> float:
    """About how many CPU seconds a run takes that does not end early."""
    run = read_run(point)
    steps = run.make_task().steps
    return float(run.updates * run.layers * (_CALL + _STEP * steps * (run.n / 32) ** 1.5))


UNTRAINED = Experiment("trainability: untrained", measure_untrained, _behind)
TRAINED = Experiment("trainability: trained", train_point, _behind, seconds_of)

__all__ = ["TRAINED", "UNTRAINED", "seconds_of"]
