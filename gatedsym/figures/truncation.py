"""Truncated backpropagation: error of the parameter gradient against the window, one row a cell."""

from __future__ import annotations

from typing import Unpack

import pandas as pd
import xarray as xr

from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_band
from gatedsym.figures.readings import truncation_reading
from gatedsym.figures.style import PLAIN, SERIES, Line
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    gain_words,
    in_rows,
    initialisation_words,
    retention_words,
    sentences,
    sizes_words,
    warnings_of,
)
from gatedsym.flow.analyses.gradient_norm import quartiles
from gatedsym.messages import room

say = room("captions")


def truncation(data: xr.Dataset, *, name: str = "truncation", **look: Unpack[Look]) -> Figure:
    """Draw the share of the parameter gradient that windows of k steps lose.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.truncation`; the first initialisation and gain are drawn.
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
    >>> data = gs.flow.truncation("rnn", "noise", n=4, seeds=2, steps=20, windows=[1, 5, 20])
    >>> gs.figures.truncation(data).title
    'What truncated backpropagation through time cuts off'
    """
    data = restored(data, "truncation")
    data = data.isel(init=[0], gain=[0])
    lower, median, upper = quartiles(data["relative_error"].isel(init=0, gain=0))
    cells, losses = [str(c) for c in data["cell"].values], [str(x) for x in data["loss"].values]
    retentions = [str(r) for r in data["retention"].values]
    window = data["window"].values
    with plate(name, look) as page:
        axes = page.grid(len(cells), len(losses), 1.2)
        for i, cell in enumerate(cells):
            for j, loss in enumerate(losses):
                for k, label in enumerate(retentions):
                    curves = [part.sel(cell=cell, loss=loss, retention=label).values for part in (lower, median, upper)]
                    draw_band(axes[i, j], window, curves, _line(retentions, label), shift=k / 5)
                if i == 0:
                    title = say("panel-loss-last") if loss == "last step" else say("panel-loss", loss=loss)
                    axes[i, j].set_title(title)
            axes[i, 0].set_ylabel(r"$\|g-g_k\|\,/\,\|g\|$")
            page.name_row(axes[i, -1], cell_label(cell))
        for panel in axes[-1]:
            panel.set_xlabel(r"window $k$ (steps)")
        first = axes[0, 0]
        first.set_xscale("log")
        ticks = [int(k) for k in window]
        first.set_xticks(ticks, labels=[str(k) for k in ticks])
        first.minorticks_off()
        first.set_ylim(-0.03, 1.05 if float(upper.max()) <= 1.0 else None)
        page.legend([(retention_words(r), _line(retentions, r)) for r in retentions])
    return page.figure(say("title-truncation"), data, _table(data), _caption(data, cells))


def _line(retentions: list[str], label: str) -> Line:
    return PLAIN[0] if label == "none" else SERIES[retentions.index(label) % len(SERIES)]


def _table(data: xr.Dataset) -> pd.DataFrame:
    parts = {}
    for name in ("relative_error", "cosine", "norm_ratio", "input_share"):
        for where, part in zip(("lower", "median", "upper"), quartiles(data[name])):
            parts[f"{name}_{where}"] = part
    frame = xr.Dataset(parts).to_dataframe().reset_index()
    return frame[frame["relative_error_median"].notnull()]


def _caption(data: xr.Dataset, cells: list[str]) -> Caption:
    attrs = drawn_attrs(data)
    kinds = {"last step": say("truncation-last"), "every step": say("truncation-every")}
    columns = [kinds[str(loss)] for loss in data["loss"].values if str(loss) in kinds]
    return Caption(
        truncation_reading(data),
        say("shown-truncation", cells=in_rows(cells), columns="; ".join(columns)),
        sentences(
            say("note-truncation", count=int(attrs["lags"])),
            initialisation_words(attrs, data["init"].values, gain_words(data)),
            sizes_words(attrs),
        ),
        warnings_of(attrs),
    )
