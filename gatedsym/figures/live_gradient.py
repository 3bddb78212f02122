"""A model watched while it learns: gradient norms and openness of gates over time steps, a line an update."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_several, shown
from gatedsym.figures.caption import Caption, literal
from gatedsym.figures.figure import Figure
from gatedsym.figures.gradient_norm import gradient_label
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_band, powers_of_ten
from gatedsym.figures.style import SERIES
from gatedsym.figures.words import amount, cell_label, listing
from gatedsym.flow.numerics.adjoints import norms_at_ends
from gatedsym.messages import room

say = room("captions")

DIMS = ("update", "module", "layer", "direction", "quantity", "quantile", "step")


class _Row(NamedTuple):
    """A direction of a layer of a module, and its name beside the row."""

    module: str
    layer: int
    direction: str
    name: str

    def of(self, data: xr.DataArray) -> xr.DataArray:
        """Its part of a variable."""
        return data.sel(module=self.module, layer=self.layer, direction=self.direction)


def live_gradient(
    data: xr.Dataset,
    *,
    quantities: Sequence[str] | None = None,
    updates: Sequence[int] | None = None,
    gates: Sequence[str] | None = None,
    name: str = "live-gradient",
    **look: Unpack[Look],
) -> Figure:
    """Draw how the gradient at each time step of a live model, and its gates, change while it learns.

    Parameters
    ----------
    data : xarray.Dataset
        From the watcher of ``gatedsym.torch.watch``, or a selection that keeps its dimensions.
    quantities : sequence of str
        Of the dataset; its states by default.
    updates : sequence of int
        Of the dataset, at most six; by default as many, evenly over those that were watched.
    gates : sequence of str
        Of the dataset; all by default, and with ``[]`` no panel is of a gate.
    name : str
        For file names and the LaTeX label.
    **look
        Width, height, type, colours, axes: see `gatedsym.figures.Look`.

    Returns
    -------
    Figure

    Raises
    ------
    ArgumentError
        For another dataset, and for what it does not hold.

    Examples
    --------
    >>> import torch
    >>> import gatedsym as gs
    >>> import gatedsym.torch as gt
    >>> model = torch.nn.LSTM(2, 3)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> with gt.watch(model, every=1) as watcher:
    ...     model(torch.randn(5, 4, 2))[0][-1].sum().backward()
    ...     optimizer.step()
    >>> gs.figures.live_gradient(watcher.dataset()).name
    'live-gradient'
    """
    _require(data)
    columns = _chosen("quantities", quantities, data["quantity"].values, _states(data))
    drawn = _chosen("updates", updates, data["update"].values, _spread(data["update"].values))
    if len(drawn) > len(SERIES):
        raise ArgumentError(f"updates are {len(drawn)}: give at most {len(SERIES)}, whose lines can be told apart.")
    rows, every = _rows(data), [str(g) for g in data["gate"].values] if "gate" in data.dims else []
    gates = _chosen("gates", gates, every, every) if gates is None or len(gates) else []
    with plate(name, look) as page:
        axes = page.grid(len(rows), len(columns) + len(gates), 1.35, sharey="col")
        for i, row in enumerate(rows):
            for j, quantity in enumerate(columns):
                _draw(axes[i, j], row.of(data["log10_norm"]).sel(quantity=quantity), drawn)
                powers_of_ten(axes[i, j].yaxis)
            for j, gate in enumerate(gates, len(columns)):
                _draw(axes[i, j], row.of(data["openness"]).sel(gate=gate), drawn)
                axes[i, j].set_ylim(-0.03, 1.03)
            page.name_row(axes[i, -1], row.name)
        for panel, title in zip(axes[0], [*map(gradient_label, columns), *(say("legend-gate", gate=g) for g in gates)]):
            panel.set_title(title)
        for panel in axes[-1]:
            panel.set_xlabel(say("axis-step"))
        page.legend([(say("legend-update", update=str(u)), SERIES[k]) for k, u in enumerate(drawn)])
    title = say("title-live", places=listing([row.name for row in rows]))
    caption = _caption(data, rows, columns, gates, drawn)
    return page.figure(title, data, _table(data, rows, columns, gates, drawn), caption)


def _draw(axes: Axes, part: xr.DataArray, updates: Sequence[int]) -> None:
    """A line an update, with a band where there are quartiles; the panel of what a cell lacks is empty and hidden."""
    if not bool(part.notnull().any()):
        axes.set_axis_off()
        return
    for k, update in enumerate(updates):
        one = part.sel(update=update).transpose("step", ...)
        one = one.isel(step=np.flatnonzero(one.notnull().values.reshape(len(one), -1).any(axis=1)))
        curves = one.values.T if "quantile" in one.dims else [one.values] * 3
        if one.sizes["step"]:
            draw_band(axes, one["step"].values, curves, SERIES[k], shift=k / len(updates))


def _rows(data: xr.Dataset) -> list[_Row]:
    """The places of which there is something, each with a name as short as tells it from the others."""
    found = []
    several = {d: data.sizes[d] > 1 for d in ("layer", "direction")}
    for module in data["module"].values:
        for layer in data["layer"].values:
            for direction in data["direction"].values:
                row = _Row(str(module), int(layer), str(direction), "")
                if bool(row.of(data["log10_norm"]).notnull().any()):
                    words = [row.module or say("live-model")]
                    words += [say("layer-numbered", number=int(layer))] * several["layer"]
                    words += [row.direction] * several["direction"]
                    found.append(row._replace(name=", ".join(filter(None, words))))
    return found


def _states(data: xr.Dataset) -> list[str]:
    """The states among the quantities, or what a selection has left."""
    every = [str(q) for q in data["quantity"].values]
    around = every.index("state") if "state" in every else len(every)
    return every[:around] or every


def _spread(updates: Any) -> list[int]:
    """As many updates as there are lines, evenly spaced, the first and the last among them."""
    places = np.unique(np.linspace(0, len(updates) - 1, min(len(updates), len(SERIES))).round().astype(int))
    return [int(updates[p]) for p in places]


def _chosen(what: str, given: Any, known: Any, default: list[Any]) -> list[Any]:
    if given is None:
        return default
    given = expect_several(what, given, f"of {', '.join(map(str, known))}")
    for one in given:
        if one not in list(known):
            raise ArgumentError(
                f"{what} has {shown(one)}, which was not seen: choose from {', '.join(map(str, known))}."
            )
    return list(given)


def _require(data: Any) -> None:
    if not isinstance(data, xr.Dataset) or "log10_norm" not in data or data["log10_norm"].dims != DIMS:
        raise ArgumentError(
            "live_gradient needs the dataset of a watcher (gatedsym.torch.watch) with its dimensions: select with "
            "lists, such as .sel(layer=[0])."
        )
    if not bool(data["log10_norm"].notnull().any()):
        raise ArgumentError("the selection from a watcher's dataset is empty: keep a layer that was seen.")


def _table(
    data: xr.Dataset, rows: Sequence[_Row], columns: Sequence[str], gates: Sequence[str], updates: Sequence[int]
) -> pd.DataFrame:
    """A row a point that is drawn."""
    found = []
    for row in rows:
        place = {"module": row.module, "layer": row.layer, "direction": row.direction}
        for update in updates:
            for what, part in _parts(data, row, columns, gates):
                one = part.sel(update=update).transpose("step", ...)
                for step, values in zip(one["step"].values, one.values.reshape(len(one), -1)):
                    if not np.isnan(values).all():
                        lower, middle, upper = values if len(values) == 3 else (np.nan, values[0], np.nan)
                        numbers = {"lower": lower, "median" if len(values) == 3 else "mean": middle, "upper": upper}
                        found.append({**place, "update": update, "of": what, "step": int(step), **numbers})
    return pd.DataFrame(found)


def _parts(data: xr.Dataset, row: _Row, columns: Sequence[str], gates: Sequence[str]) -> list[tuple[str, xr.DataArray]]:
    parts = [(f"log10_norm of {q}", row.of(data["log10_norm"]).sel(quantity=q)) for q in columns]
    return parts + [(f"openness of {g}", row.of(data["openness"]).sel(gate=g)) for g in gates]


def _ratio(data: xr.Dataset, row: _Row, quantity: str, update: int) -> float:
    """log10 of the median norm at the first step read over that at the last step that a gradient reaches."""
    one = row.of(data["log10_norm"]).sel(quantity=quantity, update=update, quantile=0.5)
    first, last, _ = norms_at_ends(one.values[1:-1], backwards=row.direction == "reverse")
    return first - last if np.isfinite(last) else np.nan


def _caption(
    data: xr.Dataset, rows: Sequence[_Row], columns: Sequence[str], gates: Sequence[str], updates: Sequence[int]
) -> Caption:
    quantity = columns[0]
    there = [r for r in rows if bool(r.of(data["log10_norm"]).sel(quantity=quantity).notnull().any())]
    now = {row: _ratio(data, row, quantity, updates[-1]) for row in there}
    least = min(there, key=lambda row: now[row] if not np.isnan(now[row]) else np.inf)
    symbol = {"h": "<dh>", "x": "<dx>"}.get(quantity) or say("norm-of-gradient", quantity=quantity)
    cells = {str(m): str(c) for m, c in zip(data["module"].values, np.atleast_1d(data["cell"].values))}
    kinds = list(dict.fromkeys(cell_label(cells[row.module]) for row in rows))
    result = say(
        "reading-live", update=str(updates[-1]), norm=symbol, ratio=amount(now[least]), place=literal(least.name),
        places=len(there), updates="several" if updates[1:] else "one", first=str(updates[0]),
        before=amount(_ratio(data, least, quantity, updates[0])),
    )  # fmt: skip
    what = say(
        "shown-live", quantities=listing(list(columns)), gated="some" if gates else "none",
        gates=listing(list(gates)) if gates else "", cells=listing(kinds), updates=len(updates),
        seen=str(data.sizes["update"]), more="some" if data.sizes["update"] > len(updates) else "none",
    )  # fmt: skip
    refused = [literal(str(r)) for r in np.ravel(data.attrs.get("refused", [])) if str(r)]
    return Caption(result, what, say("note-live", reverse="some" if _turns(rows) else "none"), refused)


def _turns(rows: Sequence[_Row]) -> bool:
    return any(row.direction == "reverse" for row in rows)


__all__ = ["live_gradient"]
