"""A dataset, or a part of it that was selected → the same with every dimension that its figure goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.flow.widths import at_one_width

_RUN = ("cell", "init", "gain", "retention", "seed")


@dataclass(frozen=True)
class Form:
    """The dataset that an analysis returns, as far as its figure needs it.

    Attributes
    ----------
    variable : str
        Without which the dataset is another one.
    dims : mapping of str to tuple of str
        The dimensions of each variable.
    others : tuple of str
        The dimensions of a variable that is not named, where a selection has left it none.
    along : tuple of str
        What is drawn against: at least two values are needed.
    holds : mapping of str to str
        Values of a dimension that the figure cannot do without.
    by_cell : tuple of str
        Attributes that are lists, an entry a cell.
    absent : tuple of str
        Dimensions that a cell may have nothing of, which are then empty without a selection.
    """

    variable: str
    dims: Mapping[str, tuple[str, ...]]
    others: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    holds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_cell: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def _each(names: str, dims: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(names.split(), dims)


FORMS: Mapping[str, Form] = {
    "gradient_norm": Form("log10_norm", {"log10_norm": (*_RUN, "quantity", "lag")}, along=("lag",)),
    "depth": Form(
        "layer_name",
        {"log10_norm": (*_RUN, "layer", "lag"), "layer_name": ("cell", "layer")},
        along=("lag",),
    ),
    "truncation": Form(
        "relative_error",
        _each("relative_error cosine norm_ratio input_share", (*_RUN, "loss", "window")),
        along=("window",),
    ),
    "clipping": Form(
        "share_clipped",
        _each("share_clipped cosine log10_ratio", (*_RUN, "threshold"))
        | {"log10_norm": (*_RUN, "sequence"), "dominance": _RUN},
        along=("threshold", "sequence"),
    ),
    "paths": Form(
        "log10_whole",
        _each("log10_norm share square", (*_RUN, "view", "path", "lag"))
        | {"log10_whole": (*_RUN, "lag"), "cross": (*_RUN, "view", "lag")},
        along=("lag",),
        holds={"view": ("departure", "last step")},
    ),
    "temporal_contributions": Form(
        "reach",
        {"log10_norm": (*_RUN, "parameter", "k", "t"), "reach": (*_RUN, "parameter"), "family": ("parameter",)},
        along=("k", "t"),
    ),
    "bound": Form(
        "log10_bound",
        _each("log10_bound log10_norm", (*_RUN, "norm", "lag")) | {"log10_gradient": (*_RUN, "lag")},
        others=("cell",),
        along=("lag",),
        holds={"norm": ("2",)},
    ),
    "lyapunov": Form(
        "exponent",
        _each("exponent standard_error", (*_RUN, "index"))
        | {"running": (*_RUN, "quantity", "time")}
        | _each("mean_exponent dimension entropy_rate interval", _RUN),
        others=("cell",),
        along=("time",),
        holds={"quantity": ("largest exponent",)},
    ),
    "singular_values": Form(
        "log10_singular_value",
        {"log10_singular_value": (*_RUN, "lag", "index"), "log10_condition": (*_RUN, "lag")},
        others=("cell",),
    ),
    "phase_diagram": Form(
        "at_rest",
        _each("chi chi_error tied tied_error", ("cell", "place", "gain"))
        | _each("at_rest at_rest_error bias", ("cell", "place"))
        | _each("chi_of_each", ("cell", "place", "gain", "seed"))
        | _each("tied_of_each", ("cell", "place", "gain", "network"))
        | _each("at_rest_of_each", ("cell", "place", "seed")),
        others=("cell",),
        along=("place", "gain"),
        by_cell=("at_rest_by",),
    ),
    "quiescent": Form(
        "eigenvalue_real",
        _each("eigenvalue_real eigenvalue_imag", (*_RUN, "eigenvalue"))
        | _each("boundary_real boundary_imag", ("cell", "init", "gain", "retention", "point"))
        | _each(
            "spectral_radius predicted_radius disc_centre disc_radius critical_gain critical_gain_measured", _RUN
        ),
        by_cell=("sizes_used", "regions"),
        absent=("point",),
    ),
    "timescales": Form(
        "half_life",
        _each("kept half_life kept_of_horizon", ("entry", "bias"))
        | _each("bias_for_half_life bias_for_time_constant", ("entry", "horizon"))
        | _each("chrono_bias chrono_half_life constant_half_life", ("entry", "quantile"))
        | {"measured_half_life": ("entry", "init", "gain", "retention", "seed", "quantile"),
           "measured_bias": ("entry", "init", "gain", "retention", "seed")},
        others=("entry",),
        along=("bias", "quantile"),
    ),
    "mean_field": Form(
        "followed",
        _each("followed rate untied tied chi", _RUN) | {"mean_square": (*_RUN, "state")},
    ),
    "ablation": Form(
        "edit",
        _each("rate lambda_1 chi highway", ("cell", "init", "gain", "retention", "ablation", "seed"))
        | _each("parameters operations kind edit said", ("cell", "ablation")),
        holds={"ablation": ("as it is",)},
    ),
    "jacobian_sheet": Form("right_mathtext", {}, others=("cell",)),
    "layers": Form(
        "log10_distance",
        _each("log10_size log10_spread log10_distance", ("function", "gain", "seed", "depth")),
        others=("function",),
        along=("depth",),
    ),
    "gate_statistics": Form(
        "unit_left",
        _each("mean lower median upper left right", (*_RUN, "gate", "time"))
        | _each("unit_left unit_right", (*_RUN, "gate", "unit"))
        | _each("through before", (*_RUN, "passage")),
        along=("time",),
        absent=("passage",),
    ),
    "valve": Form(
        "passed",
        _each("gate factor operand passed", (*_RUN, "passage", "level", "unit"))
        | {"input": (*_RUN, "passage", "level", "feature"), "miss": (*_RUN, "passage", "level"),
           "kept": (*_RUN, "passage")},
        absent=("feature",),
    ),
    "bench": Form(
        "fraction_of_peak",
        {"milliseconds": ("point", "measure", "library"), "peak": ("point",)}
        | _each("fraction_of_peak multiply_adds", ("point", "measure")),
        holds={"measure": ("forward + backward",), "library": ("gatedsym",)},
    ),
}  # fmt: skip
"""By the analysis that returns it, as ``gatedsym.flow`` calls it."""


def restored(data: Any, measure: str) -> xr.Dataset:
    """A dataset of an analysis with all of its dimensions: one that a selection dropped comes back with one value.

    Parameters
    ----------
    data : xarray.Dataset
        What the analysis returned, or a selection from it: ``data.sel(cell="lstm", init="xavier")``.
    measure : str
        One of `FORMS`.

    Returns
    -------
    xarray.Dataset
        What it counts (seeds) is what is there.

    Raises
    ------
    ArgumentError
        For what is no such dataset, for one of several hidden sizes, and for one that lacks what its figure goes by.
    """
    form = FORMS[measure]
    if not isinstance(data, xr.Dataset) or form.variable not in data:
        given = (
            f"a dataset without {form.variable}"
            if isinstance(data, xr.Dataset)
            else f"an object of type {type(data).__name__}"
        )
        raise ArgumentError(f"the figure needs the dataset that gatedsym.flow.{measure} returns, not {given}.")
    data = at_one_width(data)
    whole = data.copy()
    if any(data[k].dims != form.dims.get(str(k), data[k].dims or form.others) for k in data.data_vars):
        parts = {str(k): _whole(data, str(k), form, measure) for k in data.data_vars}
        coords = {k: c for part in parts.values() for k, c in part.coords.items()}
        coords |= {k: c for k, c in data.coords.items() if k not in coords and c.ndim}
        # In the order of an undivided dataset, by which tables are sorted.
        order = list(dict.fromkeys(d for part in parts.values() for d in part.dims))
        named = {d: coords.pop(d) for d in order if d in coords}
        whole = xr.Dataset({k: part.variable for k, part in parts.items()}, named | coords, dict(data.attrs))
    _require(whole, form, measure)
    if "seed" in whole.sizes and "seeds" in whole.attrs:
        whole.attrs["seeds"] = whole.sizes["seed"]
    return _of_cells(whole, form)


def _whole(data: xr.Dataset, name: str, form: Form, measure: str) -> xr.DataArray:
    """A variable with the dimensions of its form, in its order."""
    variable = data[name]
    dims = form.dims.get(name, form.others if not variable.ndim else tuple(map(str, variable.dims)))
    for dim in dims:
        if dim in variable.dims:
            continue
        if dim not in data.coords or data[dim].ndim:
            raise ArgumentError(
                f"the figure of gatedsym.flow.{measure} needs the dimension {dim}, and {name} has lost it: select with "
                f".sel({dim}=[...]), and take no mean over it."
            )
        beside = {k: data[k] for k in data.coords if not data[k].ndim and _goes_with(str(k), dim, form)}
        variable = variable.expand_dims({dim: [data[dim].item()]})
        beside[dim] = data[dim]
        variable = variable.assign_coords({k: (dim, [c.item()], c.attrs) for k, c in beside.items()})
    extra = [str(d) for d in variable.dims if d not in dims]
    if extra:
        raise ArgumentError(
            f"the figure of gatedsym.flow.{measure} knows no dimension {extra[0]}: select one value of it with .sel."
        )
    scalar = [k for k in variable.coords if not variable[k].ndim]
    return variable.drop_vars(scalar).transpose(*dims)


def _goes_with(name: str, dim: str, form: Form) -> bool:
    """Whether a coordinate that a selection left single belongs to a dimension that has no values of its own."""
    own = {d for dims in form.dims.values() for d in dims}
    return name not in own and dim in ("entry", "point")


def _require(data: xr.Dataset, form: Form, measure: str) -> None:
    """Require what the figure is drawn against, and values that it cannot do without."""
    for dim, size in data.sizes.items():
        if size == 0 and dim not in form.absent:
            raise ArgumentError(f"the selection from gatedsym.flow.{measure} is empty: it has no value of {dim}.")
    for dim in form.along:
        if dim in data.sizes and data.sizes[dim] < 2:
            raise ArgumentError(
                f"the figure of gatedsym.flow.{measure} is drawn against {dim}: keep at least two values of it."
            )
    for dim, values in form.holds.items():
        missing = [v for v in values if dim in data.coords and v not in data[dim].values.astype(str)]
        if missing:
            raise ArgumentError(
                f"the figure of gatedsym.flow.{measure} needs {dim} {missing[0]!r}, which was not selected: keep "
                f"{' and '.join(map(repr, values))}."
            )


def _of_cells(data: xr.Dataset, form: Form) -> xr.Dataset:
    """Lists that run over the cells cut to those that are there, in their order."""
    before = [str(c) for c in np.atleast_1d(data.attrs.get("cells", []))]
    if "cell" not in data.coords or not before:
        return data
    now = list(dict.fromkeys(str(c) for c in np.atleast_1d(data["cell"].values)))
    if now == before or not set(now) <= set(before):
        return data
    for name in (*form.by_cell, "compared_states", "constants_from"):
        values = np.atleast_1d(data.attrs.get(name, []))
        if len(values) == len(before):
            data.attrs[name] = [values[before.index(c)] for c in now]
    data.attrs["cells"] = now
    return data


__all__ = ["FORMS", "Form", "restored"]
