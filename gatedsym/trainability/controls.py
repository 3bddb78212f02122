"""Runs of a study → its controls: how many of how many learnt where one thing alone was changed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from gatedsym.trainability.foretelling import is_learnt
from gatedsym.trainability.table import select

SPREAD = "recall 100, random lag"
"""The task of the panel on random lags."""


class Control(NamedTuple):
    """Runs that differ from others in one thing.

    Attributes
    ----------
    group : str
        The thing that is changed.
    label : str
        Of these runs: how it is here.
    learnt, runs : int
    rates : tuple of float
        Of the runs.
    gradient : float
        Median of log10 of the untrained gradient at the task's own lag.
    """

    group: str
    label: str
    learnt: int
    runs: int
    rates: tuple[float, ...]
    gradient: float


def controls(data: xr.Dataset) -> list[Control]:
    """All controls of which there are runs."""
    every = [*_lags(data), *_cues(data), *_frozen(data), *_clipped(data), *_layered(data)]
    return [one for one in every if one.runs]


def control(data: xr.Dataset, group: str, label: str, **wanted: Any) -> Control:
    """The runs that some columns name."""
    runs = select(data, **wanted)
    gradient = float(np.median(runs["gradient_before"].values)) if runs.sizes["run"] else float("nan")
    rates = tuple(float(rate) for rate in np.unique(runs["rate"].values))
    return Control(group, label, int(is_learnt(runs).sum()), int(runs.sizes["run"]), rates, gradient)


def _lags(data: xr.Dataset) -> list[Control]:
    """Recall with a fixed and a random lag, at the rates of the latter."""
    spread = select(data, panel="random lag")
    rates = _rates(spread)
    found = []
    for setting in _settings(spread):
        shared: dict[str, Any] = {"setting": setting, "rate": rates}
        found.append(control(data, "lag", f"{setting}: fixed", panel="rates", task="recall 100", **shared))
        found.append(control(data, "lag", f"{setting}: random", panel="random lag", task=SPREAD, **shared))
    return found


def _cues(data: xr.Dataset) -> list[Control]:
    """Adding with cues anywhere and with fixed ones."""
    fixed = select(data, panel="fixed cues")
    rates, places = _rates(fixed), sorted({str(t) for t in fixed["task"].values})
    found = []
    for setting in _settings(fixed):
        shared: dict[str, Any] = {"setting": setting, "rate": rates}
        found.append(control(data, "cues", f"{setting}: anywhere", panel="rates", task="adding 100", **shared))
        for task in places:
            where = task.partition("cues ")[2]
            found.append(control(data, "cues", f"{setting}: {where}", panel="fixed cues", task=task, **shared))
    return found


def _frozen(data: xr.Dataset) -> list[Control]:
    """Gate weights, biases or both frozen, beside the same with nothing frozen."""
    frozen = select(data, panel="frozen")
    rates, found = _rates(frozen), []
    for task in sorted({str(t) for t in frozen["task"].values}):
        settings = _settings(select(frozen, task=task))
        shared: dict[str, Any] = {"setting": settings, "task": task, "rate": rates}
        short = task.replace("recall 100, random lag", "recall")
        free = control(data, "frozen", f"{short}: nothing", panel=("rates", "random lag"), **shared)
        found.append(free)
        for names in sorted({str(f) for f in frozen["freeze"].values}, key=lambda f: (len(f), f)):
            found.append(control(data, "frozen", f"{short}: {names}", panel="frozen", freeze=names, **shared))
    return found


def _clipped(data: xr.Dataset) -> list[Control]:
    """Smaller clipping beside the usual one."""
    clipped = select(data, panel="clip")
    rates, found = _rates(clipped), []
    tasks = tuple(sorted({str(t) for t in clipped["task"].values}))
    for setting in _settings(clipped):
        shared: dict[str, Any] = {"setting": setting, "rate": rates, "task": tasks}
        for clip, panel in (("norm 1", "rates"), ("norm 0.1", "clip")):
            found.append(control(data, "clip", f"{setting}: {clip}", panel=panel, clip=clip, **shared))
    return found


def _layered(data: xr.Dataset) -> list[Control]:
    """Two layers beside one."""
    layered = select(data, panel="layers")
    rates, found = _rates(layered), []
    tasks = tuple(sorted({str(t) for t in layered["task"].values}))
    for setting in _settings(layered):
        single = setting.partition(",")[0]
        shared: dict[str, Any] = {"rate": rates, "task": tasks}
        found.append(control(data, "layers", f"{single}: 1", panel="rates", setting=single, **shared))
        found.append(control(data, "layers", f"{single}: 2", panel="layers", setting=setting, **shared))
    return found


def _rates(runs: xr.Dataset) -> tuple[float, ...]:
    return tuple(float(rate) for rate in np.unique(runs["rate"].values))


def _settings(runs: xr.Dataset) -> tuple[str, ...]:
    return tuple(sorted({str(s) for s in runs["setting"].values}))


__all__ = ["SPREAD", "Control", "control", "controls"]
