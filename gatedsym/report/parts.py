"""What a report measures: its parts, each a dataset and the figure drawn from it, kept by content once computed."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import xarray as xr

from gatedsym.figures import Figure, clipping, exploding, gradient_norm, truncation
from gatedsym.figures.figure import netcdf
from gatedsym.files import write_atomically
from gatedsym.flow import Series, gradient_flow, white_noise
from gatedsym.flow import clipping as measure_clipping
from gatedsym.flow import truncation as measure_truncation

Measure = Callable[..., xr.Dataset]
Draw = Callable[..., Figure]
LIBRARIES = ("numpy", "scipy", "sympy", "numba", "matplotlib", "xarray")
_NUMBERS_COME_FROM = ("calculus", "codegen", "equations", "flow", "runtime")


@dataclass(frozen=True)
class Part:
    """One figure of a report.

    Attributes
    ----------
    name : str
        Of the figure and its files.
    measure : callable
        (cells, series, **options, progress=) to a dataset.
    draw : callable
        (dataset, width=, name=) to a Figure.
    series : Series
        What the networks read.
    options : mapping
        Sizes and settings.
    weight : float
        Share of the time that it takes, for the progress shown.
    """

    name: str
    measure: Measure
    draw: Draw
    series: Series
    options: Mapping[str, Any] = field(default_factory=dict)
    weight: float = 1.0


def report_parts(series: Series, quick: bool, lags: int) -> list[Part]:
    """The parts of a report on a series; white noise comes beside whatever else is read."""
    few = 3 if quick else 10
    many = 3 if quick else 20
    n = 32 if quick else 64
    parts = [
        Part("gradient-norm", gradient_flow, gradient_norm, series, {"n": n, "seeds": many, "lags": lags}, 4.0),
        Part(
            "exploding",
            gradient_flow,
            exploding,
            series,
            {"n": n, "seeds": few, "lags": lags, "init": "gaussian", "gain": (1.0, 2.0, 3.0), "retention": 1.0},
        ),
        Part("truncation", measure_truncation, truncation, series, {"n": n, "seeds": few, "steps": lags}, 4.0),
        Part("clipping", measure_clipping, clipping, series, {"n": n, "seeds": few, "steps": max(1, lags // 2)}, 4.0),
    ]
    if series.kind != "noise":
        noise = Part(
            "gradient-norm-noise",
            gradient_flow,
            gradient_norm,
            white_noise(),
            {"n": n, "seeds": few, "lags": lags},
            2.0,
        )
        parts.insert(1, noise)
    return parts


def measured(part: Part, cells: Sequence[Any], progress: Callable[[float], None]) -> xr.Dataset:
    """The dataset of a part: kept from an earlier run with the same equations, data, options and code, or computed."""
    from gatedsym.runtime.compile import cache_directory

    path = cache_directory() / "datasets" / f"{part.name}-{_key(part, cells)}.nc"
    if not path.exists():
        data = part.measure(cells, part.series, **part.options, progress=progress)
        write_atomically(path, netcdf(data))
    progress(1.0)
    # Read back even what was just computed, so that a first run and a second one go the same way.
    return xr.load_dataset(path, engine="h5netcdf")


def kept_pictures(part: Part, cells: Sequence[Any], width: str | float) -> Path:
    """The folder that keeps a part's pictures, by all that they depend on."""
    from gatedsym.runtime.compile import cache_directory

    what = repr((_key(part, cells), width, source_digest(("figures",))))
    return cache_directory() / "pictures" / f"{part.name}-{hashlib.sha256(what.encode()).hexdigest()[:24]}"


def source_digest(folders: Sequence[str]) -> str:
    """SHA-256 over the package's own source in the given rooms and at its top."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for path in _sources(root, folders):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(root: Path, folders: Sequence[str]) -> Iterator[Path]:
    yield from sorted(root.glob("*.py"))
    for folder in sorted(folders):
        yield from sorted(p for p in (root / folder).rglob("*") if p.suffix in {".py", ".lark"})


def kernels_digest(cell: Any) -> str:
    """SHA-256 of the generated module that a cell runs, "" for a cell that computes without one.

    Equations alone do not say what is run: the module kept for them may have been made by another generator.
    """
    kernels = getattr(cell, "kernels", None)
    return hashlib.sha256(inspect.getsource(kernels.module).encode("utf-8")).hexdigest() if kernels is not None else ""


def _key(part: Part, cells: Sequence[Any]) -> str:
    from gatedsym.runtime.compile import runtime_hash

    what = {
        "part": part.name,
        "options": {k: v if isinstance(v, str) else repr(v) for k, v in sorted(part.options.items())},
        "cells": [[c.name, c.source, repr(c.constants), kernels_digest(c)] for c in cells],
        "series": [part.series.name, part.series.digest, part.series.description],
        "code": source_digest(_NUMBERS_COME_FROM),
        "runtime": runtime_hash(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:24]
