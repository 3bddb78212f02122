"""The gate as a valve: three inputs, the gate that each opens to another degree, and what passes."""

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
from gatedsym.figures.readings import valve_reading
from gatedsym.figures.style import BLACK, BLUE, GREY, ORANGE, VERMILLION, Line, points
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    gain_words,
    initialisation_words,
    listing,
    own_sizes,
    sentences,
    warnings_of,
)
from gatedsym.messages import room

say = room("captions")

LINES = (
    Line(VERMILLION, (0, (1, 1)), "v"),
    Line(ORANGE, (0, (5, 1.5)), "s"),
    Line(BLUE, "-", "o"),
    Line(GREY, (0, (4, 1, 1, 1)), "D"),
)
BEFORE = Line(BLACK, "", "_")
MOST = 24
"""Entries of a vector that are drawn."""


def valve(data: xr.Dataset, *, name: str = "valve", **look: Unpack[Look]) -> Figure:
    """Draw, for each cell and product with a gate, the inputs, the gate and what passes.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.valve`; the first initialisation, gain and seed are drawn, and the first retention bias of each cell.
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
    >>> data = gs.flow.valve("gru", "noise")
    >>> gs.figures.valve(data).title
    'The gate as a valve'
    """
    data = restored(data, "valve")
    data = data.isel(init=[0], gain=[0], seed=[0])
    found = [(cell, passage, part) for cell in map(str, data["cell"].values) for passage, part in _parts(data, cell)]
    rows = [row for row in found if _is_set(row[2])] or found
    levels = [float(v) for v in data["level"].values]
    with plate(name, look) as page:
        axes = page.grid(len(rows), 3, 1.15, sharey=False, sharex=False)
        for panels, (cell, passage, part) in zip(axes, rows):
            for panel, variable in zip(panels, ("input", "gate", "passed")):
                for k in range(len(levels)):
                    _points(panel, part[variable].isel(level=k).values, LINES[k % len(LINES)])
            # What stands before the gate is drawn once, and for every level where it moves with the input.
            for k in range(1 if part["kept"] else len(levels)):
                _before(panels[2], part["operand"].isel(level=k).values)
            panels[1].set_ylim(-0.05, 1.05)
            panels[1].set_yticks([0, 0.2, 1], labels=["0", "0.2", "1"])
            panels[0].set_ylabel(say("axis-value"))
            page.name_row(panels[2], cell_label(cell))
            panels[2].annotate(_short(passage), xy=(0.5, 1.0), xycoords="axes fraction", xytext=(0, 2),
                               textcoords="offset points", ha="center", va="bottom", fontsize=points(7))  # fmt: skip
            panels[1].annotate(_gate_name(passage), xy=(0.5, 1.0), xycoords="axes fraction", xytext=(0, 2),
                               textcoords="offset points", ha="center", va="bottom", fontsize=points(7))  # fmt: skip
        for panel, label in zip(axes[-1], (say("axis-feature"), say("axis-gate"), say("axis-product"))):
            panel.set_xlabel(label)
        axes[0, 0].annotate(say("panel-input"), xy=(0.5, 1.0), xycoords="axes fraction", xytext=(0, 2),
                            textcoords="offset points", ha="center", va="bottom", fontsize=points(7))  # fmt: skip
        entries = [(_level_words(v), LINES[k % len(LINES)]) for k, v in enumerate(levels)]
        page.legend([*entries, (say("legend-before"), BEFORE)])
    return page.figure(say("title-valve"), data, _table(data), _caption(data, found))


def _is_set(part: xr.Dataset) -> bool:
    return float(part["miss"].max()) <= 0.02


def _parts(data: xr.Dataset, cell: str) -> list[tuple[str, xr.Dataset]]:
    """The products of a cell under its first retention bias."""
    found = []
    for passage in map(str, data["passage"].values):
        one = data.isel(init=0, gain=0, seed=0).sel(cell=cell, passage=passage)
        here = [r for r in one["retention"].values if bool(one["kept"].sel(retention=r).notnull())]
        if here:
            found.append((passage, one.sel(retention=here[0])))
    return found


def _points(axes: Axes, values: np.ndarray, line: Line) -> None:
    values = values[~np.isnan(values)][:MOST]
    options = line.options() | {"linewidth": 0.8}
    axes.plot(np.arange(1, len(values) + 1), values, **options)
    axes.set_xticks([1, len(values)] if len(values) > 1 else [1])


def _before(axes: Axes, values: np.ndarray) -> None:
    values = values[~np.isnan(values)][:MOST]
    axes.plot(np.arange(1, len(values) + 1), values, linestyle="", marker="_", color=BLACK, markersize=9,
              markeredgewidth=1.4, zorder=3)  # fmt: skip


def _gate_name(passage: str) -> str:
    return say("panel-gate", product=_short(passage))


def _short(text: str) -> str:
    return text if len(text) <= 26 else text[:25] + "…"


def _level_words(level: float) -> str:
    if level <= 0.05:
        return say("level-closed", level=f"{level:g}")
    if level >= 0.95:
        return say("level-open", level=f"{level:g}")
    return say("level-fifth") if level == 0.2 else say("level-part", level=f"{level:g}")


def _table(data: xr.Dataset) -> pd.DataFrame:
    frame = data[["gate", "factor", "operand", "passed"]].to_dataframe().reset_index()
    return frame[frame["passed"].notnull()]


def _caption(data: xr.Dataset, rows: list[tuple[str, str, xr.Dataset]]) -> Caption:
    attrs = drawn_attrs(data)
    cells = list(dict.fromkeys(cell_label(c) for c, _, _ in rows))
    off = [say("part-of-cell", what=p, cell=cell_label(c)) for c, p, part in rows if not _is_set(part)]
    moved = [
        say("part-of-cell", what=p, cell=cell_label(c)) for c, p, part in rows if _is_set(part) and not part["kept"]
    ]
    levels = listing([f"{float(v):g}" for v in data["level"].values])
    n, others, dtype = str(attrs["n"]), own_sizes(attrs), str(attrs["dtype"])
    return Caption(
        valve_reading(rows),
        say("shown-valve", cells=listing(cells), levels=levels),
        sentences(
            initialisation_words(attrs, data["init"].values, gain_words(data)),
            say("note-valve-moved", products=listing(moved)) if moved else "",
            say("note-valve-off", products=listing(off)) if off else "",
            say("sizes-valve", n=n, others=others, most=str(MOST), dtype=dtype),
        ),
        warnings_of(attrs),
    )
