"""Clipping: norms of single gradients before clipping, and where the mean of the clipped ones points."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.ticker import FuncFormatter

from gatedsym.figures.caption import Caption
from gatedsym.figures.exploding import biases_words, first_retention
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_band, powers_of_ten, whole_power_label
from gatedsym.figures.readings import clipping_reading
from gatedsym.figures.style import SERIES
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    in_rows,
    initialisation_words,
    listing,
    sentences,
    sizes_words,
    warnings_of,
)
from gatedsym.flow.analyses.gradient_norm import quartiles
from gatedsym.messages import room

say = room("captions")


def clipping(data: xr.Dataset, *, name: str = "clipping", **look: Unpack[Look]) -> Figure:
    """Draw what norm clipping does to the parameter gradient.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.clipping`; the first initialisation is drawn, and of a cell's retention biases the first.
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
    >>> data = gs.flow.clipping("rnn", "noise", n=4, seeds=2, steps=10, sequences=4)
    >>> gs.figures.clipping(data).title
    'What clipping does to the parameter gradient'
    """
    data = restored(data, "clipping")
    data = data.isel(init=[0])
    cells = [str(c) for c in data["cell"].values]
    threshold = np.log10(data["threshold"].values)
    with plate(name, look) as page:
        axes = page.grid(len(cells), 3, 1.2, sharey=False, sharex="col")
        for i, cell in enumerate(cells):
            here = data.isel(init=0).sel(cell=cell, retention=first_retention(data, cell))
            for k, gain in enumerate(data["gain"].values):
                one, line = here.sel(gain=gain), SERIES[k % len(SERIES)]
                share, norms = _sorted_norms(one["log10_norm"])
                draw_band(axes[i, 0], share, norms, line, shift=k / 3)
                for j, quantity in ((1, "share_clipped"), (2, "cosine")):
                    draw_band(axes[i, j], threshold, (q.values for q in quartiles(one[quantity])), line, shift=k / 3)
            powers_of_ten(axes[i, 0].yaxis)
            axes[i, 1].set_ylim(-0.04, 1.04)
            axes[i, 2].set_ylim(min(-0.04, axes[i, 2].get_ylim()[0]), 1.04)
            page.name_row(axes[i, -1], cell_label(cell))
        for j, (title, label) in enumerate(_columns()):
            axes[0, j].set_title(title)
            axes[-1, j].set_xlabel(label)
        for j in (1, 2):
            axes[0, j].xaxis.set_major_formatter(FuncFormatter(whole_power_label))
        entries = [
            (say("legend-gain", gain=f"{g:g}"), SERIES[k % len(SERIES)]) for k, g in enumerate(data["gain"].values)
        ]
        page.legend(entries)
    return page.figure(say("title-clipping"), data, _table(data), _caption(data, cells))


def _columns() -> list[tuple[str, str]]:
    """The words over and under each column."""
    threshold = say("axis-threshold")
    heads = say("panel-norm"), say("panel-clipped"), say("panel-cosine")
    return list(zip(heads, (say("axis-sequences"), threshold, threshold), strict=True))


def _sorted_norms(norms: xr.DataArray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Share of sequences, and quartiles over seeds of the norm below which that share lies."""
    ordered = norms.copy(data=np.sort(norms.transpose("seed", "sequence").values, axis=-1))
    count = ordered.sizes["sequence"]
    return (np.arange(count) + 0.5) / count, [q.values for q in quartiles(ordered)]


def _table(data: xr.Dataset) -> pd.DataFrame:
    parts = {}
    for name in ("share_clipped", "cosine", "log10_ratio"):
        for where, part in zip(("lower", "median", "upper"), quartiles(data[name])):
            parts[f"{name}_{where}"] = part
    norms = xr.Dataset(parts).to_dataframe().reset_index()
    norms.insert(0, "panel", "threshold")
    ordered = data["log10_norm"].transpose(..., "sequence")
    ordered = ordered.copy(data=np.sort(ordered.values, axis=-1))
    curves = {f"log10_norm_{w}": q for w, q in zip(("lower", "median", "upper"), quartiles(ordered))}
    sequences = xr.Dataset(curves).to_dataframe().reset_index()
    sequences.insert(0, "panel", "norm")
    both = pd.concat([sequences, norms], ignore_index=True)
    return both[both[["log10_norm_median", "share_clipped_median"]].notnull().any(axis=1)]


def _caption(data: xr.Dataset, cells: list[str]) -> Caption:
    attrs = drawn_attrs(data)
    gains = listing([f"{g:g}" for g in data["gain"].values])
    return Caption(
        clipping_reading(data, {c: first_retention(data, c) for c in cells}),
        say("shown-clipping", cells=in_rows(cells), gains=gains, steps=str(attrs["lags"])),
        sentences(initialisation_words(attrs, data["init"].values), biases_words(data, cells), sizes_words(attrs)),
        warnings_of(attrs),
    )
