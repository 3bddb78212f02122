"""A dataset, or a part of it that was selected → the same with every dimension that its figure goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.flow.analyses.ablation import AS_IT_IS
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


def _each(dims: tuple[str, ...], *names: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(names, dims)


FORMS: Mapping[str, Form] = {
    "gradient_norm": Form("log10_norm", {"log10_norm": (*_RUN, "quantity", "lag")}, along=("lag",)),
    "depth": Form(
        "layer_name",
        {"log10_norm": (*_RUN, "layer", "lag"), "layer_name": ("cell", "layer")},
        along=("lag",),
    ),
    "truncation": Form(
        "relative_error",
        _each((*_RUN, "loss", "window"), "relative_error", "cosine", "norm_ratio", "input_share"),
        along=("window",),
    ),
    "clipping": Form(
        "share_clipped",
        _each((*_RUN, "threshold"), "share_clipped", "cosine", "log10_ratio")
        | {"log10_norm": (*_RUN, "sequence"), "dominance": _RUN},
        along=("threshold", "sequence"),
    ),
    "paths": Form(
        "log10_whole",
        _each((*_RUN, "view", "path", "lag"), "log10_norm", "share", "square")
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
        _each((*_RUN, "norm", "lag"), "log10_bound", "log10_norm") | {"log10_gradient": (*_RUN, "lag")},
        others=("cell",),
        along=("lag",),
        holds={"norm": ("2",)},
    ),
    "lyapunov": Form(
        "exponent",
        _each((*_RUN, "index"), "exponent", "standard_error")
        | {"running": (*_RUN, "quantity", "time")}
        | _each(_RUN, "mean_exponent", "dimension", "entropy_rate", "interval"),
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
        _each(("cell", "place", "gain"), "chi", "chi_error", "tied", "tied_error")
        | _each(("cell", "place"), "at_rest", "at_rest_error", "bias")
        | _each(("cell", "place", "gain", "seed"), "chi_of_each")
        | _each(("cell", "place", "gain", "network"), "tied_of_each")
        | _each(("cell", "place", "seed"), "at_rest_of_each"),
        others=("cell",),
        along=("place", "gain"),
        by_cell=("at_rest_by",),
    ),
    "quiescent": Form(
        "eigenvalue_real",
        _each((*_RUN, "eigenvalue"), "eigenvalue_real", "eigenvalue_imag")
        | _each(("cell", "init", "gain", "retention", "point"), "boundary_real", "boundary_imag")
        | _each(
            _RUN, "spectral_radius", "predicted_radius", "disc_centre", "disc_radius", "critical_gain",
            "critical_gain_measured",
        ),
        by_cell=("sizes_used", "regions"),
        absent=("point",),
    ),
    "timescales": Form(
        "half_life",
        _each(("entry", "bias"), "kept", "half_life", "kept_of_horizon")
        | _each(("entry", "horizon"), "bias_for_half_life", "bias_for_time_constant")
        | _each(("entry", "quantile"), "chrono_bias", "chrono_half_life", "constant_half_life")
        | {"measured_half_life": ("entry", "init", "gain", "retention", "seed", "quantile"),
           "measured_bias": ("entry", "init", "gain", "retention", "seed")},
        others=("entry",),
        along=("bias", "quantile"),
    ),
    "mean_field": Form(
        "followed",
        _each(_RUN, "followed", "rate", "untied", "tied", "chi") | {"mean_square": (*_RUN, "state")},
    ),
    "ablation": Form(
        "edit",
        _each(("cell", "init", "gain", "retention", "ablation", "seed"), "rate", "lambda_1", "chi", "highway")
        | _each(("cell", "ablation"), "parameters", "operations", "kind", "edit", "said"),
        holds={"ablation": (AS_IT_IS,)},
    ),
    "jacobian_sheet": Form("right_mathtext", {}, others=("cell",)),
    "layers": Form(
        "log10_distance",
        _each(("function", "gain", "seed", "depth"), "log10_size", "log10_spread", "log10_distance"),
        others=("function",),
        along=("depth",),
    ),
    "gate_statistics": Form(
        "unit_left",
        _each((*_RUN, "gate", "time"), "mean", "lower", "median", "upper", "left", "right")
        | _each((*_RUN, "gate", "unit"), "unit_left", "unit_right")
        | _each((*_RUN, "passage"), "through", "before"),
        along=("time",),
        absent=("passage",),
    ),
    "valve": Form(
        "passed",
        _each((*_RUN, "passage", "level", "unit"), "gate", "factor", "operand", "passed")
        | {"input": (*_RUN, "passage", "level", "feature"), "miss": (*_RUN, "passage", "level"),
           "kept": (*_RUN, "passage")},
        absent=("feature",),
    ),
    "bench": Form(
        "fraction_of_peak",
        {"milliseconds": ("point", "measure", "library"), "peak": ("point",)}
        | _each(("point", "measure"), "fraction_of_peak", "multiply_adds"),
        holds={"measure": ("forward + backward",), "library": ("gatedsym",)},
    ),
}  # fmt: skip
"""By the analysis that returns it, as ``gatedsym.flow`` calls it."""


def _origin(measure: str) -> str:
    """The command or the function that gives the dataset."""
    return "gatedsym bench" if measure == "bench" else f"gatedsym.flow.{measure}"


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
    if not isinstance(data, xr.Dataset):
        raise ArgumentError(
            f"the figure needs the dataset that {_origin(measure)} returns, not an object of type "
            f"{type(data).__name__}."
        )
    if form.variable not in data:
        raise ArgumentError(
            f"the figure needs the dataset that {_origin(measure)} returns, not a dataset without {form.variable}."
        )
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
                f"the figure of {_origin(measure)} needs the dimension {dim}, and {name} has lost it: select with "
                f".sel({dim}=[...]), and take no mean over it."
            )
        beside = {k: data[k] for k in data.coords if not data[k].ndim and _goes_with(str(k), dim, form)}
        variable = variable.expand_dims({dim: [data[dim].item()]})
        beside[dim] = data[dim]
        variable = variable.assign_coords({k: (dim, [c.item()], c.attrs) for k, c in beside.items()})
    extra = [str(d) for d in variable.dims if d not in dims]
    if extra:
        raise ArgumentError(
            f"the figure of {_origin(measure)} knows no dimension {extra[0]}: select one value of it with .sel."
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
            raise ArgumentError(f"the selection from {_origin(measure)} is empty: it has no value of {dim}.")
    for dim in form.along:
        if dim in data.sizes and data.sizes[dim] < 2:
            raise ArgumentError(
                f"the figure of {_origin(measure)} is drawn against {dim}: keep at least two values of it."
            )
    for dim, values in form.holds.items():
        missing = [v for v in values if dim in data.coords and v not in data[dim].values.astype(str)]
        if missing:
            raise ArgumentError(
                f"the figure of {_origin(measure)} needs {dim} {missing[0]!r}, which was not selected: keep "
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
        values = np.atleast_1d(data.attrs.get(name, [])).tolist()
        if len(values) == len(before):
            data.attrs[name] = [values[before.index(c)] for c in now]
    data.attrs["cells"] = now
    return data


__all__ = ["FORMS", "Form", "restored"]
