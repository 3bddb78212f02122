"""A grid and a folder → the records of its runs, each made once, in an order that leaves a balanced study at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr

from gatedsym.sweep.experiment import Experiment
from gatedsym.sweep.points import read_points
from gatedsym.sweep.run import Plan
from gatedsym.sweep.store import Store
from gatedsym.trainability.experiments import TRAINED, UNTRAINED
from gatedsym.trainability.grid import Grid, Planned
from gatedsym.trainability.point import Start, point_of

Tell = Callable[[float, str], object]
"""Told the finished fraction, and a line on how it goes."""


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
        """Make all runs that are not there: networks before training, then seed by seed, then failed ones for longer."""
        rounds = list(self._rounds())
        for number, (what, experiment, starts) in enumerate(rounds):
            plan = self._plan(experiment, starts())
            plan.store.require_writable()
            plan.look()
            plan.make((1, 1), workers, None if tell is None else _of_round(tell, number, len(rounds), what))
            self._take(plan)

    def look(self) -> None:
        """Take what is there, and make nothing."""
        for _, experiment, starts in self._rounds():
            plan = self._plan(experiment, starts())
            plan.look()
            self._take(plan)

    def _rounds(self) -> Iterator[tuple[str, Experiment, Callable[[], list[Start]]]]:
        planned = self.grid.planned
        yield "networks before training", UNTRAINED, lambda: list(self.grid.starts)
        for seed in dict.fromkeys(p.run.seed for p in planned):
            yield f"seed {seed}", TRAINED, lambda seed=seed: [p.run for p in planned if p.run.seed == seed]  # type: ignore[misc]
        if any(p.again for p in planned):
            yield "failed runs for longer", TRAINED, lambda: [p.run for p in self.longer]

    @property
    def longer(self) -> list[Planned]:
        """Longer runs of those that have failed."""
        failed = (
            p for p in self.grid.planned if p.again and (r := self.record(p)) is not None and r["ended"] != "learnt"
        )
        return [p.longer for p in failed]

    def record(self, planned: Planned) -> xr.Dataset | None:
        """What came of a run; None where it was not made."""
        return self._found.get(_name(TRAINED, planned.run))

    def untrained(self, start: Start) -> xr.Dataset | None:
        """What was measured before training."""
        return self._found.get(_name(UNTRAINED, start))

    def _plan(self, experiment: Experiment, starts: Iterable[Start]) -> Plan:
        points = read_points([point_of(start) for start in starts]) if starts else ()
        return Plan.of(points, experiment, Store(self.folder), self.any_code)

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


def _of_round(tell: Tell, number: int, rounds: int, what: str) -> Tell:
    return lambda fraction, text: tell((number + fraction) / rounds, f"{what}: {text}")


__all__ = ["Study"]
