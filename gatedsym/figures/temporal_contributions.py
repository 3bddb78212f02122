"""Contributions of early steps: heat maps over (k, t), one row a cell, one column a family of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gatedsym.errors import ArgumentError
from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import MAP_COLOURS, map_pixels, whole_power_label
from gatedsym.figures.paths import drawn_rows
from gatedsym.figures.readings import reach_reading
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    gain_words,
    in_rows,
    initialisation_words,
    listing,
    retaining_words,
    sentences,
    setting_label,
    sizes_words,
    warnings_of,
)
from gatedsym.flow.analyses.gradient_norm import quartiles
from gatedsym.flow.analyses.temporal_contributions import family_norms
from gatedsym.messages import room

say = room("captions")

COLUMNS = 4
"""Families of a cell beside each other; further ones go to the next row."""
DECADES = 12
"""The span of the colours below the largest contribution."""


def temporal_contributions(
    data: xr.Dataset,
    *,
    retention: str | None = None,
    name: str = "temporal-contributions",
    **look: Unpack[Look],
) -> Figure:
    """Draw what the use of parameters at step k adds to the gradient of a loss at step t.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.temporal_contributions`; the first initialisation and gain are drawn.
    retention : str, optional
        The setting to draw of cells with a retaining gate, as the dataset labels it; by default ``"1"``, or the first.
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
        For another dataset, or a retention that it lacks.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.temporal_contributions("rnn", "noise", n=4, seeds=2, steps=10)
    >>> gs.figures.temporal_contributions(data).title
    'Temporal contributions: RNN reading noise'
    """
    data = restored(data, "temporal_contributions")
    rows = drawn_rows(data["reach"] if bool(data["reach"].notnull().any()) else data["log10_norm"], retention)
    maps = {cell: _maps(data.isel(init=0, gain=0).sel(cell=cell, retention=r)) for cell, r in rows.items()}
    if not any(maps.values()):
        raise ArgumentError("no contribution is finite and above zero, so there is nothing to draw.")
    places = _places(maps)
    with plate(name, look) as page:
        axes = page.grid(1 + max(i for i, _ in places), 1 + max(j for _, j in places), 1.25)
        bottom, top = _range([m for own in maps.values() for m in own.values()])
        scale = Normalize(bottom, top)
        for place, (cell, family) in places.items():
            _draw_map(axes[place], maps[cell][family].values, scale)
            axes[place].set_title(family)
            if (place[0], place[1] + 1) not in places:
                page.name_row(axes[place], setting_label(cell, rows[cell]))
        _finish(axes, places)
        lowest = min(float(m.where(np.isfinite(m)).min()) for own in maps.values() for m in own.values())
        bar = page.drawing.colorbar(
            ScalarMappable(scale, colormaps[MAP_COLOURS]),
            ax=page.beside([axes[p] for p in places]),
            extend="min" if lowest < bottom else "neither",
            fraction=0.05,
            aspect=30,
            pad=0.02,
        )
        bar.set_label(say("bar-contribution"))
        bar.ax.yaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
        bar.ax.yaxis.set_major_formatter(FuncFormatter(whole_power_label))
    title = say("title-contributions", cells=listing([cell_label(c) for c in rows]), input=str(data.attrs["input"]))
    return page.figure(title, data, _table(data, maps, rows), _caption(data, maps, rows))


def _maps(one: xr.Dataset) -> dict[str, xr.DataArray]:
    """For each family of a cell the median over seeds, (t, k); families to which nothing comes at all are left out."""
    found = {}
    for family in dict.fromkeys(str(f) for f in one["family"].values):
        norms = family_norms(one, family)
        if bool(np.isfinite(norms).any()):
            found[family] = quartiles(norms)[1].transpose("t", "k")
    return found


def _places(maps: Mapping[str, Mapping[str, Any]]) -> dict[tuple[int, int], tuple[str, str]]:
    """(row, column) of each panel: a cell begins a row."""
    places, row = {}, 0
    for cell, own in maps.items():
        for k, family in enumerate(own):
            places[row + k // COLUMNS, k % COLUMNS] = (cell, family)
        row += -(-len(own) // COLUMNS)
    return places


def _range(maps: Sequence[xr.DataArray]) -> tuple[float, float]:
    finite = np.concatenate([m.values[np.isfinite(m.values)] for m in maps])
    top = float(finite.max())
    return max(top - DECADES, min(float(finite.min()), top - 1)), top


def _draw_map(axes: Axes, values: Any, scale: Normalize) -> None:
    steps = len(values)
    extent = (0.5, steps + 0.5, 0.5, steps + 0.5)
    axes.imshow(map_pixels(values, scale), origin="lower", extent=extent, aspect="auto", interpolation="nearest")
    axes.grid(visible=False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=3, integer=True))


def _finish(axes: Axes, places: Mapping[tuple[int, int], Any]) -> None:
    """Labels at the outer panels, and no empty ones."""
    for (i, j), panel in np.ndenumerate(axes):
        if (i, j) not in places:
            panel.remove()
            continue
        if (i + 1, j) not in places:
            panel.set_xlabel(say("axis-use"))
            panel.tick_params(labelbottom=True)
        if j == 0:
            panel.set_ylabel(say("axis-loss"))


def _table(data: xr.Dataset, maps: Mapping[str, Mapping[str, xr.DataArray]], rows: Mapping[str, str]) -> pd.DataFrame:
    """Medians of families over (k, t), and the reach of every parameter."""
    frames = []
    for cell, own in maps.items():
        for family, values in own.items():
            frame = values.to_dataframe("log10_norm_median").reset_index()
            frame = frame[frame["log10_norm_median"].notnull()]
            keys = {"panel": "map", "cell": cell, "retention": rows[cell], "family": family}
            frames.append(frame[["k", "t", "log10_norm_median"]].assign(**keys))
        one = data.isel(init=0, gain=0).sel(cell=cell, retention=rows[cell])
        reach = one["reach"].median("seed").to_dataframe("reach_median").reset_index()
        reach = reach[reach["reach_median"].notnull()][["parameter", "reach_median"]]
        frames.append(reach.assign(panel="reach", cell=cell, retention=rows[cell]))
    order = ["panel", "cell", "retention", "family", "parameter", "k", "t", "log10_norm_median", "reach_median"]
    return pd.concat(frames, ignore_index=True).reindex(columns=order)


def _caption(data: xr.Dataset, maps: Mapping[str, Mapping[str, Any]], rows: Mapping[str, str]) -> Caption:
    attrs = drawn_attrs(data)
    return Caption(
        reach_reading(data, rows),
        sentences(
            say("shown-contributions", cells=in_rows(rows), decades=str(DECADES)),
            _absent(data, maps, rows),
        ),
        sentences(
            say("note-contributions"),
            initialisation_words(attrs, data["init"].values[:1], gain_words(data)),
            retaining_words(sorted(set(rows.values()))),
            say("note-medians"),
            sizes_words(attrs),
        ),
        warnings_of(attrs),
    )


def _absent(data: xr.Dataset, maps: Mapping[str, Mapping[str, Any]], rows: Mapping[str, str]) -> str:
    """Families that have no panel, and why."""
    words = []
    for cell, own in maps.items():
        one = data.isel(init=0, gain=0).sel(cell=cell, retention=rows[cell])
        there = one["log10_norm"].notnull().any(["seed", "k", "t"]).values
        missing = [f for f in dict.fromkeys(one["family"].values[there]) if f not in own]
        if missing:
            words.append(say("part-of-cell", what=listing(list(missing)), cell=cell_label(cell)))
        if not there.any():
            words.append(say("contributions-not-finite", cell=cell_label(cell)))
    return say("shown-contributions-without", listed=listing(words)) if words else ""
