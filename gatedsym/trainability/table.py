"""Records of a study → one labelled dataset, a row a run; its file; rows as they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.errors import DataError
from gatedsym.files.netcdf import netcdf, read_netcdf
from gatedsym.files.read import read_bytes
from gatedsym.trainability.grid import Grid, Planned
from gatedsym.trainability.study import Study
from gatedsym.trainability.training import EVERY, SHARES
from gatedsym.typing import Array
from gatedsym.version import __version__

SCHEMA = "gatedsym trainability 1"
LARGEST = 1 << 26
"""Bytes of a file of runs."""
LAGS = ("shortest", "median", "longest")
WORDS = ("panel", "setting", "task", "cell", "scheme", "retention", "clip", "freeze", "ended")
WHOLE = ("n", "layers", "seed", "samples", "asked", "updates", "steps", "lag")
MEASURED = (
    "updates_to_target", "best_loss", "last_loss", "best_metric", "least_skill", "most_skill",
    "baseline", "gradient_before", "gradient_after", "seconds_per_update", "readability", "lyapunov", "spectral_radius",
)  # fmt: skip
_UNITS = {
    "updates_to_target": ("updates until the held-out loss was below the target; NaN where it never was", "updates"),
    "updates_to": ("updates until the held-out loss was below a share of the baseline", "updates"),
    "gradient_before": ("log10 of what is left of the gradient from the answer back to its cue, untrained", "1"),
    "gradient_after": ("the same at the end of training", "1"),
    "readability": ("skill of a linear readout of the untrained states at the answer", "1"),
    "lyapunov": ("largest Lyapunov exponent before training, natural logarithm", "1/step"),
    "seconds_per_update": ("CPU time of an update, with the looks at held-out sequences", "s"),
    "best_loss": ("least held-out loss over the baseline", "1"),
}


def runs_dataset(study: Study) -> xr.Dataset:
    """All runs that were made, as a dataset.

    Returns
    -------
    xarray.Dataset
        (run): the setting and the recipe in words and numbers, and what came of it, as
        `gatedsym.trainability.training.train_point` and `gatedsym.trainability.untrained.measure_untrained` say;
        ``updates_to`` (run, share), ``gradient_at_lag`` (run, lag_name). Attributes: how many runs are ``planned``,
        ``made``, and of failed ones ``planned_again``; the digest of the grid.
    """
    planned = [*study.grid.planned, *study.longer]
    rows = [row for one in planned if (row := _row(study, one)) is not None]
    data: dict[str, Any] = {name: ("run", np.array([row[name] for row in rows], str)) for name in WORDS}
    data |= {name: ("run", np.array([row[name] for row in rows], np.int32)) for name in WHOLE}
    data["rate"] = ("run", np.array([row["rate"] for row in rows], float))
    data |= {name: ("run", np.array([row[name] for row in rows], np.float32)) for name in MEASURED}
    data["updates_to"] = (("run", "share"), _stacked(rows, "updates_to", len(SHARES)))
    data["gradient_at_lag"] = (("run", "lag_name"), _stacked(rows, "gradient_at_lag", len(LAGS)))
    found = xr.Dataset(
        data, {"share": list(SHARES), "lag_name": list(LAGS)}, _attributes(study.grid, planned, len(rows))
    )
    for name, (words, units) in _UNITS.items():
        found[name].attrs = {"long_name": words, "units": units}
    return found


def _attributes(grid: Grid, planned: list[Planned], made: int) -> dict[str, Any]:
    first, cells = len(grid.planned), ", ".join(sorted({p.run.cell for p in grid.planned}))
    return {
        "schema": SCHEMA, "title": "when is a dead gradient fate", "source": f"gatedsym {__version__}",
        "cells": cells, "grid": grid.digest, "dead": grid.dead, "every": EVERY,
        "planned": first, "planned_again": len(planned) - first,
        "made": made, "again_if_all_fail": sum(bool(p.again) for p in grid.planned),
        "optimiser": "Adam (ε = 1e-8), batches of 32, float32",
    }  # fmt: skip


def _stacked(rows: Sequence[Mapping[str, Any]], name: str, width: int) -> Array:
    return np.array([row[name] for row in rows], np.float32).reshape(len(rows), width)


def _row(study: Study, planned: Planned) -> dict[str, Any] | None:
    """A row of the table; None where the run was not made."""
    record, before, run = study.record(planned), study.untrained(planned.run.start), planned.run
    if record is None or before is None:
        return None
    trained = {str(name): value.values for name, value in record.data_vars.items()}
    untrained = {
        name: before[name].values for name in ("gradient_at_lag", "readability", "lyapunov", "spectral_radius")
    }
    skills = np.asarray(trained["skill"], float)
    told = {
        "panel": planned.panel, "setting": planned.setting, "task": planned.task, "cell": run.cell,
        "scheme": run.scheme, "retention": retention_label(run.retention), "clip": run.clip or "none",
        "freeze": run.freeze, "n": run.n, "layers": run.layers, "seed": run.seed, "samples": run.samples,
        "asked": run.updates, "rate": run.rate,
        "least_skill": skills.min() if len(skills) else np.nan, "most_skill": skills.max() if len(skills) else np.nan,
    }  # fmt: skip
    return {**untrained, **trained, **told}


def retention_label(retention: float | str | None) -> str:
    """A bias as a word: "none", "chrono", or a number."""
    return "none" if retention is None else f"{retention:g}" if isinstance(retention, float | int) else retention


def runs_bytes(data: xr.Dataset) -> bytes:
    """A file of the runs, compressed."""
    packed = data.copy()
    for name in packed.data_vars:
        packed[name].encoding = (
            {} if packed[name].dtype.kind == "U" else {"zlib": True, "complevel": 9, "shuffle": True}
        )
    return netcdf(_coded(packed))


def _coded(data: xr.Dataset) -> xr.Dataset:
    """Words as small numbers, with what they stand for among the attributes: texts of a file are not compressed."""
    for name in WORDS:
        known, codes = np.unique(data[name].values, return_inverse=True)
        data[name] = ("run", codes.astype(np.int16), {"words": [str(word) for word in known] or [""]})
        data[name].encoding = {"zlib": True, "complevel": 9}
    return data


def read_runs(path: str | Path) -> xr.Dataset:
    """The runs of a file that `runs_bytes` gave.

    Parameters
    ----------
    path : path
        ``runs.nc`` of the folder of a study.

    Returns
    -------
    xarray.Dataset
        (run): what was trained how, what its gradient was before, and what it learnt.

    Raises
    ------
    DataError
        If it is missing, damaged, or another file.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.trainability.read_runs("study/runs.nc")  # doctest: +SKIP
    """
    content = read_bytes(path, LARGEST, "the runs of a study are fewer.")
    try:
        data = read_netcdf(content)
        if data.attrs.get("schema") != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        for name in WORDS:
            words = np.atleast_1d(np.asarray(data[name].attrs["words"], str))
            data[name] = ("run", words[data[name].values.astype(int)])
    except (ValueError, KeyError, IndexError, OSError) as error:
        raise DataError(f"{path} holds no runs of a study ({error}): make it anew, gatedsym trainability.") from error
    return data


def select(data: xr.Dataset, **wanted: Any) -> xr.Dataset:
    """Rows whose columns have some values: one, or any of a tuple.

    Examples
    --------
    ``select(data, panel="rates", cell=("gru", "lstm"))``
    """
    there = np.ones(data.sizes["run"], bool)
    for name, value in wanted.items():
        options: Iterable[Any] = value if isinstance(value, tuple) else (value,)
        column = data[name].values
        if column.dtype.kind == "f":
            there &= np.any([np.isclose(column, option, rtol=1e-5) for option in options], axis=0)
        else:
            there &= np.isin(column, list(options))
    return data.isel(run=np.flatnonzero(there))


__all__ = ["read_runs", "retention_label", "runs_bytes", "runs_dataset", "select"]
