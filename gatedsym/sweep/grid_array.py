"""Datasets and their places on a grid → one dataset, each variable an array over the axes and its own dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.typing import Array


@dataclass(frozen=True)
class Placed:
    """A place on a grid.

    Attributes
    ----------
    place : mapping of str to int
        Of each axis the index.
    axes : mapping of str to list
        Labels of each axis, in order.
    """

    place: Mapping[str, int]
    axes: Mapping[str, list[Any]]


def join_placed(
    parts: Sequence[tuple[Placed, xr.Dataset]], first: Mapping[str, Sequence[Any]] | None = None
) -> tuple[xr.Dataset, list[str]]:
    """One dataset of all, and the variables whose values disagree where parts overlap.

    Parameters
    ----------
    parts : sequence of (Placed, xarray.Dataset)
    first : mapping, optional
        Values that dimensions of the parts have at least, in order.
    """
    if not parts:
        return xr.Dataset(), []
    axes = parts[0][0].axes
    datasets = [data for _, data in parts]
    lengths, coords = _own_dimensions(datasets, axes, first or {})
    joined, disagreeing = {}, []
    kinds = {str(name): name in data.coords for data in datasets for name in data.variables}
    beside = []
    for name, is_coordinate in kinds.items():
        if name in coords or name in axes:
            continue
        outer = [] if is_coordinate else list(axes)
        variable, agrees = _joined_variable(name, parts, outer, lengths, coords)
        joined[name] = variable
        beside += [name] if is_coordinate else []
        disagreeing += [] if agrees else [name]
    told = {str(dim): data[dim].attrs for data in reversed(datasets) for dim in data.dims if dim in data.coords}
    labelled = {dim: (dim, values, told.get(dim)) for dim, values in {**axes, **coords}.items()}
    return xr.Dataset(joined, labelled).set_coords(beside), disagreeing


def _own_dimensions(
    datasets: Sequence[xr.Dataset], axes: Mapping[str, Any], first: Mapping[str, Sequence[Any]]
) -> tuple[dict[str, int], dict[str, list[Any]]]:
    """Lengths of the parts' dimensions, and labels of those that have any."""
    lengths: dict[str, int] = {axis: len(values) for axis, values in axes.items()}
    seen: dict[str, dict[Any, None]] = {}
    for data in datasets:
        for dim in map(str, data.dims):
            if dim in data.coords:
                seen.setdefault(dim, dict.fromkeys(first.get(dim, ()))).update(dict.fromkeys(data[dim].values.tolist()))
            elif dim not in axes:
                lengths[dim] = max(lengths.get(dim, 0), data.sizes[dim])
    coords = {dim: list(values) for dim, values in seen.items()}
    for dim, values in coords.items():
        if dim not in first and all(isinstance(v, int | float) for v in values):
            values.sort()
        lengths[dim] = len(values)
    return lengths, coords


def _joined_variable(
    name: str, parts: Sequence[tuple[Placed, xr.Dataset]], outer: Sequence[str], lengths: Mapping[str, int],
    coords: Mapping[str, list[Any]],
) -> tuple[xr.Variable, bool]:  # fmt: skip
    """A variable over the axes and its own dimensions; whether its values agree where parts overlap."""
    there = [(placed, data.variables[name]) for placed, data in parts if name in data.variables]
    indices = {dim: {value: k for k, value in enumerate(values)} for dim, values in coords.items()}
    dims = list(dict.fromkeys(str(d) for _, variable in there for d in variable.dims if d not in outer))
    shape = [lengths[d] for d in (*outer, *dims)]
    values, filled = _empty([variable.dtype for _, variable in there], shape), np.zeros(shape, bool)
    agrees = True
    for (placed, data), variable in ((p, p[1].variables[name]) for p in parts if name in p[1].variables):
        own = [str(d) for d in variable.dims]
        ordered = np.transpose(variable.values, [own.index(d) for d in dims if d in own])
        where: list[Sequence[int]] = [[placed.place[axis]] for axis in outer]
        for dim in dims:
            known = indices.get(dim)
            labelled = dim in own and known and dim in data.coords
            size = variable.sizes.get(dim, lengths[dim])
            where.append([known[v] for v in data[dim].values.tolist()] if known and labelled else range(size))
        at = np.ix_(*map(list, where))
        there_too = [1 if d not in own else variable.sizes[d] for d in dims]
        new = np.broadcast_to(ordered.reshape([1] * len(outer) + there_too), [len(w) for w in where])
        agrees &= not (filled[at].any() and not _same(values[at], new, filled[at]))
        values[at], filled[at] = new, True
    return xr.Variable((*outer, *dims), _finished(values, filled), there[0][1].attrs), agrees


def _empty(dtypes: Sequence[np.dtype[Any]], shape: Sequence[int]) -> Array:
    kinds = {dtype.kind for dtype in dtypes}
    if kinds & set("OUS"):
        return np.full(shape, "", object)
    if kinds == {"b"}:
        return np.zeros(shape, bool)
    if kinds <= set("iu"):
        return np.zeros(shape, np.result_type(*dtypes))
    common = np.result_type(*dtypes, np.float32) if kinds & set("iub") else np.result_type(*dtypes)
    return np.full(shape, np.nan, common)


def _finished(values: Array, filled: Array) -> Array:
    """Values with NaN where there are none: whole numbers and flags become floats there."""
    if values.dtype.kind == "O":
        return values.astype(str)
    if values.dtype.kind in "biu" and not filled.all():
        return np.where(filled, values.astype(np.float64), np.nan)
    return values


def _same(old: Any, new: Any, where: Any) -> bool:
    old, new = old[where], new[where]
    if old.dtype.kind in "fc":
        return bool(np.array_equal(old, new, equal_nan=True))
    return bool(np.array_equal(old, new))


__all__ = ["Placed", "join_placed"]
