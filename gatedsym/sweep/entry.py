"""Experiments: a function that measures a point → an entry that a sweep can run, and the key of what it gives."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

import xarray as xr

from gatedsym.files.fingerprint import PACKAGE, fingerprint
from gatedsym.sweep.points import Point, canonical, digest

Measured: TypeAlias = "Mapping[str, Any] | xr.Dataset"
"""Numbers, texts and arrays by name; or a dataset, whose own dimensions stand beside the axes of the grid."""
Measure = TypeVar("Measure", bound=Callable[..., Any])


@dataclass(frozen=True)
class Behind:
    """All that a result depends on beside its point and the code of its experiment.

    Attributes
    ----------
    texts : mapping of str to str
        What the point's words stand for: the equations of a cell, the digest of a file.
    modules : tuple of str
        Modules that the experiment reaches by computed names: that of a task.

    Examples
    --------
    >>> import gatedsym as gs
    >>> def equations(point):
    ...     return gs.sweep.Behind({"cell": gs.cell(point["cell"]).source})
    >>> @gs.sweep.experiment(behind=equations)
    ... def numbers(point):
    ...     return {"parameters": gs.cell(point["cell"]).shapes(m=2, n=3)["b"][0]}
    >>> sorted(numbers.experiment.behind({"cell": "rnn"}).texts)
    ['cell']
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    modules: tuple[str, ...] = ()


def _nothing(point: Point) -> Behind:
    return Behind()


def _one(point: Point) -> float:
    return 1.0


class Key(NamedTuple):
    """Key of a record: what was asked, and which code answers."""

    asked: str
    code: str


@dataclass(frozen=True)
class Experiment:
    """A function that measures a point.

    Attributes
    ----------
    name : str
    measure : callable
        ``measure(point)``; of one that `resumes`, ``measure(point, checkpoint)``, where a file that it writes now and
        then lets a killed run go on, or ``checkpoint`` is None.
    behind : callable
        All that a result depends on beside the point.
    weight : callable
        About how much work a point is, in any unit: remaining time is estimated by it.
    labelled : mapping of str to callable
        Axes that a result has as dimensions of its own, and the label there of a point's value.
    finish : callable, optional
        Makes means anew in a dataset that was joined from several points.
    resumes : bool
    axes : tuple of str
        All that its points may have; () for any.
    check : callable, optional
        Raises ArgumentError for a point with a value that is none of its axis, without measuring anything.

    Examples
    --------
    >>> import gatedsym as gs
    >>> found = gs.sweep.experiments()["learning"]
    >>> found.name, found.resumes, found.axes[:4]
    ('learning', True, ('cell', 'n', 'layers', 'init'))
    >>> point = {"cell": "rnn", "n": 4, "task": "adding", "T": 5, "updates": 2}
    >>> found.key(point) == found.key(point | {"n": 8})
    False
    """

    name: str
    measure: Callable[..., Measured]
    behind: Callable[[Point], Behind] = _nothing
    weight: Callable[[Point], float] = _one
    labelled: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    finish: Callable[[xr.Dataset], xr.Dataset] | None = None
    resumes: bool = False
    axes: tuple[str, ...] = ()
    check: Callable[[Point], None] | None = None

    def key(self, point: Point) -> Key:
        """The key under which the result of `point` is kept."""
        behind = self.behind(point)
        asked = digest(canonical({"experiment": self.name, "point": dict(point), "behind": dict(behind.texts)}))
        return Key(asked, self._code(behind.modules))

    def _code(self, modules: tuple[str, ...]) -> str:
        function = inspect.unwrap(getattr(self.measure, "func", self.measure))  # func: of a partial
        home = str(function.__module__)
        if home.partition(".")[0] == PACKAGE:
            return fingerprint(home, *sorted(modules))
        return hashlib.sha256((_whole_package() + _source_of(home)).encode()).hexdigest()


def experiment(
    *,
    name: str = "",
    behind: Callable[[Point], Behind] = _nothing,
    weight: Callable[[Point], float] = _one,
    resumes: bool = False,
) -> Callable[[Measure], Measure]:
    """Make an experiment of a function of a module.

    Parameters
    ----------
    name : str
        By default the function's.
    behind : callable
        From a point to `Behind`: all that a result depends on beside the point.
    weight : callable
        From a point to about how much work it is, in any unit: remaining time is estimated by it.
    resumes : bool
        Whether the function takes a checkpoint, a path, from which a killed run goes on.

    Returns
    -------
    callable
        A decorator, which leaves the function as it is.

    Examples
    --------
    >>> import gatedsym as gs
    >>> @gs.sweep.experiment(weight=lambda point: point["n"])
    ... def half(point):
    ...     return {"half": point["n"] / 2}
    >>> half.experiment.name
    'half'
    """

    def entered(function: Measure) -> Measure:
        own = Experiment(name or function.__name__, function, behind, weight, resumes=resumes)
        function.experiment = own  # type: ignore[attr-defined]
        return function

    return entered


@cache
def _whole_package() -> str:
    """A fingerprint of everything: nobody can say what a function of a person's own uses."""
    from gatedsym.files.fingerprint import Sources

    return fingerprint(*sorted(Sources.of_package().modules))


def _source_of(module: str) -> str:
    """The text of a module outside the package; "" where there is none, as at a prompt."""
    file = getattr(sys.modules.get(module), "__file__", None)
    return Path(file).read_text("utf-8", "replace") if file and Path(file).is_file() else ""


__all__ = ["Behind", "Experiment", "Key", "Measured", "experiment"]
