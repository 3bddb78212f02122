"""Parts of a report, each a dataset and the figure drawn from it, kept by content once computed."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import xarray as xr

from gatedsym.cells import Cell
from gatedsym.files.cache import cache_path, read_kept, write_kept
from gatedsym.files.fingerprint import fingerprint
from gatedsym.files.netcdf import netcdf, read_netcdf
from gatedsym.flow import Series, white_noise
from gatedsym.flow.ensemble import read_cells
from gatedsym.flow.inputs.laws import input_laws
from gatedsym.flow.sizes import require_sizes
from gatedsym.flow.trained import TrainedCell
from gatedsym.report.atlas import Asked, Entry

LIBRARIES = ("numpy", "scipy", "sympy", "numba", "matplotlib", "xarray")


@dataclass(frozen=True)
class Part:
    """One analysis of a report, with what it is run on.

    Attributes
    ----------
    analysis : Entry
    series : Series
        What the networks read.
    cells : tuple of Cell
        Those that take part.
    reasons : mapping of str to str
        For every other cell, by name, why it does not.
    options : mapping
        Sizes and settings.
    remark : str
        What a reader is told who asked for other settings, a sentence or "".
    """

    analysis: Entry
    series: Series
    cells: tuple[Any, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    remark: str = ""

    @property
    def name(self) -> str:
        """Of the figure and its files."""
        return self.analysis.key

    def without(self, name: str, reason: str) -> Part:
        """The part without a cell, and why."""
        cells = tuple(c for c in self.cells if c.name != name)
        return replace(self, cells=cells, reasons={**self.reasons, name: reason})

    def without_all(self, reasons: Mapping[str, str]) -> Part:
        """The part without several cells, and why."""
        part = self
        for name, reason in reasons.items():
            part = part.without(name, reason)
        return part


def report_parts(cells: Sequence[Cell], series: Series, analyses: Sequence[Entry], asked: Asked) -> list[Part]:
    """The parts of a report on a series; what reads white noise anyhow is left out where nothing else is read.

    Raises
    ------
    ArgumentError
        For a cell with a dimension whose size nothing gives.
    """
    require_sizes(cells)
    given = [c.given_sizes for c in cells if isinstance(c, TrainedCell)]
    features = given[0].get("m") if given else None
    parts = []
    for analysis in analyses:
        noisy = analysis.input == "noise"
        if noisy and series.kind == "noise":
            continue
        shown = read_cells(analysis.cells) if analysis.cells else cells
        reasons = {c.name: reason for c in shown if (reason := analysis.why_not_applicable(c))}
        taking = tuple(c for c in shown if c.name not in reasons)
        options = analysis.sizes(asked)
        if given and "n" in options:
            # All networks of a report have one size: that of the one whose weights are given.
            options["n"] = given[0].get("n", options["n"])
        noise = white_noise(features) if features else white_noise()
        remark = "" if analysis.cells else analysis.remark(asked.init)
        parts.append(Part(analysis, noise if noisy else series, taking, reasons, options, remark))
    return parts


def measured(part: Part, progress: Callable[[float], None]) -> xr.Dataset:
    """The dataset of a part: kept from an earlier run with the same equations, data, options and code, or computed."""
    path, key = _place(part)
    content = read_kept(path, key)
    if content is None:
        content = netcdf(computed(part, progress))
        write_kept(path, key, content)
    progress(1.0)
    # Read back even what was just computed, so that a first run and a second one go the same way.
    return read_netcdf(content)


def is_kept(part: Part) -> bool:
    """Whether there is a file from an earlier run, which may be believed or not."""
    return _place(part)[0].exists()


def _place(part: Part) -> tuple[Path, str]:
    """Path of the dataset, and the key of all that it depends on."""
    key = part_key(part)
    return cache_path("datasets", part.name, key, ".nc"), key


def computed(part: Part, progress: Callable[[float], None] | None = None) -> xr.Dataset:
    """The dataset of a part, computed now."""
    return part.analysis.measured(part.cells, part.series, **part.options, progress=progress)


def kept_pictures(part: Part, width: str | float, about: str) -> Path:
    """The folder that keeps a part's pictures, by all that they depend on."""
    drawn_by = fingerprint(part.analysis.drawing_module)
    return cache_path("pictures", part.name, repr((part_key(part), width, about, part.analysis.draw, drawn_by)))


def kernels_digest(cell: Cell) -> str:
    """SHA-256 of the generated module that a cell runs, "" for a cell that computes without one.

    Equations alone do not say what is run: the module kept for them may have been made by another generator.
    """
    kernels = getattr(cell, "kernels", None)
    return _text_digest(kernels.module) if kernels is not None else ""


@cache
def _text_digest(module: ModuleType) -> str:
    """SHA-256 of a module's text; found once, for what runs is the text as it was imported."""
    return hashlib.sha256(inspect.getsource(module).encode("utf-8")).hexdigest()


def cell_key(cell: Cell) -> list[Any]:
    """Key of all that results of a cell depend on."""
    return [
        cell.name, cell.source, repr(cell.constants), kernels_digest(cell), getattr(cell, "parameters_digest", ""),
        input_laws(cell), _derivation_digest(cell),
    ]  # fmt: skip


def part_key(part: Part) -> str:
    """Key of all that the dataset of a part depends on."""
    # The runtime besides, which an analysis reaches through kernels: their text, in the key too, imports it.
    measured_by = fingerprint(part.analysis.measuring_module, "gatedsym.runtime")
    what = {
        "part": part.name,
        "options": {k: v if isinstance(v, str) else repr(v) for k, v in sorted(part.options.items())},
        "cells": [cell_key(c) for c in part.cells],
        "series": [part.series.name, part.series.digest, part.series.description],
        "measure": [part.analysis.measure, measured_by],
    }
    return json.dumps(what, sort_keys=True)


def _derivation_digest(cell: Cell) -> str:
    """SHA-256 of what the library has of a cell beside equations: it prescribes parameters; "" for any other cell."""
    derivation = getattr(cell, "record", None)
    return derivation.digest if derivation is not None else ""
