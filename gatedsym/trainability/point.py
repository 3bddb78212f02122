"""A point of a grid → the network and the task that it names.

A point is a mapping that JSON can hold, complete in itself: what stands in it decides every bit of a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from gatedsym.cells import Cell
from gatedsym.cells import cell as library_cell
from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.learning.batches import Batch
from gatedsym.learning.network import Network
from gatedsym.learning.registry import find_task
from gatedsym.learning.task import Task


@dataclass(frozen=True)
class Start:
    """A network before training, and the task that it is to learn.

    Attributes
    ----------
    cell : str
        Its name; of the library where `equations` is empty.
    task : str
        Of a function in ``gs.tasks``.
    options : mapping
        Of the task.
    equations : str
        Of a cell that a person typed.
    scheme : str
        Of the initial parameters.
    retention : float or "chrono", optional
        Bias of the gates that retain the state.
    n, layers, seed : int
        The seed is that of the initial parameters and of the batches.
    """

    cell: str
    task: str
    options: Mapping[str, Any] = field(default_factory=dict)
    equations: str = ""
    scheme: str = "uniform"
    retention: float | str | None = None
    n: int = 32
    layers: int = 1
    seed: int = 0

    def make_task(self) -> Task:
        """The task."""
        found: Task = find_task(self.task)(**{name: _settled(value) for name, value in self.options.items()})
        return found

    def make_network(self, task: Task) -> Network:
        """The network, with its initial parameters."""
        cell = Cell(self.equations, self.cell) if self.equations else library_cell(self.cell)
        return Network(
            cell, task, n=self.n, layers=self.layers, retention=self.retention, scheme=self.scheme, seed=self.seed
        )


@dataclass(frozen=True)
class Run(Start):
    """A network and the recipe by which it is trained.

    Attributes
    ----------
    rate : float
        Of Adam; batches of 32.
    clip : str
        "norm 1", "value 0.1", or "" for none.
    freeze : str
        Parameters that do not move, by pattern.
    updates : int
        At most.
    target : float, optional
        The held-out loss below which a network has learnt its task, and training ends; by default a tenth of the task's
        baseline.
    samples : int
        Sequences of training, read over and over; 0 where none is read twice.
    """

    rate: float = 2e-3
    clip: str = "norm 1"
    freeze: str = ""
    updates: int = 2500
    target: float | None = None
    samples: int = 0

    def make_training(self) -> Task:
        """The task, with as many sequences of training as there are to be."""
        task = self.make_task()
        own = {one.name: getattr(task, one.name) for one in fields(task)}
        return _FewSequences(**own, samples=self.samples) if self.samples else task

    @property
    def start(self) -> Start:
        """The network before training."""
        return Start(**{name: getattr(self, name) for name in Start.__dataclass_fields__})


@dataclass(frozen=True)
class _FewSequences(Task):
    """A task whose batches of training come round again."""

    samples: int = 0

    def batch(
        self, number: int, count: int = 32, *, seed: int = 0, held_out: bool = False, dtype: str = "float32"
    ) -> Batch:
        """A batch; of training, one of the first ``samples // count``."""
        own = number if held_out else number % max(1, self.samples // count)
        return super().batch(own, count, seed=seed, held_out=held_out, dtype=dtype)


def read_start(point: Mapping[str, Any]) -> Start:
    """A network and a task from a point; raises ArgumentError for a name that neither has."""
    return Start(**_known(point, Start))


def read_run(point: Mapping[str, Any]) -> Run:
    """A run from a point; raises ArgumentError for a name that it has not."""
    return Run(**_known(point, Run))


def point_of(given: Start) -> dict[str, Any]:
    """The point, complete, with the defaults of what was left out."""
    return asdict(given)


def _known(point: Mapping[str, Any], kind: type[Start]) -> dict[str, Any]:
    names = kind.__dataclass_fields__
    strange = sorted(set(point) - set(names))
    if strange:
        raise ArgumentError(f"a point has {shown(strange[0])}: choose from {', '.join(names)}.")
    missing = [name for name in ("cell", "task") if name not in point]
    if missing:
        raise ArgumentError(f"a point has no {missing[0]}: name one.")
    return dict(point)


def _settled(value: Any) -> Any:
    """A value of a task's option as Python takes it: of a list a tuple."""
    return tuple(value) if isinstance(value, list) else value


__all__ = ["Run", "Start", "point_of", "read_run", "read_start"]
