"""Paths of the gradient: norms by path of departure and of the last step, and shares, one row a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from gatedsym.errors import ArgumentError
from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_band, draw_reference, powers_of_ten
from gatedsym.figures.readings import paths_reading
from gatedsym.figures.style import BLACK, GREY, SERIES, VERMILLION, Line, points
from gatedsym.figures.words import (
    amount,
    cell_label,
    drawn_attrs,
    gain_words,
    in_rows,
    initialisation_words,
    listing,
    retaining_words,
    retention_words,
    sentences,
    sizes_words,
    warnings_of,
)
from gatedsym.flow.analyses.gradient_norm import quartiles
from gatedsym.messages import room

say = room("captions")

SHOWN = len(SERIES) - 1
"""Paths that have a line of their own beside the highway; the weakest of more share a grey one."""

_HIGHWAY = Line(VERMILLION, "-", "")
_WHOLE = Line(BLACK, (0, (1, 1)), "")
_CROSS = Line(BLACK, (0, (4, 1, 1, 1)), "")
_REST = Line(GREY, "-", "")
_THICK = 2.6
_LINEAR = 2.0  # shares beyond this are drawn on a logarithmic scale


def paths(data: xr.Dataset, *, retention: str | None = None, name: str = "paths", **look: Unpack[Look]) -> Figure:
    """Draw the parts of the gradient that take each path.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.paths`; the first initialisation and gain are drawn.
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
    >>> data = gs.flow.paths("gru", "noise", n=4, seeds=2, lags=10, retention=1.0)
    >>> gs.figures.paths(data, width="icml-column").save("paths", formats=["pdf"])[0].name
    'paths.pdf'
    """
    data = restored(data, "paths")
    rows = drawn_rows(data["log10_whole"], retention)
    with plate(name, look) as page:
        axes = page.grid(len(rows), 4, 1.35, sharey=False)
        known: dict[str, Line] = {}
        for panels, (cell, label) in zip(axes, rows.items()):
            one = data.isel(init=0, gain=0).sel(cell=cell, retention=label)
            lines = _lines_of(one, str(data.attrs["highway"]), known)
            known = lines | known
            _draw_row(panels, one, lines)
            if not bool(np.isfinite(one["log10_whole"]).any()):
                _say_why(panels[:3], bool((one["log10_whole"] == -np.inf).any()))
            _add_row_legend(panels[3], cell, label, lines)
        for panel, title in zip(axes[0], (say("panel-departure"), say("panel-last-step"), say("panel-squared"))):
            panel.set_title(title)
        for panel in axes[-1, :3]:
            panel.set_xlabel(say("axis-lag"))
    title = say("title-paths", cells=listing([cell_label(c) for c in rows]), input=str(data.attrs["input"]))
    return page.figure(title, data, _table(data, rows), _caption(data, rows))


def drawn_rows(measured: xr.DataArray, retention: str | None) -> dict[str, str]:
    """For each cell the retention setting that is drawn: what was asked for, "1" or the first; a plain cell's "none".

    Raises
    ------
    ArgumentError
        If no cell was run with what was asked for.
    """
    rows = {}
    labels = [str(r) for r in measured["retention"].values]
    for cell in (str(c) for c in measured["cell"].values):
        own = [r for r in labels if bool(measured.sel(cell=cell, retention=r).notnull().any())]
        wished = [r for r in (retention, "1") if r in own]
        # Of a cell of which nothing is finite the setting cannot be told: none is named.
        rows[cell] = (wished or own or [r for r in labels if r == "none"] or labels)[0]
    if retention is not None and retention not in rows.values():
        raise ArgumentError(f"no cell was run with retention {retention!r}: choose from {', '.join(labels)}.")
    return rows


def _lines_of(one: xr.Dataset, highway: str, known: Mapping[str, Line]) -> dict[str, Line]:
    """A line for each path of a cell, the same as in rows before where it can be; the weakest may share the grey."""
    there = [str(p) for p in one["path"].values if bool(one["log10_norm"].sel(path=p).notnull().any())]
    others = [p for p in there if p != highway]
    strength = one["square"].sel(view="last step").median(["seed", "lag"]).fillna(0.0)
    strongest = sorted(others, key=lambda p: -float(strength.sel(path=p)))[:SHOWN]
    found: dict[str, Line] = {}
    for path in strongest:
        if path in known and known[path] not in (_REST, *found.values()):
            found[path] = known[path]
    free = iter(line for line in SERIES[1:] if line not in found.values())
    found |= {p: next(free) for p in others if p in strongest and p not in found}
    own = {highway: _HIGHWAY} if highway in there else {}
    return own | {p: found.get(p, _REST) for p in others}


def _draw_row(panels: Sequence[Axes], one: xr.Dataset, lines: Mapping[str, Line]) -> None:
    departure, last = (one["log10_norm"].sel(view=view) for view in ("departure", "last step"))
    _draw_norms(panels[0], departure, lines)
    draw_band(panels[0], one["lag"].values, [quartiles(one["log10_whole"])[1].values] * 3, _WHOLE)
    panels[0].set_ylabel(say("axis-norm"))
    # Over the whole, for the parts of one step stay side by side while all of them shrink.
    _draw_norms(panels[1], last - one["log10_whole"].where(np.isfinite(one["log10_whole"])), lines)
    draw_reference(panels[1], 0.0, "")
    bottom, top = panels[1].get_ylim()
    panels[1].set_ylim(min(bottom, -1.1), max(top, 0.15))
    panels[1].set_ylabel(say("axis-norm-share"))
    _draw_shares(panels[2], one.sel(view="last step"), lines)
    panels[2].set_ylabel(r"share of $\|\delta_t\|^2$")
    for panel in panels[:2]:
        powers_of_ten(panel.yaxis)


def _say_why(panels: Sequence[Axes], zero: bool) -> None:
    """The words in the panels of a cell of which no number can be drawn."""
    why = say("exactly-zero") if zero else say("not-finite")
    for panel in panels:
        panel.text(0.5, 0.5, why, transform=panel.transAxes, ha="center",
                   va="center")  # fmt: skip


def _draw_norms(panel: Axes, values: xr.DataArray, lines: Mapping[str, Line]) -> None:
    for k, (path, line) in enumerate(sorted(lines.items(), key=lambda entry: entry[1] is not _REST)):
        curves = [part.values for part in quartiles(values.sel(path=path))]
        _draw(panel, values["lag"].values, curves, line, k / len(lines))


def _draw(panel: Axes, lag: Any, curves: Sequence[Any], line: Line, shift: float) -> None:
    draw_band(panel, lag, curves, line, shift=shift)
    if line is _HIGHWAY and np.isfinite(curves[1]).any():
        panel.lines[-1].set_linewidth(_THICK)


def _draw_shares(panel: Axes, one: xr.Dataset, lines: Mapping[str, Line]) -> None:
    """Medians alone: bands of as many shares would hide each other."""
    drawn = [(line, one["square"].sel(path=path).median("seed").values) for path, line in lines.items()]
    if len(lines) > 1:
        drawn.append((_CROSS, one["cross"].median("seed").values))
    for k, (line, values) in enumerate(drawn):
        _draw(panel, one["lag"].values, [values] * 3, line, k / len(drawn))
    draw_reference(panel, 0.0, "")
    draw_reference(panel, 1.0, "")
    finite = [values[np.isfinite(values)] for _, values in drawn]
    if any((np.abs(values) > _LINEAR).any() for values in finite):
        panel.set_yscale("symlog", linthresh=1.0)


def _add_row_legend(axes: Axes, cell: str, retention: str, lines: Mapping[str, Line]) -> None:
    """The row's name and its lines, in a column of their own: cells have different paths."""
    axes.set_axis_off()
    entries = {path: line for path, line in lines.items() if line is not _REST}
    rest = len(lines) - len(entries)
    handles = [
        Line2D([], [], label=path, **line.options() | ({"linewidth": _THICK} if line is _HIGHWAY else {}))
        for path, line in entries.items()
    ]
    further = [(say("counted-others", count=rest), _REST)] if rest else []
    further += [(say("legend-whole"), _WHOLE), *([(say("legend-cross"), _CROSS)] if len(lines) > 1 else [])]
    handles += [Line2D([], [], label=label, **line.options()) for label, line in further]
    words = "" if retention == "none" else f"\n{retention_words(retention)}"
    axes.legend(
        handles=handles, loc="center left", bbox_to_anchor=(0.0, 0.5), title=_in_lines(cell_label(cell)) + words,
        fontsize=points(6.5), title_fontproperties={"weight": "bold", "size": points(7)}, alignment="left",
        labelspacing=0.25, borderpad=0, borderaxespad=0, handlelength=2.2,
    )  # fmt: skip


def _in_lines(name: str, length: int = 14) -> str:
    """A name that is longer than a column is wide, broken behind an underscore."""
    lines = [""]
    for piece in name.replace("_", "_ ").split():
        if lines[-1] and len(lines[-1] + piece) > length:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


def _table(data: xr.Dataset, rows: Mapping[str, str]) -> pd.DataFrame:
    frames = []
    for cell, label in rows.items():
        one = data.isel(init=[0], gain=[0]).sel(cell=[cell], retention=[label])
        curves = dict(zip(("lower", "median", "upper"), quartiles(one["log10_norm"])))
        parts = {f"log10_norm_{where}": part for where, part in curves.items()}
        parts |= {"square_median": one["square"].median("seed"), "share_median": one["share"].median("seed")}
        frame = xr.Dataset(parts).to_dataframe().reset_index()
        frames.append(frame[frame["log10_norm_median"].notnull()])
        whole = quartiles(one["log10_whole"])[1].rename("log10_norm_median").to_dataframe().reset_index()
        frames.append(whole.assign(path="whole"))
        cross = one["cross"].median("seed").rename("square_median").to_dataframe().reset_index()
        frames.append(cross.assign(path="cross term"))
    return pd.concat(frames, ignore_index=True)


def _caption(data: xr.Dataset, rows: Mapping[str, str]) -> Caption:
    attrs = drawn_attrs(data)
    return Caption(
        paths_reading(data, rows),
        say("shown-paths", cells=in_rows(rows)),
        sentences(
            _closure_words(attrs),
            initialisation_words(attrs, data["init"].values[:1], gain_words(data)),
            retaining_words(sorted(set(rows.values()))),
            say("triangles-zero"),
            sizes_words(attrs),
        ),
        warnings_of(attrs),
    )


def _closure_words(attrs: Mapping[str, Any]) -> str:
    """The first sentences of the note: what a path is, and how far the parts add up to the gradient."""
    closure = max(float(attrs["closure_departure"]), float(attrs["closure_last_step"]))
    within = closure <= float(attrs["closure_allowed"])
    return say(
        "note-paths",
        sum=("within" if within else "beyond") if np.isfinite(closure) else "none",
        miss=amount(np.log10(closure)) if closure else "0",
        allowed=amount(np.log10(attrs["closure_allowed"])),
    )
