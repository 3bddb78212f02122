"""The dataset of a history ↔ a NetCDF file with a schema and a digest, checked when it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.errors import DataError
from gatedsym.expect import expect_path
from gatedsym.files.netcdf import netcdf, read_netcdf
from gatedsym.files.read import MAX_ARRAYS, read_bytes
from gatedsym.files.write import write_atomically
from gatedsym.learning.archive import arrays_digest
from gatedsym.typing import Array

if TYPE_CHECKING:
    import xarray as xr

SCHEMA = "gatedsym history 1"


def write_history(data: xr.Dataset, network: Mapping[str, Any], path: Any) -> None:
    """Write the dataset of a history, and what is to be said of its network."""
    facts = json.dumps(network, sort_keys=True)
    whole = data.copy()
    whole.attrs |= {"schema": SCHEMA, "network": facts, "digest": _digest(data, facts)}
    write_atomically(expect_path("path", path), netcdf(whole))


def read_history(place: Path) -> tuple[xr.Dataset, dict[str, Any]]:
    """Read the history that `write_history` was given.

    Raises
    ------
    DataError
        If the file is missing, damaged, or of another kind.
    """
    content = read_bytes(place, MAX_ARRAYS, "give a smaller one.")
    try:
        data = read_netcdf(content)
        schema, facts, digest = (data.attrs.pop(name) for name in ("schema", "network", "digest"))
    except (ValueError, KeyError, OSError, TypeError, RuntimeError) as error:
        raise DataError(f"{place} is no history, or is damaged: write it anew.") from error
    if schema != SCHEMA:
        raise DataError(f"{place} is a {schema!r} file, and {SCHEMA!r} is read: write it anew with this version.")
    if digest != _digest(data, facts):
        raise DataError(f"{place} is damaged: its content is not that of its digest; write it anew.")
    return data, dict(json.loads(facts))


def _digest(data: xr.Dataset, facts: str) -> str:
    arrays = {str(name): _plain(data[name].values) for name in data.variables}
    attrs = {str(name): str(value) for name, value in data.attrs.items()}
    return arrays_digest({"network": facts, "attributes": attrs}, arrays)


def _plain(values: Array) -> Array:
    """Numbers as they are; texts and truth values, whose types change in a file, as bytes."""
    if values.dtype.kind in "OUS":
        return np.array([str(value).encode() for value in values.reshape(-1)], dtype="S")
    return values.astype(np.int8) if values.dtype.kind == "b" else values


__all__ = ["SCHEMA", "read_history", "write_history"]
