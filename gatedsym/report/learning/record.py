"""A comparison ↔ provenance.json: what made it, checked when it is read."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatedsym.cells import Cell
from gatedsym.errors import DataError, GatedsymError
from gatedsym.figures.printed import Printed
from gatedsym.files.read import read_bytes
from gatedsym.learning.comparison.asking import Comparison, plan_comparison
from gatedsym.learning.registry import find_task
from gatedsym.report.parts import LIBRARIES, kernels_digest
from gatedsym.report.record import MAX_RECORD, RECORD, read_shaped
from gatedsym.version import __version__

if TYPE_CHECKING:
    from gatedsym.learning.task import Task

KIND = "learning"
_SHAPE: Mapping[str, Any] = {
    "kind": str,
    "gatedsym": str,
    "command": str,
    "python": str,
    "libraries": {"*": str},
    "request": {
        "cells": [str], "rates": (str, list), "clip": list, "optimiser": str, "retention": list, "init": str,
        "readout": str, "layers": int, "updates": int, "batch": int, "n": int, "seeds": int, "match": bool,
        "width": (str, int, float), "formats": [str],
    },
    "task": {"name": str, "options": {"*": (str, int, float, bool, list, type(None))}, "sha256": str},
    "cells": {"*": {"equations": str, "constants": {"*": str}}},
    "figures": {"*": {"data_sha256": str}},
    "runs": [str],
    "files": {"*": str},
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """Request of a person, as far as a page can be made again from it.

    Attributes
    ----------
    cells : tuple of str
    rates : str or tuple of float
    clip : tuple of str
    optimiser : str
    retention : tuple
    init, readout : str
    layers, updates, batch, n, seeds : int
    match : bool
    width : str or float
    formats : tuple of str
    """

    cells: tuple[str, ...]
    rates: str | tuple[float, ...]
    clip: tuple[str, ...]
    optimiser: str
    retention: tuple[float | str | None, ...]
    init: str
    readout: str
    layers: int
    updates: int
    batch: int
    n: int
    seeds: int
    match: bool
    width: str | float
    formats: tuple[str, ...]


def is_comparison(folder: Path) -> bool:
    """Whether a folder's record is that of a comparison; a folder without one is none."""
    try:
        found = json.loads(read_bytes(folder / RECORD, MAX_RECORD, "make the report again."))
    except (DataError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("kind") == KIND


def provenance(
    comparison: Comparison, request: Request, command: str, cells: Sequence[Cell], figures: Sequence[Printed],
    runs: Sequence[str], files: Mapping[str, str],
) -> str:  # fmt: skip
    """provenance.json; no date and no machine is in it."""
    from gatedsym.report.citation import digest
    from gatedsym.runtime.jit.compile import runtime_hash

    task = comparison.task
    record = {
        "kind": KIND,
        "gatedsym": __version__,
        "command": command,
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "request": asdict(request),
        "task": {"name": task.name, "options": dict(task.options), "sha256": task.digest},
        "cells": {
            c.name: {
                "equations": c.source, "equations_sha256": digest(c.source), "kernels_sha256": kernels_digest(c),
                "constants": {k: str(v) for k, v in c.constants.items()},
            }
            for c in cells
        },
        "runtime_sha256": runtime_hash(),
        "figures": {f.name: {"title": f.title, "caption": f.caption.plain, "data_sha256": f.digest} for f in figures},
        "runs": list(runs),
        "files": dict(files),
    }  # fmt: skip
    return json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_comparison(folder: Path) -> tuple[dict[str, Any], Request]:
    """The record of a comparison, and the request in it.

    Raises
    ------
    GatedsymError
        If it is missing, damaged, or of another version.
    """
    record = read_shaped(folder, _SHAPE)
    given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in record["request"].items()}
    return record, Request(**{name: given[name] for name in Request.__annotations__})


def comparison_of(record: Mapping[str, Any], request: Request, cells: Sequence[Cell]) -> Comparison:
    """The comparison that a record speaks of.

    Raises
    ------
    GatedsymError
        If its task is no longer the same, or what it asks for cannot be used.
    """
    about = record["task"]
    options = {name: tuple(v) if isinstance(v, list) else v for name, v in about["options"].items()}
    try:
        task: Task = find_task(about["name"])(**options)
    except DataError as error:
        raise GatedsymError(f"the task of the page cannot be made again ({error}): put its data back.") from error
    if task.digest != about["sha256"]:
        raise GatedsymError(f"the data of the task {about['name']} are not those of the page: put those back.")
    return plan_comparison(
        cells, task, rates=request.rates, clip=request.clip, optimiser=request.optimiser, retention=request.retention,
        init=request.init, readout=request.readout, layers=request.layers, updates=request.updates, batch=request.batch,
        n=request.n, seeds=request.seeds, match=request.match,
    )  # fmt: skip


__all__ = ["KIND", "Request", "comparison_of", "is_comparison", "provenance", "read_comparison"]
