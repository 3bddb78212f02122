"""Learning: a cell, an initialisation, a task, a recipe and a seed → loss, skill and gradients over the updates."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.learning.network import Network
from gatedsym.learning.recipe import read_recipe
from gatedsym.learning.registry import find_task
from gatedsym.learning.training import DEFAULTS, learn
from gatedsym.sweep.cells import cell_text, read_cell
from gatedsym.sweep.entry import Behind, Experiment
from gatedsym.sweep.experiments.networks import check_network
from gatedsym.sweep.points import Point, canonical

if TYPE_CHECKING:
    from gatedsym.learning.history import History
    from gatedsym.learning.task import Task

NETWORK = ("n", "layers", "init", "gain", "retention", "dtype")
RECIPE = (
    "updates", "rate", "batch", "clip", "optimiser", "freeze", "truncate", "probes", "held_out", "every", "stop",
    "patience",
)  # fmt: skip
KNOWN = ("cell", *NETWORK, "task", "T", "recipe", *RECIPE, "seed")
VARIABLES = ("held_out_loss", "metric", "skill", "gradient_at_lag", "gradient_at_cue", "spectral_radius")
"""Variables of a history that a record has: all but those of each update and each parameter."""


def measure_learning(point: Point, checkpoint: Path | None = None) -> xr.Dataset:
    """Train the network of a point.

    Returns
    -------
    xarray.Dataset
        (check): held-out ``held_out_loss``, ``metric`` and ``skill`` (…, cue). (probe): ``gradient_at_lag`` (…, lag),
        ``gradient_at_cue`` (…, cue), ``openness`` (…, gate), the mean over steps, and ``spectral_radius``; as in
        `History`. And ``loss``, the last held-out loss; ``least_loss``, the least; ``updates_made``; ``ended``, a
        sentence; ``baseline``; ``lag_steps`` (lag).
    """
    return summary_of(train_point(point, checkpoint))


def train_point(point: Point, checkpoint: Path | None = None) -> History:
    """The history of a point: that of ``gs.learn(net, task, seeds=[seed], …)``.

    Parameters
    ----------
    point : dict
        Axes and their values: cell, n, task and updates at least.
    checkpoint : path, optional
        A file that is written now and then, from which a killed run goes on.

    Returns
    -------
    History

    Raises
    ------
    ArgumentError
        For an axis that learning has not, and where cell, n, task or updates are missing.

    Examples
    --------
    >>> import gatedsym as gs
    >>> history = gs.sweep.train_point({"cell": "rnn", "n": 3, "task": "adding", "T": 5, "updates": 2})
    >>> history.updates
    (0, 1, 2)
    """
    options = {**point, **point.get("recipe", {})}
    _require_known(options)
    seed, task = int(options.get("seed", 0)), task_of(point)
    chosen = {name: options[name] for name in NETWORK if name in options}
    if "init" in chosen:
        chosen["scheme"] = chosen.pop("init")
    net = Network(read_cell(point["cell"]), task, seed=seed, **chosen)
    recipe = {name: _option(name, options[name]) for name in RECIPE if name in options}
    return learn(net, task, batch_seed=seed, checkpoint=checkpoint, **recipe)


def task_of(point: Point) -> Task:
    """The task of a point: a name, or a table with its name and settings; T beside it where it has a length.

    Raises
    ------
    ArgumentError
        If T is given twice, or the task has no length.
    """
    name, settings = _task_words(point)
    make = find_task(name)
    if "T" in point:
        if "T" in settings:
            raise ArgumentError(f"T of {name} is given twice: in the task, or as an axis.")
        if "T" in inspect.signature(make).parameters:
            settings["T"] = point["T"]
    return make(**settings)


def summary_of(history: History) -> xr.Dataset:
    """The part of a history that a record keeps."""
    data = history.data.isel(seed=0, drop=True).drop_vars(["level"])
    kept = data[[name for name in VARIABLES if name in data]]
    losses = data["held_out_loss"].values
    return kept.assign(
        openness=data["openness"].mean("step", skipna=True),
        lag_steps=("lag", data["lag_steps"].values),
        loss=losses[-1],
        least_loss=losses.min(),
        updates_made=data.sizes["update"],
        ended=str(data["ended"].values),
        baseline=float(data.attrs["baseline"]),
    ).drop_attrs()


def behind_learning(point: Point) -> Behind:
    """The equations, and the task's data and module."""
    name, settings = _task_words(point)
    texts = {"cell": cell_text(point.get("cell"))}
    if "path" in settings:
        texts["task"] = task_of(point).digest
    return Behind(texts, (inspect.unwrap(find_task(name)).__module__, "gatedsym.runtime"))


def weigh_learning(point: Point) -> float:
    """Multiply-adds of the recurrence, about; a step costs something however small it is."""
    options = {**point, **point.get("recipe", {})}
    n, steps = int(options.get("n", 32)), int(options.get("T", 100))
    return float(options.get("updates", 1000)) * steps * int(options.get("layers", 1)) * (n * n + 2000.0)


def _task_words(point: Point) -> tuple[Any, dict[str, Any]]:
    given = point.get("task")
    if isinstance(given, Mapping):
        settings = {name: _option(name, value) for name, value in given.items() if name not in ("name", "label")}
        return given.get("name"), settings
    return given, {}


def _option(name: str, value: Any) -> Any:
    """A value as functions take it: several are a tuple."""
    return tuple(value) if isinstance(value, list) else value


def _require_known(options: Mapping[str, Any]) -> None:
    for name in options:
        if name not in (*KNOWN, "name", "label"):
            raise ArgumentError(f"learning has no {shown(name)}: choose from {', '.join(KNOWN)}.")
    for name in ("cell", "task", "n"):
        if name not in options:
            raise ArgumentError(f"a point of learning needs {name}: {shown(dict(options))} has none.")


def check_learning(point: Point) -> None:
    """Raise ArgumentError for a value of a point that no training takes."""
    _require_known({**point, **point.get("recipe", {})})
    _check_recipe(canonical({axis: point[axis] for axis in ("recipe", *RECIPE) if axis in point}))
    _check_task(canonical({axis: point[axis] for axis in ("task", "T") if axis in point}))
    check_network(point)


@cache
def _check_task(key: str) -> None:
    task_of(json.loads(key))


@cache
def _check_recipe(key: str) -> None:
    """Read a recipe for a network that is as small as one can be."""
    given = json.loads(key)
    options = {**given, **given.get("recipe", {})}
    patterns = {"freeze": ""}  # which parameters there are, the cell says
    known = {name: _option(name, value) for name, value in options.items() if name in RECIPE}
    read_recipe(_smallest(), {**DEFAULTS, **known, **patterns})


@cache
def _smallest() -> Network:
    return Network(Cell("x in R^m; h in R^n; W in R^(n,m)\nh' = W @ x + h", "smallest"), find_task("recall")(T=2), n=1)


LEARNING = Experiment(
    "learning", measure_learning, behind_learning, weigh_learning, resumes=True, axes=KNOWN, check=check_learning
)

__all__ = ["KNOWN", "LEARNING", "measure_learning", "summary_of", "task_of", "train_point"]
