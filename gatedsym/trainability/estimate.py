"""A study that has not been made → how long it will take, from updates that are timed now."""

from __future__ import annotations

import time

from gatedsym.messages import room
from gatedsym.sweep.time_words import time_words
from gatedsym.trainability.point import Run
from gatedsym.trainability.study import Study

say = room("trainability")

_TIMED = 8
"""Updates of which one is timed, after two that load and compile."""


def estimate_words(study: Study) -> str:
    """A sentence: how many runs there are, and the CPU time that they take at most."""
    study.look()
    left = [p for p in study.grid.planned if study.record(p) is None]
    if not left:
        return say("estimate-nothing", runs=len(study.grid.planned))
    kinds: dict[tuple[object, ...], tuple[Run, int]] = {}
    for planned in left:
        run = planned.run
        key = (run.cell, run.n, run.layers, run.task, repr(run.options))
        kinds[key] = (run, kinds.get(key, (run, 0))[1] + run.updates)
    seconds = sum(seconds_per_update(run) * updates for run, updates in kinds.values())
    return say(
        "estimate", left=len(left), runs=len(study.grid.planned), most=time_words(seconds),
        longer=sum(bool(p.again) for p in study.grid.planned),
    )  # fmt: skip


def seconds_per_update(run: Run) -> float:
    """CPU seconds of an update, the median of some."""
    task = run.make_task()
    net = run.make_network(task)
    spent = []
    for number in range(2 + _TIMED):
        start = time.process_time()
        net.gradient(task.batch(number), threads=1)
        spent.append(time.process_time() - start)
    return sorted(spent[2:])[_TIMED // 2]


__all__ = ["estimate_words", "seconds_per_update"]
