"""provenance.json → a record every entry of which is of the kind that it should be, or a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gatedsym.errors import DataError, GatedsymError
from gatedsym.files.read import MIB, decode, read_bytes

RECORD = "provenance.json"
MAX_RECORD = 64 * MIB
"""Most bytes of a record."""
_MAX_SIZE = 10**9
"""No size, length or count is larger."""
_SERIES = {"name": str, "description": str, "features": int, "sha256": str}
_SHAPE: Mapping[str, Any] = {
    "gatedsym": str,
    "command": str,
    "python": str,
    "libraries": {"*": str},
    "request": {
        "input": str,
        "lags": int,
        "quick": bool,
        "width": (str, int, float),
        "weights": str,
        "layout": str,
        "layer": str,
        "alphabet": (str, list, type(None)),
        "hidden": (int, type(None)),
        "seeds": (int, type(None)),
        "init": [str],
        "trained": {"*": str},
        "cells": [str],
        "formats": [str],
        "derivations": str,
        "errata": str,
    },
    "series": _SERIES,
    "asked": [{"name": str, "options": {"*": (str, int, float, list, type(None))}}],
    "cells": {"*": {"equations": str, "constants": {"*": str}}},
    "figures": {"*": {"data_sha256": str}},
    "files": {"*": str},
}
"""What a record must have, and of what kind; a star stands for any name. It may have more."""


def read_record(folder: Path) -> dict[str, Any]:
    """The record of a report.

    Raises
    ------
    GatedsymError
        If the folder has none, or it is damaged, or that of another version.
    """
    return read_shaped(folder, _SHAPE)


def read_shaped(folder: Path, shape: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a folder, every entry of the kind that a shape states; see `read_record`."""
    path = folder / RECORD
    if not path.exists():
        raise GatedsymError(f"there is no {path}: name a folder that gatedsym report wrote.")
    try:
        found = json.loads(decode(path, read_bytes(path, MAX_RECORD, "make the report again.")), parse_constant=_refuse)
    except DataError as error:
        raise GatedsymError(str(error)) from None
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise GatedsymError(f"{path} cannot be read ({reason}): make the report again.") from None
    if reason := _amiss(found, shape, ""):
        raise GatedsymError(f"{path} is damaged, or of another version ({reason}): make the report again.")
    record: dict[str, Any] = found
    if strange := next((n for n in record["files"] if not _is_inside(n)), None):
        raise GatedsymError(f"{path} is damaged ({strange!r} is no file of the folder): make the report again.")
    return record


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number.")


def _amiss(found: object, shape: Any, where: str) -> str:
    """Fault of a part of a record, or ""."""
    if isinstance(shape, list):
        if not isinstance(found, list):
            return f"{where or 'it'} is no list"
        return next((r for k, one in enumerate(found) if (r := _amiss(one, shape[0], f"{where}[{k}]"))), "")
    if not isinstance(shape, Mapping):
        kinds = shape if isinstance(shape, tuple) else (shape,)
        fits = isinstance(found, kinds) and (not isinstance(found, bool) or bool in kinds)
        if isinstance(found, int) and abs(found) > _MAX_SIZE:
            fits = False
        return "" if fits else f"{where} is {_short(found)}"
    if not isinstance(found, Mapping):
        return f"{where or 'it'} is no mapping"
    if "*" in shape:
        return next((r for k, one in found.items() if (r := _amiss(one, shape["*"], f"{where} {k!r}"))), "")
    for name, inner in shape.items():
        place = f"{where}.{name}".lstrip(".")
        if name not in found:
            return f"{place} is missing"
        if reason := _amiss(found[name], inner, place):
            return reason
    return ""


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _is_inside(name: str) -> bool:
    """Whether a name is that of a file in the folder."""
    parts = Path(name).parts
    return bool(parts) and "\0" not in name and ".." not in parts and not Path(name).is_absolute()


__all__ = ["RECORD", "read_record", "read_shaped"]
