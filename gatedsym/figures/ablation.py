"""The ablation matrix: a row for each edit of a cell's equations, a column for each measure, readable in grey."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import blocks_of
from gatedsym.figures.readings import ablation_reading
from gatedsym.figures.style import GREY, points
from gatedsym.figures.texts import text_width
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
    size_of_states,
    warnings_of,
)
from gatedsym.flow.analyses.ablation import AS_IT_IS
from gatedsym.messages import room

say = room("captions")

COLUMNS = {"rate": 3, "lambda_1": 3, "chi": 3, "highway": 2, "parameters": 0, "operations": 0}
"""The measures that have a column, each with the digits of its numbers."""
FACTORS: Mapping[str, Callable[[pd.Series], pd.Series]] = {
    "rate": lambda rate: 10.0**rate,
    "lambda_1": np.exp,
    "chi": np.sqrt,
}
"""The function that makes a measure a factor per step, the unit in which all of them are drawn."""
DARKEST = 0.42
"""The share of the white that the largest change takes: black text stays readable on it."""
ROW = 0.185
"""Inches, at our size of type."""


def ablation(data: xr.Dataset, *, name: str = "ablation", **look: Unpack[Look]) -> Figure:
    """Draw the matrix; a cell of it is the darker, the further the value is from that of the cell as it is.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.ablation`; the first initialisation and gain are drawn, and the first retention bias of each cell.
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
    >>> data = gs.flow.ablation("gru", "noise", n=4, seeds=1, lags=10, measures=["parameters"])
    >>> gs.figures.ablation(data).title
    'What each gate and each activation is for'
    """
    data = restored(data, "ablation")
    table = _table(data)
    columns = [c for c in COLUMNS if c in data.attrs["measures"]]
    with plate(name, look) as page:
        frame = _frame(table, columns, page.width)
        axes = page.sheet(frame.height).add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        axes.set_xlim(0, page.width)
        axes.set_ylim(frame.height, 0)
        for k, block in enumerate(frame.blocks):
            _draw(axes, in_factors(table), block, frame, k * frame.height / len(frame.blocks))
    return page.figure(say("title-ablation"), data, table, _caption(data, table))


@dataclass(frozen=True)
class _Frame:
    """Inches of the matrix: where edits and measures begin, the width of a measure, and its height; blocks of measures
    that stand below each other."""

    width: float
    edits: float
    left: float
    step: float
    row: float
    height: float
    blocks: tuple[tuple[str, ...], ...]


def _head(column: str) -> str:
    """The words over a column, on one line or two."""
    return say(f"head-ablation-{column}")


def _frame(table: pd.DataFrame, columns: list[str], width: float) -> _Frame:
    """As many measures beside each other as the names and heads leave room for."""
    edits = 0.06 + max(text_width(_wrapped(str(c)), points(7.5), "bold") for c in table["cell"]) + 0.08
    left = edits + max(text_width(str(a), points(7)) for a in table["ablation"]) + 0.08
    heads = [text_width(re.sub(r"[$\\{}]", "", h), points(6.5)) for c in columns for h in _head(c).split("\n")]
    blocks = blocks_of(len(columns), max(width - left - 0.05, 0.0), max(heads) + 0.06)
    row = ROW * points(1.0)
    tall = (len(table) + 0.45 * table["cell"].nunique()) * row + 0.62 * points(1.0)
    chosen = tuple(tuple(columns[k] for k in block) for block in blocks)
    step = (width - left - 0.05) / len(chosen[0])
    return _Frame(width, edits, left, step, row, tall * len(chosen), chosen)


def _draw(axes: Axes, table: pd.DataFrame, columns: tuple[str, ...], frame: _Frame, top: float) -> None:
    """The matrix of some measures, from a height down."""
    left, step, row = frame.left, frame.step, frame.row
    for k, column in enumerate(columns):
        axes.text(left + (k + 0.5) * step, top + 1.46 * row, _head(column), ha="center", va="center",
                  fontsize=points(6.5))  # fmt: skip
    changes = {c: _change(table, c) for c in columns}
    largest = {c: float(changes[c].abs().replace(np.inf, np.nan).max()) for c in columns}
    no_cell = say("ablation-is-no-cell")
    if left + text_width(no_cell, points(6.5)) > frame.width:
        no_cell = say("ablation-is-no-cell-short")
    y = top + 2.81 * row
    for cell, rows in table.groupby("cell", sort=False):
        axes.plot([0.05, frame.width - 0.05], [y, y], color=GREY, linewidth=0.6)
        y += 0.2 * row
        axes.text(0.06, y + row / 2, _wrapped(str(cell)), va="center", fontsize=points(7.5), fontweight="bold")
        for index, edit in rows.iterrows():
            axes.text(frame.edits, y + row / 2, str(edit["ablation"]), va="center", fontsize=points(7))
            if bool(edit["invalid"]):
                axes.text(left, y + row / 2, no_cell, va="center", fontsize=points(6.5), style="italic")
            else:
                for k, column in enumerate(columns):
                    change = float(changes[column].loc[index])
                    what = (column, float(edit[column]), change, largest[column])
                    _entry(axes, (left + k * step, y), (step, row), what)
            y += row
        y += 0.25 * row
    axes.plot([0.05, frame.width - 0.05], [y, y], color=GREY, linewidth=0.6)


def _entry(
    axes: Axes, place: tuple[float, float], size: tuple[float, float], what: tuple[str, float, float, float]
) -> None:
    column, value, change, largest = what
    (x, y), (step, row) = place, size
    share = abs(change) / largest if largest > 0 and np.isfinite(change) else float(np.isinf(change))
    shade = 1 - DARKEST * share
    axes.add_patch(
        Rectangle((x + 0.01, y + 0.008), step - 0.02, row - 0.016, facecolor=str(round(shade, 3)), linewidth=0)
    )
    axes.text(
        x + 0.62 * step, y + row / 2, _number(value, COLUMNS[column]), ha="center", va="center", fontsize=points(6.5)
    )
    if share > 0.02:
        axes.text(
            x + 0.14 * step, y + row / 2, "▲" if change > 0 else "▼", ha="center", va="center", fontsize=points(4.5)
        )


def in_factors(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every measure of growth as its factor per step."""
    return table.assign(**{name: factor(table[name]) for name, factor in FACTORS.items() if name in table})


def _change(table: pd.DataFrame, column: str) -> pd.Series:
    """Of each row from its cell as it is; of costs in shares of that."""
    base = table["cell"].map(table[table["ablation"] == AS_IT_IS].set_index("cell")[column])
    difference = table[column] - base
    return difference / base if column in ("parameters", "operations") else difference


def _number(value: float, digits: int) -> str:
    if np.isnan(value):
        return "–"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:,.{digits}f}" if abs(value) < 1e6 else f"{value:.1e}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", "−").replace(",", "\u2009")


def _wrapped(cell: str) -> str:
    text = cell_label(cell)
    return text if len(text) <= 13 else f"{text[:12]}…"


def _table(data: xr.Dataset) -> pd.DataFrame:
    """A row for each cell and ablation: medians over seeds."""
    one = data.isel(init=0, gain=0)
    rows = []
    for cell in map(str, data["cell"].values):
        part = one.sel(cell=cell)
        present = [r for r in part["retention"].values if _has(part["rate"].sel(retention=r))]
        # Where no rate was taken, the other measures say which bias the cell has.
        if not present:
            others = ("lambda_1", "chi", "highway")
            present = [r for r in part["retention"].values if any(_has(part[v].sel(retention=r)) for v in others)]
        part = part.sel(retention=present[0] if present else part["retention"].values[0])
        for name in map(str, data["ablation"].values):
            entry = part.sel(ablation=name)
            invalid = not bool(entry["parameters"].notnull())
            if invalid and not str(entry["said"].item()):
                continue
            medians = {k: float(_median(entry[k].values)) for k in ("rate", "lambda_1", "chi", "highway")}
            costs = {k: float(entry[k]) for k in ("parameters", "operations")}
            words = {k: str(entry[k].item()) for k in ("edit", "said")}
            rows.append({"cell": cell, "ablation": name, "retention": str(part["retention"].item()),
                         "invalid": invalid, **medians, **costs, **words})  # fmt: skip
    return pd.DataFrame(rows)


def _has(values: xr.DataArray) -> bool:
    return bool(values.notnull().any())


def _median(values: np.ndarray) -> float:
    """Median over the seeds that have a value; infinities are in the order."""
    ordered = np.sort(values[~np.isnan(values)])
    if not len(ordered):
        return float("nan")
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return float(low if low == high else (low + high) / 2)


def _caption(data: xr.Dataset, table: pd.DataFrame) -> Caption:
    attrs = drawn_attrs(data)
    cells = [cell_label(c) for c in dict.fromkeys(table["cell"])]
    said = [say("ablation-of-cell", cell=cell_label(r.cell), edit=r.ablation) for r in table.itertuples() if r.invalid]
    without = table["ablation"].isin(["no peepholes"]).any()
    size, read, dtype = size_of_states(attrs), input_words(attrs), str(attrs["dtype"])
    return Caption(
        ablation_reading(table),
        say("shown-ablation", cells=listing(cells), peepholes="some" if without else "none"),
        sentences(
            say("note-ablation", first=str(attrs["first_lag"]), last=str(attrs.get("last_lag", attrs["lags"]))),
            say("note-ablation-broken", listed=listing(said)) if said else "",
            initialisation_words(attrs, data["init"].values[:1], gain_words(data)),
            retaining_words(table["retention"]),
            say("sizes-ablation", size=size, seeds=seeds_words(attrs), input=read, dtype=dtype),
        ),
        warnings_of(attrs),
    )
