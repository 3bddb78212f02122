"""Any registered analysis: a cell, an initialisation, a size and a seed → the dataset that the analysis returns."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.flow.ensemble import retention_label
from gatedsym.flow.registry import Analysis, analyses
from gatedsym.sweep.cells import cell_text, read_cell
from gatedsym.sweep.entry import Behind, Experiment
from gatedsym.sweep.experiments.networks import check_network
from gatedsym.sweep.points import Point, label

if TYPE_CHECKING:
    import xarray as xr

_OWN: Mapping[str, Callable[[Any], Any]] = {
    "cell": label,
    "init": str,
    "gain": float,
    "retention": retention_label,
    "seed": int,
    "n": int,
}
"""Dimensions that datasets of analyses have, and their labels."""
_LEFT_OUT = ("cells", "x", "seeds", "progress", "match")


def analysis_experiments() -> Mapping[str, Experiment]:
    """An experiment for each analysis, by its name."""
    return {name: _experiment(one) for name, one in analyses().items() if "cells" in _parameters(one)}


def known_axes(name: str) -> tuple[str, ...]:
    """Axes that points of an analysis may have."""
    parameters = _parameters(analyses()[name])
    seed = ("seed",) if "seeds" in parameters else ()
    return ("cell", "input", *(p for p in parameters if p not in _LEFT_OUT), *seed)


def measure_analysis(name: str, point: Point) -> xr.Dataset:
    """Measure one network.

    Raises
    ------
    ArgumentError
        For an axis that the analysis has not, and for a cell of which it makes no sense.
    """
    check_analysis(name, point)
    options = {axis: value for axis, value in point.items() if axis not in ("cell", "input", "seed")}
    if "seed" in known_axes(name):
        options["seeds"] = [int(point.get("seed", 0))]
    return analyses()[name].dataset(read_cell(point["cell"]), point.get("input", "text"), **options)


def check_analysis(name: str, point: Point) -> None:
    """Raise ArgumentError for an axis that an analysis has not, and for a value that is none of its axis."""
    known = known_axes(name)
    for axis in point:
        if axis not in known:
            raise ArgumentError(f"{name} has no {shown(axis)}: choose from {', '.join(known)}.")
    if "cell" not in point:
        raise ArgumentError(f"a point of {name} needs a cell: {shown(dict(point))} has none.")
    check_network(point)


def _experiment(one: Analysis) -> Experiment:
    own = {axis: of for axis, of in _OWN.items() if axis in known_axes(one.name)}
    home = inspect.unwrap(one.dataset).__module__
    return Experiment(
        one.name, partial(measure_analysis, one.name), partial(_behind, home), _weigh, own,
        getattr(sys.modules[home], "averaged", None), False, known_axes(one.name), partial(check_analysis, one.name),
    )  # fmt: skip


def _behind(home: str, point: Point) -> Behind:
    return Behind(
        {"cell": cell_text(point.get("cell")), "input": _input_digest(point.get("input", "text"))},
        (home, "gatedsym.runtime"),
    )


@cache
def _input_digest(given: Any) -> str:
    from gatedsym.flow.inputs.series import read_input

    return str(read_input(given).digest)


def _weigh(point: Point) -> float:
    n = int(point.get("n", 64))
    return n * n + 2000.0


def _parameters(one: Analysis) -> Mapping[str, Any]:
    return inspect.signature(one.dataset).parameters


__all__ = ["analysis_experiments", "known_axes", "measure_analysis"]
