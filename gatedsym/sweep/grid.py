"""A table of axes, typed in a TOML file or in Python → an experiment, and the points that every combination makes.

experiment = "learning"
cell = ["gru", "lstm", "mine.txt"]              # names, layers (lstm+gru), files with equations
retention = [0.0, 1.0]                          # of cells that have such a gate; others take part once
task = ["adding", { name = "recall", lags = "uniform" }]
T = [50, 100]
n = 32                                          # one value
seeds = 5                                       # 0, 1, …, 4; or a list of seeds

[[grid]]                                        # further tables share what stands above: each is a grid,
rate = [5e-4, 2e-3]                             # and the sweep has the points of all of them
updates = 2500
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gatedsym.composition.named import read_cell as named_cell
from gatedsym.errors import ArgumentError, DataError, GatedsymError
from gatedsym.expect import expect_mapping, expect_path, is_whole, shown
from gatedsym.files.read import MIB, decode, read_bytes
from gatedsym.library import load as library
from gatedsym.sweep.cells import read_cell
from gatedsym.sweep.entry import Experiment
from gatedsym.sweep.points import Point, canonical, product_points, read_points
from gatedsym.sweep.registry import find_experiment

LARGEST = 1_000_000
"""Points of a grid."""
_TABLES = "grid"


@dataclass(frozen=True)
class Grid:
    """A sweep that is asked for.

    Attributes
    ----------
    experiment : Experiment
    points : tuple of dict
    """

    experiment: Experiment
    points: tuple[dict[str, Any], ...]


def read_grid(given: Any, experiment: Any = None) -> Grid:
    """A grid from a TOML file, a mapping as such a file holds it, or points.

    Parameters
    ----------
    given : path, mapping or iterable of mapping
    experiment : str, function or Experiment, optional
        Of points, or of a grid that names none.

    Raises
    ------
    ArgumentError
        For names and values that the experiment does not know: the message lists those it knows.
    DataError
        If the file cannot be read, or is no TOML.
    """
    if isinstance(given, str | Path):
        path = expect_path("grid", given)
        try:
            return _expanded(_read_toml(path), experiment, path.parent)
        except ArgumentError as error:
            raise ArgumentError(f"{path}: {error}") from None
    if isinstance(given, Mapping):
        return _expanded(given, experiment, Path())
    if experiment is None:
        raise ArgumentError('experiment is missing: give "learning", the name of an analysis, or a function.')
    return Grid(find_experiment(experiment), read_points(given))


def _read_toml(path: Path) -> dict[str, Any]:
    text = decode(path, read_bytes(path, MIB, "a grid is shorter.", "give the path of a grid, a TOML file."))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path} is not TOML ({error}): write name = value on each line.") from None


def _expanded(table: Mapping[str, Any], experiment: Any, folder: Path) -> Grid:
    """The points of a table, and of the tables in it."""
    shared = dict(expect_mapping("grid", table, "names of axes to values"))
    named, tables = shared.pop("experiment", experiment), shared.pop(_TABLES, [{}])
    if named is None:
        raise ArgumentError('the grid names no experiment: write experiment = "learning", or the name of an analysis.')
    chosen = find_experiment(named)
    if not isinstance(tables, list) or not all(isinstance(one, Mapping) for one in tables):
        raise ArgumentError(f"{_TABLES} must be tables: write [[{_TABLES}]] above each.")
    points: list[dict[str, Any]] = []
    for one in tables:
        points += _points({**shared, **one}, chosen, folder)
        _require_size(len(points))
    return Grid(chosen, read_points(points))


def _points(axes: Mapping[str, Any], experiment: Experiment, folder: Path) -> Iterator[dict[str, Any]]:
    """Every combination of one table, checked; a cell without a gate that retains takes part once."""
    values = {_axis(name): list(_values(name, value, folder)) for name, value in axes.items()}
    if len(values) < len(axes):
        raise ArgumentError("seed and seeds are the same axis: give one of them.")
    if experiment.axes:
        _require_known(values, experiment)
    _require_size(math.prod(map(len, values.values())))
    for point in product_points(**values):
        if point.get("retention") is not None and "cell" in point and not _can_retain(canonical(point["cell"])):
            point["retention"] = None
        yield point


def _require_size(points: int) -> None:
    if points > LARGEST:
        raise ArgumentError(f"the grid has {points:,} points, and at most {LARGEST:,} are taken: leave values out.")


def _axis(name: str) -> str:
    return "seed" if name == "seeds" else name


def _values(name: str, given: Any, folder: Path) -> Iterable[Any]:
    """The values of an axis."""
    if name == "seeds" and is_whole(given):
        if given < 1:
            raise ArgumentError(f"seeds = {given}: give how many, 1 at least, or a list of seeds.")
        _require_size(given)
        return range(given)
    values = given if isinstance(given, list | tuple | range) else [given]
    _require_size(len(values))
    if not values:
        raise ArgumentError(f"{name} has no value: give one, or leave it out.")
    if name == "cell":
        return [_cell(value, folder) for value in values]
    if name == "input":
        return [_place(value, folder) for value in values]
    if name == "task":
        return [{**v, "path": _place(v["path"], folder)} if isinstance(v, dict) and "path" in v else v for v in values]
    if name == "retention":
        return [None if value == "none" else value for value in values]
    return values


def _place(given: Any, folder: Path) -> Any:
    """A file beside the grid, where there is one of that name; else the word itself."""
    if isinstance(given, str) and Path(given).suffix and (folder / given).is_file():
        return str(folder / given)
    return given


def _cell(given: Any, folder: Path) -> Any:
    """A cell as points have it: files with equations are read here, and stand in the points as text."""
    if not isinstance(given, str) or given in library.names():
        return given
    try:
        found = named_cell(given, folder)
    except GatedsymError as error:
        raise ArgumentError(f"cell {given}: {error}") from None
    if all(layer.strip() in library.names() for layer in given.split("+")):
        return given
    return {"label": found.name, "equations": found.source}


@cache
def _can_retain(cell: str) -> bool:
    return bool(read_cell(json.loads(cell)).can_retain)


def _require_known(values: Mapping[str, Any], experiment: Experiment) -> None:
    for axis in values:
        if axis not in experiment.axes:
            raise ArgumentError(f"{experiment.name} has no {shown(axis)}: choose from {', '.join(experiment.axes)}.")


def check_points(experiment: Experiment, points: Iterable[Point]) -> None:
    """Have the experiment look at every value once, before anything is measured.

    Raises
    ------
    ArgumentError
        For a value that no point can have.
    """
    if experiment.check is not None:
        for point in points:
            experiment.check(point)


__all__ = ["Grid", "check_points", "read_grid"]
