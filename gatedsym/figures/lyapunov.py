"""The Lyapunov spectrum of each cell, and how its largest exponent settles; dimension and entropy in the caption."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from gatedsym.figures.caption import Caption
from gatedsym.figures.exploding import biases_words
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_band, draw_reference
from gatedsym.figures.readings import lyapunov_reading
from gatedsym.figures.style import SERIES, Line
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    in_rows,
    initialisation_words,
    input_words,
    listing,
    matched_words,
    names_of,
    retention_words,
    seeds_words,
    sentences,
    used_sizes,
    warnings_of,
)
from gatedsym.flow.analyses.gradient_norm import quartiles
from gatedsym.messages import room

say = room("captions")

Setting = tuple[float, str]
"""Gain and retention bias."""


def lyapunov(data: xr.Dataset, *, name: str = "lyapunov", **look: Unpack[Look]) -> Figure:
    """Draw Lyapunov spectra, one row a cell.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.lyapunov`; the first initialisation is drawn.
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
    >>> data = gs.flow.lyapunov("rnn", "noise", n=4, seeds=2, steps=50, warmup=10)
    >>> gs.figures.lyapunov(data).title
    'Lyapunov spectrum: RNN reading noise'
    """
    data = restored(data, "lyapunov")
    data = data.isel(init=[0])
    cells = [str(c) for c in data["cell"].values]
    settings = {cell: settings_of(data, data["interval"], cell) for cell in cells}
    labels = list(dict.fromkeys(label for cell in cells for label in settings[cell].values()))
    lines = {label: SERIES[k % len(SERIES)] for k, label in enumerate(labels)}
    with plate(name, look) as page:
        axes = page.grid(len(cells), 2, 1.45, sharey=False, sharex=False)
        for i, cell in enumerate(cells):
            one = data.isel(init=0).sel(cell=cell)
            drawn = {lines[label]: one.sel(gain=g, retention=r) for (g, r), label in settings[cell].items()}
            _draw_spectrum(axes[i, 0], drawn, int(one["hidden_size"]))
            _draw_convergence(axes[i, 1], drawn)
            page.name_row(axes[i, -1], cell_label(cell))
        axes[0, 0].set_title(say("panel-spectrum"))
        axes[0, 1].set_title(say("panel-convergence"))
        axes[-1, 0].set_xlabel(say("axis-index"))
        axes[-1, 1].set_xlabel(say("axis-averaged"))
        page.legend(list(lines.items()))
    title = say("title-lyapunov", cells=listing([cell_label(c) for c in cells]), input=str(data.attrs["input"]))
    return page.figure(title, data, _table(data), _caption(data, settings))


def settings_of(data: xr.Dataset, measured: xr.DataArray, cell: str) -> dict[Setting, str]:
    """The gains and retention biases that a cell was run with, each with what tells it from the others in a legend.

    A setting whose networks all diverged counts: other cells' settings are told by the retention bias.
    """
    gains = [float(g) for g in data["gain"].values]
    retentions = [str(r) for r in data["retention"].values]
    biased = [r for r in retentions if r != "none"]
    own = [r for r in retentions if bool(measured.sel(cell=cell, retention=r).notnull().any())]
    own = own or ["none" if "none" in retentions else biased[0]]
    found = {}
    for gain in gains:
        for retention in own:
            if len(biased) < 2:
                label = say("legend-gain", gain=f"{gain:g}")
            elif len(gains) > 1:
                label = say("legend-gain-retention", gain=f"{gain:g}", retention=retention_words(retention))
            else:
                label = retention_words(retention)
            found[gain, retention] = label
    return found


def _draw_spectrum(axes: Axes, drawn: dict[Line, xr.Dataset], n: int) -> None:
    for k, (line, one) in enumerate(drawn.items()):
        curves = [part.values for part in quartiles(one["exponent"])]
        there = ~np.isnan(curves[1])
        draw_band(axes, one["index"].values[there] / n, [c[there] for c in curves], line, shift=k / max(1, len(drawn)))
    _finish(axes, drawn, say("axis-exponents"))


def _draw_convergence(axes: Axes, drawn: dict[Line, xr.Dataset]) -> None:
    for k, (line, one) in enumerate(drawn.items()):
        largest = one["running"].sel(quantity="largest exponent")
        if bool(largest.notnull().any()):
            curves = [part.values for part in quartiles(largest)]
            draw_band(axes, one["time"].values, curves, line, shift=k / max(1, len(drawn)))
    axes.set_xlim(0, None)
    _finish(axes, drawn, say("axis-exponent"))


def _finish(axes: Axes, drawn: dict[Line, xr.Dataset], label: str) -> None:
    axes.set_ylabel(label)
    if any(bool(one["exponent"].notnull().any()) for one in drawn.values()):
        draw_reference(axes, 0.0, "")
        return
    axes.text(0.5, 0.5, say("no-trajectory"), transform=axes.transAxes, ha="center", va="center")


def _table(data: xr.Dataset) -> pd.DataFrame:
    """The spectrum, the convergence of the largest exponent, and a row of numbers for each setting."""
    parts = [
        _quartile_table(data, "exponent", "spectrum", data["exponent"]),
        _quartile_table(data, "largest_exponent", "convergence", data["running"].sel(quantity="largest exponent")),
    ]
    for name in ("dimension", "entropy_rate", "mean_exponent"):
        parts.append(_quartile_table(data, name, "summary", data[name]))
    keys = [k for k in ("panel", "cell", "init", "gain", "retention") if k in parts[0]]
    summary = parts[2]
    for part in parts[3:]:
        summary = summary.merge(part, on=keys, how="outer")
    return pd.concat([*parts[:2], summary], ignore_index=True)


def _quartile_table(data: xr.Dataset, name: str, panel: str, values: xr.DataArray) -> pd.DataFrame:
    curves = zip(("lower", "median", "upper"), quartiles(values.drop_vars("quantity", errors="ignore")))
    frame = xr.Dataset({f"{name}_{where}": part for where, part in curves}).to_dataframe().reset_index()
    frame.insert(0, "panel", panel)
    return frame[frame[f"{name}_median"].notnull()]


def _caption(data: xr.Dataset, settings: dict[str, dict[Setting, str]]) -> Caption:
    cells, attrs = list(settings), drawn_attrs(data)
    gains = listing([f"{g:g}" for g in data["gain"].values])
    scaled = say("more-gains", gains=gains) if gains != "1" else ""
    steps, warmup = str(attrs["steps"]), str(attrs["warmup"])
    return Caption(
        lyapunov_reading(data, settings),
        say("shown-lyapunov", cells=in_rows(cells), tangents=_tangents(data), steps=steps, warmup=warmup),
        sentences(
            initialisation_words(attrs, data["init"].values, scaled),
            biases_words(data, cells),
            say("note-lyapunov"),
            _error_words(data),
            _dimension_words(data, settings),
            size_words(data),
            say("triangles-exponents") if bool(np.isneginf(data["exponent"]).any()) else "",
            missing_words(data["interval"], settings),
        ),
        warnings_of(attrs),
    )


def _tangents(data: xr.Dataset) -> str:
    complete = bool((data["exponent"].notnull().sum("index").max(["init", "gain", "retention", "seed"])
                     >= data["state_size"]).all())  # fmt: skip
    return say("tangents-all") if complete else say("tangents-some", count=data.sizes["index"])


def _error_words(data: xr.Dataset) -> str:
    error = data["standard_error"].isel(index=0)
    if not bool(error.notnull().any()):
        return ""
    middle, largest = f"{float(error.median()):.2g}", f"{float(error.max()):.2g}"
    return say("note-lyapunov-error", blocks=str(data.attrs["blocks"]), middle=middle, largest=largest)


def _dimension_words(data: xr.Dataset, settings: dict[str, dict[Setting, str]]) -> str:
    """Kaplan-Yorke dimension and entropy rate where they are not zero."""
    words = []
    for cell, own in settings.items():
        for gain, retention in own:
            one = data.isel(init=0).sel(cell=cell, gain=gain, retention=retention)
            dimension, entropy = float(one["dimension"].median()), float(one["entropy_rate"].median())
            if dimension > 0 or entropy > 0:
                name = _setting(cell, gain, retention if len(own) > len(data["gain"]) else "")
                words.append(say("dimension-of", setting=name, dimension=f"{dimension:.3g}", entropy=f"{entropy:.3g}"))
    return say("note-dimension", kind="some" if words else "none", listed=listing(words) if words else "")


def _setting(cell: str, gain: float, retention: str) -> str:
    """A cell with its gain, and the retention bias where it has several."""
    name, factor = cell_label(cell), f"{gain:g}"
    if not retention:
        return say("setting-of-gain", setting=name, gain=factor)
    return say("setting-of-gain-retention", cell=name, gain=factor, retention=retention_words(retention))


def size_words(data: xr.Dataset) -> str:
    """Sizes, input and start, with the cells whose hidden size is another than the one asked for."""
    attrs, others = drawn_attrs(data), []
    matched = dict(zip(names_of(attrs, "cells"), map(int, np.ravel(attrs.get("hidden_sizes", [])))))
    used = used_sizes(data, data["hidden_size"].values)
    for cell, n in used.items():
        if n != attrs["n"]:
            name, size = cell_label(cell), str(n)
            if cell in attrs.get("given", []):
                others.append(say("size-of-given", cell=name, n=size))
            elif matched.get(cell) == n:
                others.append(say("size-of-matched", cell=name, n=size))
            else:
                others.append(say("size-of-smaller", cell=name, n=size))
    listed = f" ({'; '.join(others)})" if others else ""
    start = say("start-default")
    if attrs["start"] != "default":
        start = say("start-drawn", variance=f"{float(attrs['start']) ** 2:g}")
    size = say("size-hidden", n=str(attrs["n"]), others=listed, matched=matched_words(attrs, used))
    return say(
        "sizes-trajectory", size=size, seeds=seeds_words(attrs), input=input_words(attrs), start=start,
        dtype=str(attrs["dtype"]),
    )  # fmt: skip


def missing_words(measured: xr.DataArray, settings: Mapping[str, Mapping[Setting, str]]) -> str:
    """The sentence on networks that are not finite.

    Parameters
    ----------
    measured : xarray.DataArray
        (cell, init, gain, retention, seed), NaN for a network that is not finite.
    settings : mapping
        What each cell was run with.
    """
    seeds, some, none = measured.sizes["seed"], 0, False
    for cell, own in settings.items():
        for gain, retention in own:
            missing = measured.sel(cell=cell, gain=gain, retention=retention).isnull().sum("seed").values
            none = none or bool((missing == seeds).any())
            some = max(some, int(np.where(missing < seeds, missing, 0).max()))
    return sentences(
        say("seeds-missing", count=some) if some else "",
        say("settings-missing") if none else "",
    )
