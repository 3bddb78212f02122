"""The numbers of watched updates → one labelled dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.flow.analyses.gradient_norm import QUARTILES
from gatedsym.flow.ensemble import label
from gatedsym.torch.watching.measures import SERIES, Numbers, Place
from gatedsym.typing import Array
from gatedsym.version import __version__

LABELS = (
    ("log10_norm", "log10 of the 2-norm of the gradient of a sequence", "1"),
    ("log10_norm_together", "log10 of the 2-norm of the gradient of all sequences together", "1"),
    ("openness", "mean of a gate's units", "1"),
    ("left", "share of a gate's units below 0.1", "1"),
    ("right", "share of a gate's units above 0.9", "1"),
    ("log10_weight_norm", "log10 of the 2-norm of a step's gradient of a weight", "1"),
    ("weight_share", "share of a step in the gradient of a weight", "1"),
    ("step", "step t of a sequence, 0 before the first", "step"),
    ("update", "update of the weights", "1"),
    ("quantile", "quantile over sequences", "1"),
)
AROUND = ("update", "module", "layer", "direction")


def make_dataset(seen: Mapping[int, Mapping[Place, Numbers]], refused: Sequence[str]) -> xr.Dataset:
    """The dataset of `Watcher.dataset`.

    Parameters
    ----------
    seen : mapping of int to mapping of Place to Numbers
        By update.
    refused : sequence of str
        Sentences on what was not measured.
    """
    places = [place for numbers in seen.values() for place in numbers]
    cells = {place.module: n.cell for numbers in seen.values() for place, n in numbers.items()}
    around = {
        "update": sorted(seen),
        "module": list(dict.fromkeys(p.module for p in places)),
        "layer": sorted({p.layer for p in places}),
        "direction": list(dict.fromkeys(p.direction for p in places)),
    }
    every = [(update, place, n) for update, numbers in seen.items() for place, n in numbers.items()]
    steps = max(rows.shape[-1] for _, _, n in every for rows in n.norms.values())
    data = xr.Dataset(coords={**around, "step": np.arange(steps)}, attrs=_attrs(cells, refused))
    data["cell"] = ("module", list(cells.values()))
    norms = _gather(around, [(u, p, n.norms) for u, p, n in every], "quantity", 4, steps)
    quartiles = xr.DataArray(norms.values[..., :3, :], {**_without(norms), "quantile": list(QUARTILES)},
                             (*AROUND, "quantity", "quantile", "step"))  # fmt: skip
    data["log10_norm"] = quartiles
    data["log10_norm_together"] = norms.isel(row=3)
    data = data.assign(_series(around, [(u, p, n.gates) for u, p, n in every], "gate", SERIES, steps))
    weights = [(u, p, n.weights) for u, p, n in every]
    data = data.assign(_series(around, weights, "weight", ("log10_weight_norm", "weight_share"), steps))
    return label(data, tuple(entry for entry in LABELS if entry[0] in data.variables))


def _series(
    around: Mapping[str, Any], found: Sequence[tuple[int, Place, Mapping[str, Array]]], by: str,
    names: Sequence[str], steps: int,
) -> dict[str, xr.DataArray]:  # fmt: skip
    """A variable for each row of arrays (rows, T + 2), or none where there is nothing."""
    if not any(arrays for _, _, arrays in found):
        return {}
    whole = _gather(around, found, by, len(names), steps)
    return {name: whole.isel(row=k) for k, name in enumerate(names)}


def _gather(
    around: Mapping[str, Any], found: Sequence[tuple[int, Place, Mapping[str, Array]]], by: str, rows: int, steps: int
) -> xr.DataArray:
    """Arrays (rows, T + 2) of each update and place in one, NaN where there are none."""
    names = list(dict.fromkeys(name for _, _, arrays in found for name in arrays))
    if by == "quantity":
        names.sort(key=lambda name: (name in ("state", "x"), name == "x"))
    dims = (*AROUND, by, "row", "step")
    shape = (*(len(around[d]) for d in AROUND), len(names), rows, steps)
    whole = xr.DataArray(np.full(shape, np.nan), {**around, by: names, "step": np.arange(steps)}, dims)
    for update, place, arrays in found:
        for name, array in arrays.items():
            whole.loc[{"update": update, **place._asdict(), by: name, "step": np.arange(array.shape[-1])}] = array
    return whole


def _without(array: xr.DataArray) -> dict[str, Any]:
    return {str(name): coord for name, coord in array.coords.items()}


def _attrs(cells: Mapping[str, str], refused: Sequence[str]) -> dict[str, Any]:
    return {
        "title": "gradient over time steps in a live model",
        "source": f"gatedsym {__version__}",
        "cells": list(dict.fromkeys(cells.values())),
        "refused": list(refused),
    }
