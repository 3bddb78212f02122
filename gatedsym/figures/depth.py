"""Gradient through depth and time: lag against layer, one map for each cell and setting."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Unpack

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
from gatedsym.figures.look import Look, Plate, plate
from gatedsym.figures.panels import MAP_COLOURS, map_pixels, whole_power_label
from gatedsym.figures.readings import settings_in
from gatedsym.figures.style import BLACK
from gatedsym.figures.words import (
    amount,
    cell_label,
    drawn_attrs,
    factor_words,
    gain_words,
    initialisation_words,
    listing,
    names_of,
    retention_words,
    sentences,
    setting_words,
    sizes_words,
    warnings_of,
)
from gatedsym.flow.analyses.gradient_norm import quartiles
from gatedsym.messages import room
from gatedsym.typing import Array

say = room("captions")

Medians = dict[tuple[str, str], xr.DataArray]
"""Medians over seeds, (layer, lag), for each cell and retention setting."""
DECADES = 12
"""The span of the colours below the largest norm."""


def depth(data: xr.Dataset, *, name: str = "depth", **look: Unpack[Look]) -> Figure:
    """Draw the gradient's norm against lag and layer.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.depth`; the first initialisation and gain are drawn.
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
        For another dataset, for lags that are not evenly spaced, and where no norm is finite and above zero.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.depth(gs.stack(["rnn", "rnn"]), "noise", n=4, seeds=2, lags=10)
    >>> gs.figures.depth(data).title
    'Gradient through depth and time: rnn_rnn reading noise'
    """
    data = restored(data, "depth")
    if len(set(np.diff(data["lag"].values))) > 1:
        raise ArgumentError(
            "a map needs lags that are evenly spaced: select them with one step, .isel(lag=slice(a, b, s))."
        )
    norms = data["log10_norm"].isel(init=0, gain=0)
    settings = settings_in(norms)
    medians = {s: quartiles(norms.sel(cell=s[0], retention=s[1]))[1].transpose("layer", "lag") for s in settings}
    finite = np.concatenate([[], *(m.values[np.isfinite(m.values)] for m in medians.values())])
    if not finite.size:
        raise ArgumentError("no norm is finite and above zero, so there is nothing to draw.")
    top = float(finite.max())
    bottom = max(top - DECADES, min(float(finite.min()), top - 1))
    scale = Normalize(bottom, top)
    cells = list(dict.fromkeys(cell for cell, _ in settings))
    with plate(name, look) as page:
        drawn = _draw_maps(page, data, medians, scale)
        bar = page.drawing.colorbar(
            ScalarMappable(scale, colormaps[MAP_COLOURS]), ax=page.beside(drawn), fraction=0.05, aspect=20, pad=0.02,
            extend="min" if float(finite.min()) < bottom else "neither",
        )  # fmt: skip
        bar.set_label(say("bar-gradient"))
        bar.ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        bar.ax.yaxis.set_major_formatter(FuncFormatter(whole_power_label))
    title = say("title-depth", cells=listing([cell_label(c) for c in cells]), input=str(data.attrs["input"]))
    return page.figure(title, data, _table(medians), _caption(data, medians))


def _draw_maps(page: Plate, data: xr.Dataset, medians: Medians, scale: Normalize) -> list[Axes]:
    """A row of maps for each cell, one for each of its settings; returns the panels."""
    cells = list(dict.fromkeys(cell for cell, _ in medians))
    own = {cell: [setting for setting in medians if setting[0] == cell] for cell in cells}
    layers = {cell: _layers(data, cell) for cell in cells}
    height = 0.65 + 0.3 * max(map(len, layers.values()))
    axes = page.grid(len(cells), max(map(len, own.values())), height, sharey="row")
    drawn = []
    for i, cell in enumerate(cells):
        for panel, setting in zip(axes[i], own[cell]):
            _draw(panel, medians[setting].sel(layer=layers[cell]), scale)
            if setting[1] != "none":
                panel.set_title(say("panel-retaining", retention=retention_words(setting[1])))
            drawn.append(panel)
            if i + 1 == len(cells):
                panel.set_xlabel(say("axis-lag-steps"))
        for panel in axes[i, len(own[cell]) :]:
            panel.remove()
        axes[i, 0].set_ylabel(say("axis-layer"))
        page.name_row(axes[i, len(own[cell]) - 1], cell_label(cell))
    return drawn


def _layers(data: xr.Dataset, cell: str) -> list[int]:
    """The layers of a cell, by number."""
    return [int(n) for n, name in zip(data["layer"].values, data["layer_name"].sel(cell=cell).values) if str(name)]


def _draw(axes: Axes, median: xr.DataArray, scale: Normalize) -> None:
    """A map with layers as rows; black lines where the norm passes a whole power of ten."""
    values, lags = median.values, median["lag"].values
    layers, step = len(values), float(lags[1] - lags[0])
    left, right = lags[0] - step / 2, lags[-1] + step / 2
    axes.imshow(
        map_pixels(values, scale),
        origin="lower",
        extent=(left, right, 0.5, layers + 0.5),
        aspect="auto",
        interpolation="nearest",
    )
    for layer in range(layers):
        for place in _crossings(values[layer]):
            lag = lags[0] + step * place
            axes.plot([lag, lag], [layer + 0.5, layer + 1.5], color=BLACK, linewidth=0.6)
    axes.hlines(np.arange(1, layers) + 0.5, left, right, color="white", linewidth=1.0)
    axes.grid(visible=False)
    axes.set_yticks(np.arange(1, layers + 1), [str(n) for n in median["layer"].values])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))


def _crossings(row: Array) -> list[float]:
    """Places in a row between which a norm passes a whole power of ten for the first time."""
    found, passed = list[float](), set[int]()
    for place, (before, after) in enumerate(pairwise(row)):
        power = math.floor(max(before, after)) if np.isfinite([before, after]).all() else 0
        if np.isfinite([before, after]).all() and min(before, after) < power and power not in passed:
            passed.add(power)
            found.append(place + 0.5)
    return found


def depth_reading(data: xr.Dataset, medians: Medians) -> str:
    """The share of the uppermost layer's gradient that the lowest has, at the shortest lag and at the longest."""
    words = []
    first, last = (int(data["lag"].values[k]) for k in (0, -1))
    for (cell, retention), median in medians.items():
        own = median.sel(layer=_layers(data, cell)).values
        near, far = (float(own[0, k] - own[-1, k]) for k in (0, -1))
        if len(own) < 2 or not math.isfinite(near):
            continue
        low, high = _lowest_and_uppermost(data, cell)
        lowest, uppermost = (amount(float(own[k, -1])) for k in (0, -1))
        start, end = "earlier" if first else "last", "times" if math.isfinite(far) else "other"
        words.append(
            say(
                "reading-depth-one", start=start, end=end, setting=setting_words(cell, retention),
                first=say("steps-before", count=first), later=say("steps-before", count=last), low=low, high=high,
                near=factor_words(near), far=factor_words(far), lowest=lowest, uppermost=uppermost,
            )
        )  # fmt: skip
    return say("reading-depth", listed="; ".join(words)) if words else ""


def _lowest_and_uppermost(data: xr.Dataset, cell: str) -> tuple[str, str]:
    """The first and the last layer of a map in words; by number where others are left out."""
    numbers = _layers(data, cell)
    read_out = dict(zip(names_of(data.attrs, "cells"), names_of(data.attrs, "compared_states")))[cell]
    if numbers[0] == 1 and read_out in _states_of(data, cell)[-1]:
        return say("layer-lowest", count=numbers[-1]), say("layer-uppermost")
    return say("layer-numbered", number=numbers[0]), say("layer-numbered", number=numbers[-1])


def _states_of(data: xr.Dataset, cell: str) -> list[list[str]]:
    """The measured states of each layer of a cell."""
    names = data["layer_name"].sel(cell=cell, layer=_layers(data, cell)).values
    return [str(name).partition(": ")[2].split(", ") for name in names]


def _table(medians: Medians) -> pd.DataFrame:
    frames = []
    for (cell, retention), median in medians.items():
        frame = median.to_dataframe("log10_norm_median").reset_index()[["layer", "lag", "log10_norm_median"]]
        frames.append(frame[frame["log10_norm_median"].notnull()].assign(cell=cell, retention=retention))
    return pd.concat(frames, ignore_index=True)[["cell", "retention", "layer", "lag", "log10_norm_median"]]


def _caption(data: xr.Dataset, medians: Medians) -> Caption:
    attrs = drawn_attrs(data)
    measured = {cell: [", ".join(states) for states in _states_of(data, cell)] for cell, _ in medians}
    told = [say("states-of-cell", cell=cell_label(c), states=listing(states)) for c, states in measured.items()]
    return Caption(
        depth_reading(data, medians),
        say("shown-depth", decades=str(DECADES), states="; ".join(told)),
        sentences(
            say("note-depth"),
            initialisation_words(attrs, data["init"].values[:1], gain_words(data)),
            sizes_words(attrs),
        ),
        warnings_of(attrs),
    )
