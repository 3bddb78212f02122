"""Theory and measurement: growth rate of the backward signal in the mean field, and in networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_reference
from gatedsym.figures.readings import mean_field_reading
from gatedsym.figures.style import BLACK, BLUE, GREY, VERMILLION, Line
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    initialisation_words,
    input_words,
    listing,
    own_sizes,
    seeds_words,
    sentences,
    warnings_of,
)
from gatedsym.messages import room

say = room("captions")

SERIES: dict[str, Line] = {
    "rate": Line(GREY, (0, (1, 1)), ""),
    "followed_rate": Line(BLACK, "-", "_"),
    "untied": Line(BLUE, (0, (4, 1.5)), "s"),
    "tied": Line(VERMILLION, (0, (5, 1.5, 1, 1.5)), "o"),
}
LEAST_SPAN = 0.3
"""Of a panel's vertical axis."""


def mean_field(data: xr.Dataset, *, name: str = "mean-field", **look: Unpack[Look]) -> Figure:
    """Draw the rate of the theory, of untied and of tied networks over the retention bias, one panel a cell.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.mean_field`; the first initialisation and gain are drawn.
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
        For another dataset, or one that lacks what the figure goes by, and for a look that cannot be drawn.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.mean_field("gru", "noise", n=4, seeds=2, population=64, steps=20)
    >>> gs.figures.mean_field(data).title
    'Mean field against networks'
    """
    data = restored(data, "mean_field")
    data = data.isel(init=[0], gain=[0])
    rates = _rates(data)
    cells = [str(c) for c in data["cell"].values]
    with plate(name, look) as page:
        columns = page.columns(min(len(cells), 3))
        rows = -(-len(cells) // columns)
        axes = page.grid(rows, columns, 1.5, sharey=False, sharex=False)
        for k, cell in enumerate(cells):
            _draw_panel(axes[k // columns, k % columns], rates.sel(cell=cell), cell)
        for k in range(len(cells), rows * columns):
            axes[k // columns, k % columns].set_axis_off()
        for row in axes:
            row[0].set_ylabel(say("axis-factor"))
        page.legend([(say(f"legend-mean-field-{s}"), SERIES[s]) for s in SERIES if np.isfinite(rates[s]).any()])
    laws = _laws(data)
    text = _caption(data, rates, laws, cells)
    return page.figure(say("title-mean-field"), data, _table(rates, laws), text)


def _rates(data: xr.Dataset) -> xr.Dataset:
    """Mean and standard error over seeds of the four rates, (cell, retention)."""
    one = data.isel(init=0, gain=0)
    with np.errstate(divide="ignore"):
        every: dict[str, xr.DataArray] = {
            "rate": one["rate"],
            "followed_rate": one["followed"].copy(data=np.log(one["followed"].values) / 2),
            "untied": one["untied"],
            "tied": one["tied"],
        }
    seeds = one.sizes["seed"]
    found = {}
    with np.errstate(invalid="ignore"):
        for name, values in every.items():
            found[name] = values.mean("seed", skipna=False)
            found[f"{name}_error"] = values.std("seed", ddof=int(seeds > 1)) / np.sqrt(seeds)
    return xr.Dataset(found)


def _laws(data: xr.Dataset) -> xr.Dataset:
    """Mean and standard error over populations of the mean square of each state, (cell, retention)."""
    one = data["mean_square"].isel(init=0, gain=0)
    seeds = one.sizes["seed"]
    found = {}
    for state in map(str, one["state"].values):
        values = one.sel(state=state, drop=True)
        found[f"mean_square_{state}"] = values.mean("seed", skipna=False)
        found[f"mean_square_{state}_error"] = values.std("seed", ddof=int(seeds > 1), skipna=False) / np.sqrt(seeds)
    return xr.Dataset(found)


def _draw_panel(axes: Axes, rates: xr.Dataset, cell: str) -> None:
    labels = [str(r) for r in rates["retention"].values]
    used = [k for k, r in enumerate(labels) if rates["rate"].sel(retention=r).notnull()]
    places = np.arange(len(used))
    lowest = _lowest(rates, used)
    for k, (name, line) in enumerate(SERIES.items()):
        value, error = (rates[v].values[used] for v in (name, f"{name}_error"))
        at = places + (k - 1.5) * (0.05 if len(used) > 1 else 0.15)
        vanished = np.isneginf(value)
        shown = np.exp(np.where(np.isfinite(value), value, np.nan))
        error = shown * error
        options = line.options() | ({"marker": line.marker or "x"} if len(used) == 1 else {})
        axes.errorbar(at, shown, np.where(np.isfinite(error), error, 0.0), capsize=1.5, elinewidth=0.8, **options)
        if vanished.any():
            axes.plot(at[vanished], np.full(int(vanished.sum()), lowest), linestyle="", marker="v", color=line.color)
    axes.set_title(cell_label(cell))
    axes.set_xticks(places, labels=[say("tick-no-bias") if labels[k] == "none" else labels[k] for k in used])
    axes.set_xlim(-0.5, len(used) - 0.5)
    if any(labels[k] != "none" for k in used):
        axes.set_xlabel(say("axis-bias"))
    axes.margins(y=0.15)
    low, high = axes.get_ylim()
    # Values that agree are to look so.
    room = max(0.0, LEAST_SPAN - (high - low)) / 2
    low, high = axes.set_ylim(low - room, high + room)
    if low < 1 < high:
        draw_reference(axes, 1.0, "")


def _lowest(rates: xr.Dataset, used: Sequence[int]) -> float:
    finite = [v for s in SERIES for v in rates[s].values[used] if np.isfinite(v)]
    return float(np.exp(min(finite, default=-1.0))) * 0.9


def _table(rates: xr.Dataset, laws: xr.Dataset) -> pd.DataFrame:
    frame = rates.assign({str(k): laws[k] for k in laws}).to_dataframe().reset_index()
    columns = ["cell", "retention", *(f"{s}{e}" for s in SERIES for e in ("", "_error")), *map(str, laws)]
    return frame[frame["rate"].notnull()][columns]


def _caption(data: xr.Dataset, rates: xr.Dataset, laws: xr.Dataset, cells: Sequence[str]) -> Caption:
    attrs = drawn_attrs(data)
    measured = bool(np.isfinite(rates["tied"]).any())
    vanished = any(bool(np.isneginf(rates[s]).any()) for s in SERIES)
    n, others, steps = str(attrs["n"]), own_sizes(attrs), str(attrs["steps"])
    networks = say("shown-mean-field-networks", n=n, others=others, steps=steps)
    scaled = say("more-gain", gain=f"{float(data['gain'].values[0]):g}")
    return Caption(
        mean_field_reading(rates),
        sentences(
            say("shown-mean-field", cells=listing([cell_label(c) for c in cells])),
            networks if measured else "",
            say("shown-mean-field-seeds", seeds=seeds_words(attrs)),
        ),
        sentences(
            say("note-mean-field", population=str(attrs["population"])),
            _law_words(laws),
            initialisation_words(attrs, data["init"].values, scaled),
            say("sizes-mean-field", input=input_words(attrs), dtype=str(attrs["dtype"])),
            say("triangles-zero") if vanished else "",
        ),
        warnings_of(attrs),
    )


def _law_words(laws: xr.Dataset) -> str:
    """Laws of the states come from the same populations: how far these differ."""
    shares = [
        (laws[f"{name}_error"] / laws[name]).values for name in map(str, laws) if not name.endswith("_error")
    ]  # fmt: skip
    finite = [v for share in shares for v in np.ravel(share) if np.isfinite(v)]
    if not finite:
        return ""
    return say("note-laws", share=f"{100 * max(finite):.2g}")
