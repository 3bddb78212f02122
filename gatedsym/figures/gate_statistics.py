"""Gates over time: openness of every gate, saturation of its units, and what share of what it lets through."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_band
from gatedsym.figures.readings import gates_reading
from gatedsym.figures.style import BLACK, GREY, SERIES, Line, points
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    gain_words,
    initialisation_words,
    input_words,
    listing,
    retaining_words,
    seeds_words,
    sentences,
    sequences_words,
    setting_label,
    size_of_states,
    steps_words,
    warnings_of,
)
from gatedsym.messages import room

say = room("captions")

LONGEST_LABEL = 20
"""Letters of a product beside its bar."""


def gate_statistics(data: xr.Dataset, *, name: str = "gate-statistics", **look: Unpack[Look]) -> Figure:
    """Draw one row for each cell and retention bias: openness over time, saturation, what passes.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.gate_statistics`; the first initialisation and gain are drawn.
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
    >>> data = gs.flow.gate_statistics("gru", "noise", n=4, seeds=2, steps=10)
    >>> gs.figures.gate_statistics(data).title
    'How open gates are over time'
    """
    data = restored(data, "gate_statistics")
    data = data.isel(init=[0], gain=[0])
    rows = [(str(c), str(r)) for c in data["cell"].values for r in data["retention"].values
            if bool(_one(data, str(c), str(r))["mean"].notnull().any())]  # fmt: skip
    gates = [str(g) for g in data["gate"].values if bool(data["mean"].sel(gate=g).notnull().any())]
    lines = {g: SERIES[k % len(SERIES)] for k, g in enumerate(gates)}
    with plate(name, look) as page:
        axes = page.grid(len(rows), 3, 1.35, sharey="col", sharex="col")
        for panels, (cell, retention) in zip(axes, rows):
            part = _one(data, cell, retention)
            present = [g for g in gates if bool(part["mean"].sel(gate=g).notnull().any())]
            _openness(panels[0], part, present, lines)
            _saturation(panels[1], part, present, lines)
            _passing(panels[2], part)
            page.name_row(panels[-1], setting_label(cell, retention))
        for panel, title in zip(axes[0], (say("panel-openness"), say("panel-saturation"), say("panel-passing"))):
            panel.set_title(title)
        for panel, label in zip(axes[-1], (say("axis-step"), say("axis-closed"), say("axis-passing"))):
            panel.set_xlabel(label)
        page.legend([(say("legend-gate", gate=g), lines[g]) for g in gates])
    return page.figure(say("title-gates"), data, _table(data), _caption(data, rows))


def _one(data: xr.Dataset, cell: str, retention: str) -> xr.Dataset:
    return data.isel(init=0, gain=0).sel(cell=cell, retention=retention)


def _openness(axes: Axes, part: xr.Dataset, gates: list[str], lines: dict[str, Line]) -> None:
    """Mean over units, median over seeds; band: 0.1 to 0.9 quantile over units."""
    time = part["time"].values
    for k, gate in enumerate(gates):
        curves = [part[v].sel(gate=gate).median("seed").values for v in ("lower", "mean", "upper")]
        draw_band(axes, time, curves, lines[gate], shift=k / max(1, len(gates)))
    axes.set_ylim(-0.03, 1.03)
    axes.set_yticks([0, 0.5, 1])


def _saturation(axes: Axes, part: xr.Dataset, gates: list[str], lines: dict[str, Line]) -> None:
    """A point a unit; where units coincide, the mark grows with their number."""
    axes.plot([0, 1], [1, 0], color=GREY, linewidth=0.6, linestyle=(0, (1, 2)))
    for gate in gates:
        points = np.stack([part[v].sel(gate=gate).values.ravel() for v in ("unit_left", "unit_right")], axis=1)
        points = np.round(points[~np.isnan(points).any(axis=1)], 3)
        if not len(points):
            continue
        places, counts = np.unique(points, axis=0, return_counts=True)
        sizes = 8 + 60 * counts / counts.sum()
        axes.scatter(places[:, 0], places[:, 1], s=sizes, marker=lines[gate].marker, facecolors="none",
                     edgecolors=lines[gate].color, linewidths=0.7, clip_on=False)  # fmt: skip
    axes.set_xlim(-0.05, 1.05)
    axes.set_ylim(-0.05, 1.05)
    axes.set_yticks([0, 0.5, 1])
    axes.set_ylabel("> 0.9")


def _passing(axes: Axes, part: xr.Dataset) -> None:
    """A bar for each product that holds a gate, the spread over seeds as a line."""
    shares = part["through"].dropna("passage", how="all")
    labels = [str(p) for p in shares["passage"].values]
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.6, max(4, len(labels)) - 0.4)
    axes.invert_yaxis()
    axes.set_yticks([])
    axes.grid(False, axis="y")
    for k, label in enumerate(labels):
        values = shares.sel(passage=label).values
        values = values[np.isfinite(values)]
        middle = float(np.median(values)) if len(values) else 0.0
        axes.barh(k + 0.22, middle, height=0.26, color="#c9c9c9", edgecolor=BLACK, linewidth=0.5)
        if len(values) > 1:
            axes.plot([values.min(), values.max()], [k + 0.22, k + 0.22], color=BLACK, linewidth=0.8)
        short = label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"
        text = say("product-nothing", product=short)
        if len(values):
            text = say("product-share", product=short, share=f"{middle:.2f}")
        axes.annotate(text, xy=(0, k - 0.2), xytext=(3, 0), textcoords="offset points", va="center", fontsize=points(6))


def _table(data: xr.Dataset) -> pd.DataFrame:
    series = data[["mean", "lower", "median", "upper", "left", "right"]].median("seed")
    frame = series.to_dataframe().reset_index()
    return frame[frame["mean"].notnull()]


def _caption(data: xr.Dataset, rows: list[tuple[str, str]]) -> Caption:
    attrs = drawn_attrs(data)
    cells = list(dict.fromkeys(cell_label(c) for c, _ in rows))
    closed, opened = str(attrs["closed_below"]), str(attrs["open_above"])
    return Caption(
        gates_reading(data),
        say("shown-gates", cells=listing(cells), closed=closed, open=opened),
        sentences(
            say("note-gates"),
            initialisation_words(attrs, data["init"].values, gain_words(data)),
            retaining_words(r for _, r in rows),
            say(
                "sizes-gates", size=size_of_states(attrs), seeds=seeds_words(attrs), sequences=sequences_words(attrs),
                steps=steps_words(attrs), input=input_words(attrs), dtype=str(attrs["dtype"]),
            ),
        ),
        warnings_of(attrs),
    )  # fmt: skip
