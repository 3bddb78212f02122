"""A grid and a folder → the records of its runs, each made once; cut short, a balanced study of fewer seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import xarray as xr

from gatedsym.sweep.entry import Experiment
from gatedsym.sweep.points import read_points
from gatedsym.sweep.running import Plan, choose_runner
from gatedsym.trainability.experiments import TRAINED, UNTRAINED, seconds_of
from gatedsym.trainability.grid import Grid, Planned
from gatedsym.trainability.point import Start, point_of

Tell = Callable[[float, str], object]
"""Told the finished fraction, and a line on how it goes."""

_BEFORE = 0.2
"""CPU seconds of what is measured before training, about."""


@dataclass
class Study:
    """A grid, and the folder that keeps what was made of it.

    Attributes
    ----------
    grid : Grid
    folder : Path
        A store of `gatedsym.sweep`.
    any_code : bool
        Whether records of other versions of the code count.
    """

    grid: Grid
    folder: Path
    any_code: bool = False
    _found: dict[str, xr.Dataset] = field(default_factory=dict)

    def make(self, tell: Tell | None = None, workers: int | None = None) -> None:
        """Make the runs that are not there: networks before training, seed by seed, then failed ones for longer."""
        rounds = list(self._rounds())
        whole, done = sum(weight for *_, weight in rounds), 0.0
        for what, experiment, starts, weight in rounds:
            plan = self._plan(experiment, starts())
            if plan is None:
                continue
            own = None if tell is None else _of_round(tell, done / whole, weight / whole, what)
            plan.make((1, 1), choose_runner(experiment, workers, None), own)
            self._take(plan)
            done += weight

    def look(self) -> None:
        """Take what is there, and make nothing."""
        for _, experiment, starts, _ in self._rounds():
            plan = self._plan(experiment, starts())
            if plan is not None:
                self._take(plan)

    def _rounds(self) -> Iterator[tuple[str, Experiment, Callable[[], Sequence[Start]], float]]:
        """Rounds that are made one after the other: a name, how, of what, and about how much work it is."""
        planned, before = self.grid.planned, self.grid.starts
        yield "networks before training", UNTRAINED, lambda: before, _BEFORE * len(before)
        for seed in dict.fromkeys(p.run.seed for p in planned):
            runs = [p.run for p in planned if p.run.seed == seed]
            yield f"seed {seed}", TRAINED, partial(list, runs), sum(seconds_of(point_of(run)) for run in runs)
        again = [p.longer.run for p in planned if p.again]
        if again:
            seconds = sum(seconds_of(point_of(run)) for run in again) / 2
            yield "failed runs for longer", TRAINED, lambda: [p.run for p in self.longer], seconds

    @property
    def longer(self) -> list[Planned]:
        """Longer runs of those that have failed."""
        failed = (
            p for p in self.grid.planned if p.again and (r := self.record(p)) is not None and r["ended"] != "learnt"
        )
        return [p.longer for p in failed]

    def record(self, planned: Planned) -> xr.Dataset | None:
        """The record of a run; None where it was not made."""
        return self._found.get(_name(TRAINED, planned.run))

    def untrained(self, start: Start) -> xr.Dataset | None:
        """The record of a network before training; None where it was not made."""
        return self._found.get(_name(UNTRAINED, start))

    def _plan(self, experiment: Experiment, starts: Sequence[Start]) -> Plan | None:
        """The sweep over some networks, after a look at what is there; None where there are none."""
        points = [point_of(start) for start in starts]
        return Plan.of(points, experiment, self.folder, (), self.any_code) if points else None

    def _take(self, plan: Plan) -> None:
        for point, key in zip(plan.points, plan.keys):
            outcome = plan.found.get(key.asked)
            if outcome is not None and outcome.data is not None:
                self._found[_name_of_point(plan.experiment, point)] = outcome.data


def _name(experiment: Experiment, start: Start) -> str:
    return _name_of_point(experiment, read_points([point_of(start)])[0])


def _name_of_point(experiment: Experiment, point: Mapping[str, Any]) -> str:
    from gatedsym.sweep.points import canonical

    return f"{experiment.name} {canonical(point)}"


def _of_round(tell: Tell, done: float, share: float, what: str) -> Tell:
    """Told of a part, tells of the whole; of what is left in the part it says nothing."""
    return lambda fraction, text: tell(done + share * fraction, f"{what}: {text.partition(', about')[0]}")


__all__ = ["Study"]
