"""Points and an experiment → records in a store, each made once, and all of them as one labelled dataset."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr

from gatedsym.errors import ArgumentError, SweepWarning
from gatedsym.expect import expect_path, expect_whole, shown
from gatedsym.files.netcdf import netcdf
from gatedsym.files.write import write_atomically
from gatedsym.sweep.entry import Experiment, Key
from gatedsym.sweep.estimate import Estimate
from gatedsym.sweep.local import Job, run_here
from gatedsym.sweep.points import Point, read_points
from gatedsym.sweep.record import Outcome
from gatedsym.sweep.registry import find_experiment
from gatedsym.sweep.results import join_outcomes
from gatedsym.sweep.store import Store

Tell = Callable[[float, str], object]
"""Told the finished fraction of what is to be made, and a line on how it goes."""


def run(
    points: Iterable[Point],
    experiment: Any,
    *,
    out: Any = "sweep",
    shard: tuple[int, int] | str | None = None,
    merge: Sequence[Any] = (),
    any_code: bool = False,
    workers: int | None = None,
    progress: Tell | None = None,
) -> xr.Dataset:
    """Measure every point that the store in `out` has no record of, and join the records to one dataset.

    Parameters
    ----------
    points : iterable of mapping
        ``{"cell": "gru", "n": 32, "seed": 0}``; see `product_points`.
    experiment : str, function or Experiment
        "learning", the name of an analysis, or a function of a module: point → numbers by name, or a dataset.
    out : path
        A folder: records, and ``results.nc``, the dataset.
    shard : (int, int) or str, optional
        ``(1, 4)`` or ``"1/4"``: measure the first of four shares of the points. Shares may have one folder.
    merge : sequence of path
        Folders of other sweeps, whose records are copied first.
    any_code : bool
        Take records that other versions of the code have made, too.
    workers : int, optional
        Processes; by default as many as there may be threads.
    progress : callable, optional
        ``progress(fraction, text)``, with the time that is left in the text.

    Returns
    -------
    xarray.Dataset
        Axes of the points as dimensions; ``outcome`` says of each point whether it was "measured", "refused" (for the
        reason in ``reason``), a "fault" or is "missing".

    Raises
    ------
    ArgumentError
        For points or an experiment that cannot be used.
    DataError
        If the folder cannot be written.

    Warns
    -----
    SweepWarning
        For records that are not believed: they are made anew.
    """
    plan = Plan.of(read_points(points), find_experiment(experiment), Store(Path(expect_path("out", out))), any_code)
    plan.store.require_writable()
    for folder in merge:
        plan.store.take(Store(Path(expect_path("merge", folder))))
    plan.look()
    plan.make(read_shard(shard), workers, progress)
    data = plan.results()
    write_atomically(plan.store.folder / "results.nc", netcdf(data))
    return data


@dataclass
class Plan:
    """A sweep: what is asked, and what is there.

    Attributes
    ----------
    points : tuple of dict
    experiment : Experiment
    store : Store
    any_code : bool
    keys : list of Key
        Of the records of the points.
    found : dict of str to Outcome
        Outcomes that are there, by what was asked.
    """

    points: tuple[dict[str, Any], ...]
    experiment: Experiment
    store: Store
    any_code: bool
    keys: list[Key]
    found: dict[str, Outcome] = field(default_factory=dict)

    @classmethod
    def of(cls, points: tuple[dict[str, Any], ...], experiment: Experiment, store: Store, any_code: bool) -> Plan:
        """The plan of a sweep that nothing is known of."""
        return cls(points, experiment, store, any_code, [experiment.key(point) for point in points])

    def look(self) -> None:
        """Find what the store has; tell of records that are not believed, and of those of other code."""
        for key in self.keys:
            outcome = self.store.read(key, self.any_code)
            if outcome is not None:
                self.found[key.asked] = outcome
        self._tell_doubts()

    def _tell_doubts(self) -> None:
        if doubted := self.store.doubted:
            number = "one record is" if len(doubted) == 1 else f"{len(doubted)} records are"
            warnings.warn(f"{number} not believed, and made anew: {doubted[0]}", SweepWarning, stacklevel=4)
            self.store.doubted = []
        other = sum(key.asked not in self.found and self.store.has_other_code(key) for key in self.keys)
        if other:
            warnings.warn(
                f"{other} points were measured by another version of the code, and are measured anew: stop, and give "
                "any_code (--any-code), to take what is there.",
                SweepWarning, stacklevel=4,
            )  # fmt: skip

    def jobs(self, shard: tuple[int, int]) -> list[Job]:
        """Runs that are to be made, of a share of all points, in an order that no axis decides.

        So shares take about as long as each other, and the first runs tell how long the others take.
        """
        number, count = shard
        order = sorted(zip(self.keys, self.points), key=lambda pair: pair[0].asked)[number - 1 :: count]
        resumes = self.experiment.resumes
        return [
            Job(point, key, self.store.unfinished(key) if resumes else None)
            for key, point in order
            if self._is_wanted(key)
        ]

    def _is_wanted(self, key: Key) -> bool:
        """Whether a point is to be measured: a refusal stays one, a fault is tried anew."""
        return key.asked not in self.found or self.found[key.asked].status == "fault"

    def make(self, shard: tuple[int, int], workers: int | None, tell: Tell | None) -> None:
        """Make the runs of a share."""
        jobs = self.jobs(shard)
        estimate = Estimate(sum(self.experiment.weight(job.point) for job in jobs))
        failed = 0
        for done, (job, outcome) in enumerate(self._outcomes(jobs, workers), start=1):
            self.store.write(self.experiment, job.point, job.key, outcome)
            self.found[job.key.asked] = self.store.read(job.key) or outcome  # as the next call will have it
            failed += outcome.status != "measured"
            estimate.add(self.experiment.weight(job.point))
            if tell is not None:
                tell(estimate.fraction, _line(done, len(jobs), failed, estimate))

    def _outcomes(self, jobs: Sequence[Job], workers: int | None) -> Iterator[tuple[Job, Outcome]]:
        if self.experiment.resumes and jobs:
            self.store.unfinished(jobs[0].key).parent.mkdir(parents=True, exist_ok=True)
        return run_here(self.experiment, jobs, workers)

    def results(self) -> xr.Dataset:
        """All that is there as one dataset."""
        return join_outcomes(self.experiment, self.points, [self.found.get(key.asked) for key in self.keys])


def read_shard(given: tuple[int, int] | str | None) -> tuple[int, int]:
    """A share: its number, and how many there are.

    Raises
    ------
    ArgumentError
        For what is no share.
    """
    if given is None:
        return 1, 1
    if isinstance(given, str) and re.fullmatch(r"[0-9]{1,9}/[0-9]{1,9}", given):
        number, count = map(int, given.split("/"))
    elif isinstance(given, tuple) and len(given) == 2:
        number, count = expect_whole("shard", given[0]), expect_whole("shard", given[1])
    else:
        raise ArgumentError(f"shard is {shown(given)}: give I/K, such as 1/4 for the first of four shares.")
    if not 1 <= number <= count:
        raise ArgumentError(f"shard {number}/{count}: shares count from 1 to {count}; give one of them.")
    return number, count


def _line(done: int, count: int, failed: int, estimate: Estimate) -> str:
    parts = [f"{done} of {count} runs"]
    parts += [f"{failed} without a result"] if failed else []
    parts += [estimate.words] if estimate.words else []
    return ", ".join(parts)


__all__ = ["Plan", "Tell", "read_shard", "run"]
