"""A folder of a study → whether its files follow from its runs, and some of its runs from the code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError, DataError
from gatedsym.files.read import decode, read_bytes
from gatedsym.trainability.experiments import seconds_of
from gatedsym.trainability.grid import Planned, grid_of
from gatedsym.trainability.page import RECORD, RUNS, study_files
from gatedsym.trainability.point import point_of
from gatedsym.trainability.table import read_runs, select
from gatedsym.trainability.training import train_point

Progress = Callable[[float, str], object]
SECONDS = 30.0
"""CPU seconds that runs which are made anew take together, about."""
MOST = 8
"""Of them."""
TOLERANCE = 1e-3
"""Two losses agree if they differ by no more, relatively: float32, on another processor."""
_LARGEST = 1 << 26


@dataclass(frozen=True)
class Remade:
    """A run that was made anew.

    Attributes
    ----------
    name : str
        Setting, task, rate and seed.
    agrees : bool
    detail : str
        Updates and losses, then and now.
    """

    name: str
    agrees: bool
    detail: str

    def line(self) -> str:
        """For the terminal."""
        return f"{'follows' if self.agrees else 'DOES NOT FOLLOW':16}{self.name}: {self.detail}"


@dataclass(frozen=True)
class StudyVerification:
    """Findings about the folder of a study.

    Attributes
    ----------
    remade : tuple of Remade
    changed : tuple of str
        Files that are missing or not as the code writes them from the runs.
    """

    remade: tuple[Remade, ...]
    changed: tuple[str, ...]

    @property
    def follows(self) -> bool:
        """Whether every file follows from the runs, and every run that was made anew agrees."""
        return bool(self.remade) and all(one.agrees for one in self.remade) and not self.changed


def verify_study(folder: Path, progress: Progress | None = None) -> StudyVerification:
    """Write every file anew from the runs and compare, and make the cheapest of the runs anew from nothing.

    Raises
    ------
    DataError
        If the folder holds no study that can be read.
    """
    record = _read_record(folder)
    data = read_runs(folder / RUNS)
    try:
        planned = grid_of(record["grid"]).planned
    except (ArgumentError, KeyError) as error:
        raise DataError(f"{folder / RECORD} has no grid ({error}): make the study anew.") from error
    chosen = _cheapest(data, planned)
    remade = []
    for number, one in enumerate(chosen):
        if progress is not None:
            progress(number / (len(chosen) + 1), f"{one.setting}, {one.task}")
        remade.append(_remade(data, one))
    return StudyVerification(tuple(remade), tuple(_changed(folder, data, record)))


def _read_record(folder: Path) -> Mapping[str, Any]:
    content = read_bytes(folder / RECORD, _LARGEST, "the record of a study is a page of text.")
    try:
        record = json.loads(decode(RECORD, content))
        if not isinstance(record, dict) or not isinstance(record.get("command"), str):
            raise ValueError("it is no record")
    except ValueError as error:
        raise DataError(f"{folder / RECORD} cannot be read ({error}): make the study anew.") from error
    return record


def _cheapest(data: xr.Dataset, planned: tuple[Planned, ...]) -> list[Planned]:
    """Runs that were made, the cheapest first, each of another setting, as many as fit into the time."""
    settings: dict[str, Planned] = {}
    for one in sorted(planned, key=lambda p: (seconds_of(point_of(p.run)), p.run.seed, p.task, p.run.rate)):
        if one.setting not in settings and _rows(data, one).sizes["run"]:
            settings[one.setting] = one
    chosen: list[Planned] = []
    for one in list(settings.values())[:MOST]:
        if not chosen or sum(seconds_of(point_of(p.run)) for p in [*chosen, one]) <= SECONDS:
            chosen.append(one)
    return chosen


def _rows(data: xr.Dataset, one: Planned) -> xr.Dataset:
    run = one.run
    return select(
        data, panel=one.panel, setting=one.setting, task=one.task, seed=run.seed, rate=run.rate,
        clip=run.clip or "none", freeze=run.freeze, samples=run.samples,
    )  # fmt: skip


def _remade(data: xr.Dataset, one: Planned) -> Remade:
    kept, made = _rows(data, one), train_point(point_of(one.run))
    then, now = float(kept["best_loss"].values[0]), float(made["best_loss"])
    updates = float(kept["updates_to_target"].values[0]), float(made["updates_to_target"])
    agrees = bool(np.isclose(then, now, rtol=TOLERANCE, atol=1e-6)) and bool(np.isclose(*updates, equal_nan=True))
    words = [f"learnt in {u:.0f} updates" if np.isfinite(u) else "not learnt" for u in updates]
    detail = f"{words[0]}, best loss {then:.6g} of the baseline; made anew: {words[1]}, {now:.6g}"
    return Remade(f"{one.setting}, {one.task}, rate {one.run.rate:g}, seed {one.run.seed}", agrees, detail)


def _changed(folder: Path, data: xr.Dataset, record: Mapping[str, Any]) -> Iterator[str]:
    """Files that are not as they are written now."""
    for name, whole in study_files(data, record["grid"], record["command"]).items():
        content = whole.encode() if isinstance(whole, str) else whole
        try:
            found = read_bytes(folder / name, len(content), "write the study again.")
        except DataError:
            yield name
            continue
        if found != content:
            yield name


__all__ = ["Remade", "StudyVerification", "verify_study"]
