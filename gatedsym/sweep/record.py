"""The outcome of a point, a labelled dataset or a reason ↔ the bytes of a record, the same for equal outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError, DataError
from gatedsym.learning.archive import pack, unpack
from gatedsym.typing import Array

SCHEMA = "gatedsym sweep record 1"
Status = Literal["measured", "refused", "fault"]


@dataclass(frozen=True)
class Outcome:
    """Outcome of a point.

    Attributes
    ----------
    status : {"measured", "refused", "fault"}
        Refused: the point makes no sense, and will not at another time. Fault: anything else, such as memory.
    reason : str
        Why it was not measured, as a sentence.
    data : xarray.Dataset, optional
    warned : tuple of str
        Warnings that came with it.
    seconds : float
        For estimates; no part of a record.

    Examples
    --------
    >>> from pathlib import Path
    >>> import gatedsym as gs
    >>> data = gs.sweep.run([{"cell": "rnn", "n": 4}], "jacobian_sheet", out="study", workers=1)
    >>> key = gs.sweep.experiments()["jacobian_sheet"].key({"cell": "rnn", "n": 4})
    >>> outcome = gs.sweep.Store(Path("study")).read(key)
    >>> outcome.status, outcome.reason, "parameters" in outcome.data
    ('measured', '', True)
    """

    status: Status
    reason: str = ""
    data: xr.Dataset | None = None
    warned: tuple[str, ...] = ()
    seconds: float = 0.0


def as_dataset(measured: Any) -> xr.Dataset:
    """A dataset of what an experiment returned.

    Raises
    ------
    ArgumentError
        For what is neither a dataset nor numbers, texts and arrays by name.
    """
    if isinstance(measured, xr.Dataset):
        return measured
    if not isinstance(measured, Mapping) or not all(isinstance(name, str) for name in measured):
        raise ArgumentError(
            f"the experiment returned an object of type {type(measured).__name__}: let it return numbers by name, or "
            "an xarray.Dataset."
        )
    found = {}
    for name, value in measured.items():
        array = np.asarray(value)
        if array.dtype.kind not in "biufcU":
            raise ArgumentError(
                f"{name} is of type {type(value).__name__}: let the experiment return numbers and texts."
            )
        found[name] = (tuple(f"{name}_{k}" for k in range(array.ndim)), array)
    return xr.Dataset(found)


def pack_outcome(outcome: Outcome, named: Mapping[str, Any]) -> bytes:
    """The bytes of a record; `named` says of what."""
    arrays: dict[str, Array] = {}
    facts: dict[str, Any] = {**named, "status": outcome.status, "reason": outcome.reason}
    facts["warned"] = list(outcome.warned)
    if outcome.data is not None:
        facts["attributes"] = _pairs(outcome.data.attrs)
        facts["variables"] = []
        for name, variable in outcome.data.variables.items():
            kind = "coordinate" if name in outcome.data.coords else "value"
            facts["variables"].append([str(name), kind, list(map(str, variable.dims)), _pairs(variable.attrs)])
            arrays[f"variables/{name}"] = _storable(variable.values)
    return pack(SCHEMA, facts, arrays)


def unpack_outcome(path: Path) -> tuple[dict[str, Any], Outcome]:
    """The facts of a record, and its outcome.

    Raises
    ------
    DataError
        If there is no such file, or it is damaged or of another kind.
    """
    facts, arrays = unpack(path, SCHEMA)
    try:
        data = _dataset(facts, arrays) if "variables" in facts else None
        return facts, Outcome(facts["status"], facts["reason"], data, tuple(facts["warned"]))
    except (KeyError, ValueError, TypeError) as error:
        raise DataError(f"{path} is no whole record: remove it, and it is made anew.") from error


def _dataset(facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> xr.Dataset:
    values: dict[str, Any] = {}
    coords: dict[str, Any] = {}
    for name, kind, dims, attrs in facts["variables"]:
        (coords if kind == "coordinate" else values)[name] = (tuple(dims), arrays[f"variables/{name}"], dict(attrs))
    return xr.Dataset(values, coords, dict(facts["attributes"]))


def _storable(values: Any) -> Array:
    array = np.asarray(values)
    return array.astype(str) if array.dtype.kind == "O" else array


def _pairs(attrs: Mapping[Any, Any]) -> list[list[Any]]:
    """Attributes in their order, which keys of JSON do not keep."""
    return [[str(name), _plain(value)] for name, value in attrs.items()]


def _plain(value: Any) -> Any:
    """Attributes as JSON says them."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


__all__ = ["Outcome", "Status", "as_dataset", "pack_outcome", "unpack_outcome"]
