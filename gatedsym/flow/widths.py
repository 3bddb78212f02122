"""Several hidden sizes: the datasets of an analysis, one for each size → one with a dimension ``n``, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_several, is_whole, shown

BY_N = "by_n"
"""The attribute that holds, as JSON, those attributes that differ between sizes, and lengths of dimensions."""
_BEFORE = ("cell", "entry", "function", "init", "gain", "retention")
"""The dimensions that stand before ``n``."""


def each_width(function: Callable[..., xr.Dataset], args: Sequence[Any], options: Mapping[str, Any]) -> xr.Dataset:
    """Call an analysis for each hidden size that is asked for; join what it returns where there are several.

    Raises
    ------
    ArgumentError
        If several sizes are given of which one is no integer of at least 1, or occurs twice.
    """
    widths = _read_widths(options.get("n"))
    if len(widths) == 1:
        return function(*args, **{**options, "n": widths[0]}) if "n" in options else function(*args, **options)
    args, options = [_held(v) for v in args], {name: _held(v) for name, v in options.items()}
    told = options.get("progress")
    found = []
    for k, n in enumerate(widths):
        part = dict(options) | {"n": n}
        if told is not None:
            part["progress"] = lambda done, k=k: told((k + done) / len(widths))
        found.append(function(*args, **part))
    return join_widths(found, widths)


def _read_widths(n: Any) -> tuple[Any, ...]:
    """The hidden sizes; one that is given alone is checked where it is used."""
    if not isinstance(n, Iterable) or isinstance(n, str | bytes | Mapping):
        return (n,)
    widths = expect_several("n", n, "a hidden size, or several")
    for size in widths:
        if not is_whole(size) or size < 1:
            raise ArgumentError(f"n has {shown(size)}: give integers of at least 1.")
    if len(set(widths)) != len(widths):
        raise ArgumentError(f"n {shown(list(widths))}: one occurs twice; give each once.")
    return tuple(map(int, widths))


def join_widths(found: Sequence[xr.Dataset], widths: Sequence[int]) -> xr.Dataset:
    """One dataset with a dimension ``n``; what a smaller network has fewer of is NaN beyond."""
    lengths = {str(d): [int(data.sizes[d]) for data in found] for d in found[0].dims}
    lengths = {d: sizes for d, sizes in lengths.items() if len(set(sizes)) > 1}
    unnamed = [d for d in lengths if d not in found[0].coords]
    padded = [data.pad({d: (0, max(lengths[d]) - data.sizes[d]) for d in unnamed}) for data in found]
    joined = xr.concat(
        padded, xr.DataArray(list(widths), dims="n", name="n"), data_vars="all", coords="minimal", compat="override",
        join="outer", combine_attrs="override",
    )  # fmt: skip
    for name, variable in joined.data_vars.items():
        dims = [d for d in variable.dims if d != "n"]
        at = max((k + 1 for k, d in enumerate(dims) if d in _BEFORE), default=0)
        joined[name] = variable.transpose(*dims[:at], "n", *dims[at:])
    attrs = found[0].attrs
    differing = {
        k: [data.attrs[k] for data in found] for k in attrs if any(_differ(attrs[k], d.attrs[k]) for d in found)
    }
    joined.attrs = {k: list(widths) if k == "n" else v for k, v in attrs.items() if k == "n" or k not in differing}
    joined.attrs[BY_N] = json.dumps({"n": list(widths), "attrs": differing, "lengths": lengths}, default=_plain)
    joined["n"].attrs = {"long_name": "hidden size", "units": "1"}
    return joined


def at_one_width(data: xr.Dataset) -> xr.Dataset:
    """A dataset of one hidden size as the analysis returns it for that size alone, from a selection of several.

    Raises
    ------
    ArgumentError
        If it holds several sizes.
    """
    if BY_N not in data.attrs:
        return data
    said = json.loads(str(data.attrs[BY_N]))
    held = [int(n) for n in np.ravel(data["n"].values)]
    if len(held) != 1:
        raise ArgumentError(
            f"the dataset holds n = {', '.join(map(str, held))}, and a figure shows one size: select it with "
            f"data.sel(n={held[-1] if held else said['n'][-1]})."
        )
    at = said["n"].index(held[0])
    one = data.squeeze("n", drop=True) if "n" in data.dims else data.drop_vars("n")
    one = one.isel({d: slice(0, sizes[at]) for d, sizes in said["lengths"].items() if d in one.dims})
    one = one.copy()
    one.attrs = {k: v for k, v in data.attrs.items() if k != BY_N} | {k: of[at] for k, of in said["attrs"].items()}
    return one


def _held(value: Any) -> Any:
    """A value that can be read again and again."""
    return tuple(value) if isinstance(value, Iterator) else value


def _differ(a: Any, b: Any) -> bool:
    return bool(np.shape(a) != np.shape(b) or np.any(np.asarray(a) != np.asarray(b)))


def _plain(value: Any) -> Any:
    """A number or an array of NumPy for JSON."""
    return value.tolist()
