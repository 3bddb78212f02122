"""Half-life of a state against the bias that retains it: one panel a cell, chrono quantiles and measured ones on it."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.readings import timescales_reading
from gatedsym.figures.style import BLACK, GREY, SERIES, Line, points
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    gain_words,
    initialisation_words,
    input_words,
    listing,
    seeds_words,
    sentences,
    size_of_states,
    warnings_of,
)
from gatedsym.flow.analyses.timescales import half_life
from gatedsym.messages import room
from gatedsym.typing import Array

say = room("captions")

_LOWEST, _HIGHEST = 0.1, 1e5
_CHRONO = Line(BLACK, "", "D")
_MEASURED = Line(GREY, "", "s")
_SQUARES: dict[str, Any] = {"linestyle": "", "marker": "s", "color": GREY, "markerfacecolor": "white", "zorder": 5}


def timescales(data: xr.Dataset, *, name: str = "timescales", **look: Unpack[Look]) -> Figure:
    """Draw half-lives.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.timescales`; measured half-lives are those of the first initialisation and gain.
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
    >>> data = gs.flow.timescales("gru", "noise", n=4, seeds=2, steps=20)
    >>> gs.figures.timescales(data).title
    'Timescales of retained states'
    """
    data = restored(data, "timescales")
    cells = list(dict.fromkeys(str(c) for c in data["cell"].values))
    with plate(name, look) as page:
        columns = page.columns(min(len(cells), 3))
        rows = -(-len(cells) // columns)
        axes = page.grid(rows, columns, 1.75, sharex=False)
        for k, panel in enumerate(axes.ravel()):
            if k >= len(cells):
                panel.remove()
                continue
            _draw(panel, data.isel(entry=data["cell"].values == cells[k]), data["bias"].values)
            panel.set_title(cell_label(cells[k]))
            if k % columns == 0:
                panel.set_ylabel(say("axis-half-life"))
            if k + columns >= len(cells):
                panel.set_xlabel(say("axis-keeping"))
        axes[0, 0].set_yscale("log")
        axes[0, 0].set_ylim(_LOWEST, _HIGHEST)
        entries = [(say("legend-by-equations"), SERIES[0])]
        if bool(data["chrono_bias"].notnull().any()):
            entries.append((say("legend-chrono", horizon=str(data.attrs["horizon"])), _CHRONO))
        if bool(data["measured_half_life"].notnull().any()):
            entries.append((say("legend-in-run"), _MEASURED))
        page.legend(entries)
    return page.figure(say("title-timescales"), data, table(data), _caption(data, cells))


def _draw(panel: Axes, part: xr.Dataset, biases: Array) -> None:
    panel.set_xlim(float(biases[0]) - 0.3, float(biases[-1]) + 0.3)
    written: list[tuple[str, Line]] = []
    curves: list[Array] = []
    for k in range(part.sizes["entry"]):
        entry = part.isel(entry=k)
        line = SERIES[len(written) % len(SERIES)]
        curve = entry["half_life"].values
        if not str(entry["parameter"].values):
            _constant(panel, entry, line)
            on, state = bool(str(entry["switch"].values)), str(entry["memory"].item())
            text = say("timescale-constant-on", state=state) if on else say("timescale-constant", state=state)
            written.append((text, line))
            if len(written) == 1:
                _measured(panel, entry)
            continue
        if any(np.allclose(curve, other, equal_nan=True) for other in curves):
            written = [(f"{text}; {_words(entry)}" if j == _same(curves, curve) else text, drawn)
                       for j, (text, drawn) in enumerate(written)]  # fmt: skip
            continue
        curves.append(curve)
        panel.plot(biases, np.clip(curve, _LOWEST / 10, _HIGHEST * 10), color=line.color, linestyle=line.dashes)
        _mark_outside(panel, biases, curve, line)
        chrono = entry["chrono_bias"].values, entry["chrono_half_life"].values
        panel.plot(*chrono, linestyle="", marker="D", markerfacecolor="white", markeredgecolor=BLACK, zorder=4)
        written.append((_words(entry), line))
        if len(curves) == 1:
            _measured(panel, entry)
    for k, (text, line) in enumerate(written):
        panel.annotate(_short(text), xy=(0.03, 0.97 - 0.1 * k), xycoords="axes fraction", fontsize=points(6.5),
                       va="top", color=line.color,
                       bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # fmt: skip


def _same(curves: list[Array], curve: Array) -> int:
    return next(k for k, other in enumerate(curves) if np.allclose(curve, other, equal_nan=True))


def _words(entry: xr.Dataset) -> str:
    sign = "−" if int(entry["sign"]) < 0 else ""
    return say("timescale-by", state=str(entry["memory"].item()), bias=f"{sign}{entry['parameter'].item()}")


def _short(text: str) -> str:
    return text if len(text) <= 34 else text[:33] + "…"


def _constant(panel: Axes, entry: xr.Dataset, line: Line) -> None:
    """A line for the median unit over a band from 5 to 95 % of units."""
    lower, _, middle, _, upper = np.clip(entry["constant_half_life"].values, _LOWEST / 10, _HIGHEST * 10)
    panel.axhspan(lower, upper, color=line.color, alpha=0.18, linewidth=0)
    panel.axhline(middle, color=line.color, linestyle=line.dashes)


def _mark_outside(panel: Axes, x: Array, curve: Array, line: Line) -> None:
    """Triangles at the edge where a half-life is too small or too large to be drawn."""
    for outside, height, marker in ((curve > _HIGHEST, 1.0, "^"), (curve < _LOWEST, 0.0, "v")):
        if outside.any():
            places = x[outside][:: max(1, int(outside.sum()) // 4)]
            panel.plot(places, np.full(len(places), height), linestyle="", marker=marker, color=line.color,
                       clip_on=False, transform=panel.get_xaxis_transform())  # fmt: skip


def _measured(panel: Axes, entry: xr.Dataset) -> None:
    """Medians over seeds of quantiles over units, at the retention bias that the networks have.

    Chrono initialisation gives each unit a bias of its own: each quantile stands at the same quantile of the biases.
    """
    for label in map(str, entry["retention"].values):
        values = entry["measured_half_life"].isel(init=0, gain=0).sel(retention=label).values
        if np.isnan(values).all():
            continue
        quantiles = np.median(values, axis=0)
        if label == "chrono":
            panel.plot(entry["chrono_bias"].values, np.clip(quantiles, _LOWEST / 10, _HIGHEST * 10), **_SQUARES)
            _mark_outside(panel, entry["chrono_bias"].values, quantiles, _MEASURED)
            continue
        low, middle, high = np.clip(quantiles[[0, 2, 4]], _LOWEST / 10, _HIGHEST * 10)
        place = _place(entry, label)
        panel.errorbar([place], [middle], yerr=[[middle - low], [high - middle]], capsize=2.5, elinewidth=0.9,
                       **_SQUARES)  # fmt: skip
        _mark_outside(panel, np.array([place]), quantiles[[2]], _MEASURED)


def _place(entry: xr.Dataset, label: str) -> float:
    """The bias that the networks have, with the sign with which it keeps longer; given biases are their own."""
    if label != "none":
        return float(label)
    if "measured_bias" not in entry:
        return 0.0
    own = float(entry["measured_bias"].isel(init=0, gain=0).sel(retention=label).median())
    return own if np.isfinite(own) else 0.0


def table(data: xr.Dataset) -> pd.DataFrame:
    """Half-lives, horizons and chrono quantiles as rows: entry, quantity, argument, value."""
    rows = []
    for name, dim in (("half_life", "bias"), ("kept_of_horizon", "bias"), ("bias_for_half_life", "horizon"),
                      ("bias_for_time_constant", "horizon"), ("chrono_bias", "quantile"),
                      ("chrono_half_life", "quantile"), ("constant_half_life", "quantile")):  # fmt: skip
        for entry in data["entry"].values:
            for at, value in zip(data[dim].values, data[name].sel(entry=entry).values):
                rows.append((str(entry), name, dim, float(at), float(value)))
    frame = pd.DataFrame(rows, columns=["entry", "quantity", "argument", "at", "value"])
    return frame[frame["value"].notnull()]


def _caption(data: xr.Dataset, cells: list[str]) -> Caption:
    attrs = drawn_attrs(data)
    horizon = int(attrs["horizon"])
    needed = [words for k in range(data.sizes["entry"]) if (words := _needed(data.isel(entry=k), horizon))]
    share = f"{half_life(1 - 1 / horizon) / horizon:.2f}"
    size, steps, read = size_of_states(attrs), str(attrs["lags"]), input_words(attrs)
    return Caption(
        timescales_reading(data),
        say("shown-timescales", cells=listing([cell_label(c) for c in cells])),
        sentences(
            say("note-timescales", horizon=str(horizon), share=share),
            initialisation_words(attrs, data["init"].values[:1], gain_words(data)),
            say("sizes-timescales", size=size, seeds=seeds_words(attrs), steps=steps, input=read),
            say("note-timescales-needed", horizon=str(horizon), listed="; ".join(needed)) if needed else "",
        ),
        warnings_of(attrs),
    )


def _needed(entry: xr.Dataset, horizon: int) -> str:
    """The bias, with its own sign, for which half is left after the horizon; nothing where there is none."""
    if horizon not in entry["horizon"].values:
        return ""
    value = float(entry["bias_for_half_life"].sel(horizon=horizon)) * int(entry["sign"])
    if not np.isfinite(value):
        return ""
    state = say("part-of-cell", what=str(entry["memory"].item()), cell=cell_label(str(entry["cell"].item())))
    parameter = str(entry["parameter"].item())
    return say("bias-needed", state=state, parameter=parameter, value=f"{value:.2f}".replace("-", "−"))
