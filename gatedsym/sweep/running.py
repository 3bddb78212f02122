"""Points and an experiment → records in a store, each made once, and all of them as one labelled dataset."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import xarray as xr

from gatedsym.errors import ArgumentError, SweepWarning
from gatedsym.expect import expect_path, expect_several, expect_text, expect_whole, shown
from gatedsym.files.netcdf import netcdf
from gatedsym.files.write import write_atomically
from gatedsym.sweep.entry import Experiment, Key
from gatedsym.sweep.grid import check_points, read_grid
from gatedsym.sweep.local import run_here
from gatedsym.sweep.measure import Job
from gatedsym.sweep.record import Outcome
from gatedsym.sweep.results import join_outcomes
from gatedsym.sweep.store import Store

Tell = Callable[[float, str], object]
"""Told the finished fraction of what is to be made, and a line on how it goes."""
Runner = Callable[[Sequence[Job]], Iterator[tuple[Job, Outcome]]]
"""Makes runs, and gives the outcomes as they come."""
FEW = 3
"""Records from which on the time of others can be told."""


def run(
    grid: Any,
    experiment: Any = None,
    *,
    out: Any = "sweep",
    shard: tuple[int, int] | str | None = None,
    scheduler: str | None = None,
    merge: Iterable[Any] = (),
    any_code: bool = False,
    workers: int | None = None,
    progress: Tell | None = None,
) -> xr.Dataset:
    """Measure every point that the store in `out` has no record of, and join the records to one dataset.

    Parameters
    ----------
    grid : path, mapping or iterable of mapping
        A TOML file, or what such a file holds (`gatedsym.sweep.grid`); or points, ``{"cell": "gru", "seed": 0}``, such
        as `product_points` makes.
    experiment : str, function or Experiment, optional
        "learning", the name of an analysis, or a function of a module: point → numbers by name, or a dataset. A grid
        can name it itself.
    out : path
        A folder: records, and ``results.nc``, the dataset.
    shard : (int, int) or str, optional
        ``(1, 4)`` or ``"1/4"``: measure the first of four shares of the points. Shares may have one folder.
    scheduler : str, optional
        Address of the scheduler of a Dask cluster that is there, ``"tcp://host:8786"``: its workers measure, and this
        process keeps the records.
    merge : iterable of path
        Folders of other sweeps, whose records are copied first.
    any_code : bool
        Take records that other versions of the code have made, too.
    workers : int, optional
        Processes; by default as many as there may be threads.
    progress : callable, optional
        ``progress(fraction, text)``: the fraction is that of the work, so that the time until now tells the time left.

    Returns
    -------
    xarray.Dataset
        Axes of the points as dimensions; ``outcome`` says of each point whether it was "measured", "refused" (for the
        reason in ``reason``), a "fault" or is "missing".

    Raises
    ------
    ArgumentError
        For a grid or an experiment that cannot be used.
    DataError
        If a file cannot be read, or the folder cannot be written.
    ClusterError
        If no scheduler answers at the address, or it goes away.

    Warns
    -----
    SweepWarning
        For records that are not believed: they are made anew.

    Examples
    --------
    >>> import gatedsym as gs
    >>> points = gs.sweep.product_points(cell=["rnn", "gru"], n=4)
    >>> data = gs.sweep.run(points, "jacobian_sheet", out="study", workers=1)
    >>> data["parameters"].sel(cell="rnn").item()
    248
    """
    share = read_shard(shard)
    plan = Plan.of(grid, experiment, out, merge, any_code)
    plan.make(share, choose_runner(plan.experiment, workers, scheduler), progress)
    return plan.finish()


def choose_runner(experiment: Experiment, workers: int | None, scheduler: str | None) -> Runner:
    """The way in which runs are made: in processes of this machine, or by the workers of a cluster.

    Raises
    ------
    ArgumentError
        If both are asked for.
    """
    if scheduler is None:
        return partial(run_here, experiment, workers=None if workers is None else expect_whole("workers", workers))
    if workers is not None:
        raise ArgumentError("workers are those of this machine, and a scheduler has its own: give one of the two.")
    from gatedsym.sweep.cluster import run_on_cluster

    return partial(run_on_cluster, expect_text("scheduler", scheduler), experiment)


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
    def of(cls, grid: Any, experiment: Any, out: Any, merge: Iterable[Any], any_code: bool) -> Plan:
        """The plan of a sweep, after a look at what the store has; arguments as those of `run`."""
        read, store = read_grid(grid, experiment), Store(Path(expect_path("out", out)))
        check_points(read.experiment, read.points)
        keys = [read.experiment.key(point) for point in read.points]
        store.require_writable()
        for folder in expect_several("merge", merge, "folders of sweeps") if merge else ():
            store.take(Store(Path(expect_path("merge", folder))))
        plan = cls(read.points, read.experiment, store, any_code, keys)
        plan.look()
        return plan

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

    def seconds_left(self, shard: tuple[int, int]) -> float | None:
        """Seconds of one process that a share takes, by what the store's records took; None where it has too few."""
        took = self.store.seconds()
        known = [
            (self.experiment.weight(point), took[stem])
            for key, point in zip(self.keys, self.points)
            if key.asked in self.found and (stem := self.store.path(key).stem) in took
        ]
        if len(known) < FEW:
            return None
        rate = sum(seconds for _, seconds in known) / sum(weight for weight, _ in known)
        return rate * sum(self.experiment.weight(job.point) for job in self.jobs(shard))

    def _is_wanted(self, key: Key) -> bool:
        """Whether a point is to be measured: a refusal stays one, a fault is tried anew."""
        return key.asked not in self.found or self.found[key.asked].status == "fault"

    def make(self, shard: tuple[int, int], runner: Runner, tell: Tell | None) -> None:
        """Make the runs of a share."""
        jobs = self.jobs(shard)
        work = {job.key: self.experiment.weight(job.point) for job in jobs}
        finished, failed = 0.0, 0
        for done, (job, outcome) in enumerate(self._outcomes(jobs, runner), start=1):
            self.store.write(self.experiment, job.point, job.key, outcome)
            self.found[job.key.asked] = self.store.read(job.key) or outcome  # as the next call will have it
            finished += work[job.key]
            failed += outcome.status != "measured"
            if tell is not None:
                failures = f", {failed} without a result" if failed else ""
                tell(finished / sum(work.values()), f"{done} of {len(jobs)} runs{failures}")

    def _outcomes(self, jobs: Sequence[Job], runner: Runner) -> Iterator[tuple[Job, Outcome]]:
        if not jobs:
            return iter(())
        if self.experiment.resumes:
            self.store.unfinished(jobs[0].key).parent.mkdir(parents=True, exist_ok=True)
        return runner(jobs)

    def finish(self) -> xr.Dataset:
        """Write the dataset of all that is there, beside the records."""
        data = self.results()
        write_atomically(self.result_file, netcdf(data))
        return data

    @property
    def result_file(self) -> Path:
        """The file of the dataset."""
        return self.store.folder / "results.nc"

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


__all__ = ["Plan", "Runner", "Tell", "choose_runner", "read_shard", "run"]
