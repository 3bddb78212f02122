"""Runs that are to be made → their outcomes, from processes of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatedsym.execution.processes import ProcessEndedError, Processes, process_count
from gatedsym.sweep.entry import Experiment
from gatedsym.sweep.measure import Job, carry_out
from gatedsym.sweep.record import Outcome

_TRIES = 2
"""Processes that a point may bring down before it is left alone."""


def run_here(experiment: Experiment, jobs: Sequence[Job], workers: int | None = None) -> Iterator[tuple[Job, Outcome]]:
    """Make runs in processes beside each other, or in this one where there is one thread; outcomes as they come.

    Parameters
    ----------
    workers : int, optional
        Processes; by default as many as there may be threads (``GATEDSYM_THREADS``), as far as there is memory.
    """
    waiting = {job.key.asked: job for job in jobs}
    ended: dict[str, int] = {}
    while waiting:
        try:
            yield from _until_one_ends(experiment, waiting, workers)
        except ProcessEndedError as error:
            asked = str(error.name)
            ended[asked] = ended.get(asked, 0) + 1
            if ended[asked] >= _TRIES:
                yield waiting.pop(asked), Outcome("fault", f"The process that made it ended ({error.reason}), twice.")


def _until_one_ends(
    experiment: Experiment, waiting: dict[str, Job], workers: int | None
) -> Iterator[tuple[Job, Outcome]]:
    count = process_count(len(waiting)) if workers is None else min(workers, len(waiting))
    with Processes(count, (experiment,)) as processes:
        for asked, job in waiting.items():
            processes.call(asked, carry_out, job.point, job.checkpoint)
        for asked, outcome in processes.results(lambda name, fraction: None):
            yield waiting.pop(asked), outcome


__all__ = ["run_here"]
