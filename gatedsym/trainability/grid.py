"""A file that says which networks are to be trained how → the runs of a study, fixed before any is made.

dead = -6.0                                    # log10 of the gradient below which it is called dead
[settings]
"gru 1" = { cell = "gru", retention = 1.0 }    # cell, scheme, retention, n, layers
[tasks]
"recall 50" = { task = "recall", T = 50 }      # a task and its options
[[panels]]                                     # the product of its lists
name = "rates"
settings = ["gru 1"]
tasks = ["recall 50"]
rates = [2e-3, 1e-2]
seeds = 5
again = { updates = 10000, rates = [2e-3], seeds = 2 }    # what failed, once more for longer
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from gatedsym.errors import ArgumentError, DataError
from gatedsym.expect import shown
from gatedsym.files.read import decode, read_bytes
from gatedsym.trainability.point import Run, Start

LARGEST = 1 << 20
"""Bytes of a file of a grid."""
_SETTING = ("cell", "equations", "scheme", "retention", "n", "layers")
_SHARED = ("dead", "n", "clip", "updates")
_PANEL = ("name", "settings", "tasks", "rates", "seeds", "clip", "freeze", "samples", "updates", "target", "again")


@dataclass(frozen=True)
class Planned:
    """A run with its place in the study.

    Attributes
    ----------
    panel, setting, task : str
        Names of the grid.
    run : Run
    again : int
        Updates of the longer run that is made where this one fails; 0 for none.
    """

    panel: str
    setting: str
    task: str
    run: Run
    again: int = 0

    @property
    def longer(self) -> Planned:
        """The longer run."""
        return replace(self, panel=f"{self.panel}, again", run=replace(self.run, updates=self.again), again=0)


@dataclass(frozen=True)
class Grid:
    """Runs of a study.

    Attributes
    ----------
    dead : float
        log10 of the gradient below which it is called dead.
    planned : tuple of Planned
        First seeds first, and within a seed in an order that no setting leads: a study that is cut short is balanced.
    """

    dead: float
    planned: tuple[Planned, ...]

    @property
    def starts(self) -> tuple[Start, ...]:
        """Every network before training, once."""
        return tuple({repr(p.run.start): p.run.start for p in self.planned}.values())

    @property
    def digest(self) -> str:
        """SHA-256 of everything that is planned."""
        said = [self.dead, [asdict(p) for p in self.planned]]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def read_tables(path: str | Path) -> dict[str, Any]:
    """The tables of a file of a grid.

    Raises
    ------
    DataError
        If it is no TOML, or no grid, in a sentence that names the entry.
    """
    try:
        tables = tomllib.loads(decode(str(path), read_bytes(path, LARGEST, "a grid is a page of text.")))
        grid_of(tables)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path} is no TOML ({error}): write it as derivations/docs/trainability.md shows.") from error
    except ArgumentError as error:
        raise DataError(f"{path}: {error}") from error
    return tables


def read_grid(path: str | Path) -> Grid:
    """The grid of a file; raises DataError as `read_tables` does."""
    return grid_of(read_tables(path))


def grid_of(tables: Mapping[str, Any]) -> Grid:
    """The grid of tables, as a file has them.

    Raises
    ------
    ArgumentError
        For an entry that is unknown, or missing, or of another kind.
    """
    _require_names("the grid", tables, (*_SHARED, "settings", "tasks", "panels"))
    panels = tables.get("panels")
    if not isinstance(panels, list) or not panels:
        raise ArgumentError("a grid has no [[panels]]: write one, with settings, tasks and rates.")
    found: dict[str, Planned] = {}
    for panel in panels:
        for planned in _runs_of(tables, panel):
            found.setdefault(repr((planned.panel, planned.run)), planned)
    return Grid(_number(tables, "dead", -6.0), tuple(sorted(found.values(), key=_order)))


def _order(planned: Planned) -> tuple[int, str]:
    said = json.dumps(asdict(planned.run), sort_keys=True)
    return planned.run.seed, hashlib.sha256(said.encode()).hexdigest()


def _runs_of(tables: Mapping[str, Any], panel: Mapping[str, Any]) -> Iterator[Planned]:
    """The runs of one panel."""
    _require_names("a panel", panel, _PANEL)
    missing = [name for name in ("name", "settings", "tasks", "rates") if name not in panel]
    if missing:
        raise ArgumentError(f"a panel of the grid has no {missing[0]}: give it one.")
    again = panel.get("again", {})
    _require_names("again", again, ("updates", "rates", "seeds"))
    shared = {
        "updates": int(_number(panel, "updates", _number(tables, "updates", 2500))),
        "target": panel.get("target"),
    }
    clips = _several(panel, "clip", tables.get("clip", "norm 1"))
    lists = (
        _several(panel, "settings"), _several(panel, "tasks"), _several(panel, "rates"), clips,
        _several(panel, "freeze", ""), _several(panel, "samples", 0), range(int(_number(panel, "seeds", 1))),
    )  # fmt: skip
    for setting, task, rate, clip, freeze, samples, seed in product(*lists):
        network = _named(tables, "settings", setting)
        _require_names(f"the setting {setting}", network, _SETTING)
        options = dict(_named(tables, "tasks", task))
        name = options.pop("task", None)
        if not isinstance(name, str):
            raise ArgumentError(f'the task {shown(task)} of the grid names none: write task = "recall".')
        given: dict[str, Any] = {"n": tables.get("n", 32), **network, **shared}
        run = Run(**given, task=name, options=options, seed=seed, rate=rate, clip=clip, freeze=freeze, samples=samples)
        longer = again and rate in again.get("rates", [rate]) and seed < again.get("seeds", seed + 1)
        yield Planned(str(panel["name"]), setting, task, run, int(_number(again, "updates", 0)) if longer else 0)


def _named(tables: Mapping[str, Any], kind: str, name: Any) -> Mapping[str, Any]:
    known = tables.get(kind, {})
    if not isinstance(known, Mapping) or name not in known or not isinstance(known[name], Mapping):
        raise ArgumentError(f"a panel of the grid names {shown(name)}, which [{kind}] does not tell: add a line there.")
    found: Mapping[str, Any] = known[name]
    return found


def _several(table: Mapping[str, Any], name: str, default: Any = None) -> Sequence[Any]:
    value = table.get(name, default)
    found = value if isinstance(value, list) else [value]
    if not found:
        raise ArgumentError(f"{name} is an empty list in the grid: name at least one, or leave it out.")
    return found


def _number(table: Mapping[str, Any], name: str, default: float) -> float:
    value = table.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ArgumentError(f"{name} = {shown(value)} in the grid: write a number.")
    return float(value)


def _require_names(what: str, table: Any, known: Sequence[str]) -> None:
    if not isinstance(table, Mapping):
        raise ArgumentError(f"{what} is {shown(table)}: write a table.")
    strange = sorted(set(table) - set(known))
    if strange:
        raise ArgumentError(f"{what} has {shown(strange[0])}: choose from {', '.join(known)}.")


__all__ = ["Grid", "Planned", "grid_of", "read_grid", "read_tables"]
