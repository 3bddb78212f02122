"""Singular values of the Jacobian of many steps: histograms at a few lags, the condition number against the lag."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gatedsym.figures.caption import Caption
from gatedsym.figures.exploding import biases_words
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.lyapunov import missing_words, settings_of, size_words
from gatedsym.figures.panels import draw_band, powers_of_ten, whole_power_label
from gatedsym.figures.readings import singular_values_reading
from gatedsym.figures.style import BLUE, GREY, SERIES, SKY, VERMILLION, Line, points
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    in_rows,
    initialisation_words,
    listing,
    scheme_over,
    sentences,
    warnings_of,
)
from gatedsym.flow.analyses.gradient_norm import quartiles
from gatedsym.messages import room
from gatedsym.typing import Array

say = room("captions")

BINS = 48
SHOWN = 4
"""Lags whose histograms are drawn."""


def singular_values(data: xr.Dataset, *, name: str = "singular-values", **look: Unpack[Look]) -> Figure:
    """Draw the singular values of the Jacobian of the state with respect to an earlier one, one row a cell.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.singular_values`; histograms show the first gain and retention bias of a cell.
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
    >>> data = gs.flow.singular_values("rnn", "noise", n=4, seeds=2, lags=[1, 5], warmup=5)
    >>> gs.figures.singular_values(data).title
    'Singular values of the Jacobian of many steps: RNN'
    """
    data = restored(data, "singular_values")
    cells, schemes = [str(c) for c in data["cell"].values], [str(s) for s in data["init"].values]
    lags = shown_lags(data)
    with plate(name, look) as page:
        axes = page.grid(len(cells), len(schemes) + 1, 1.5, sharey=False, sharex=False)
        lines: dict[str, Line] = {}
        for i, cell in enumerate(cells):
            settings = settings_of(data, data["log10_singular_value"], cell)
            first, bins = next(iter(settings)), _bins(data.sel(cell=cell), lags)
            for j, scheme in enumerate(schemes):
                here = data.sel(cell=cell, init=scheme)
                _draw_ridges(axes[i, j], here.sel(gain=first[0], retention=first[1]), lags, bins)
                axes[i, j].set_ylabel(say("axis-lag") if j == 0 else "")
                for (gain, retention), words in settings.items():
                    label = scheme_over(data.attrs, [cell], scheme)
                    if len(settings) > 1:
                        label = say("setting-in-legend", scheme=label, setting=words)
                    line = lines.setdefault(label, SERIES[len(lines) % len(SERIES)])
                    condition = here.sel(gain=gain, retention=retention)["log10_condition"]
                    _draw_condition(axes[i, -1], condition, line, list(lines.values()).index(line))
            _finish_condition(axes[i, -1])
            page.name_row(axes[i, -1], cell_label(cell))
        for j, scheme in enumerate(schemes):
            axes[0, j].set_title(f"{say('panel-singular')}\n{scheme_over(data.attrs, cells, scheme)}")
            axes[-1, j].set_xlabel(say("axis-factor"))
        axes[0, -1].set_title(f"{say('panel-condition')}\n" + r"$\sigma_{\max}/\sigma_{\min}$")
        axes[-1, -1].set_xlabel(say("axis-lag"))
        page.legend([(say("legend-condition", setting=label), line) for label, line in lines.items()])
    title = say("title-singular", cells=listing([cell_label(c) for c in cells]))
    return page.figure(title, data, _table(data), _caption(data, cells, lags))


def shown_lags(data: xr.Dataset) -> list[int]:
    """The lags whose histograms are drawn: the first, the last and some between."""
    lags = [int(k) for k in data["lag"].values]
    places = np.unique(np.linspace(0, len(lags) - 1, min(SHOWN, len(lags))).round().astype(int))
    return [lags[k] for k in places]


def _bins(data: xr.Dataset, lags: list[int]) -> Array:
    """Edges of bins that hold every finite value of a cell, in log10 of the factor per step."""
    values = (data["log10_singular_value"] / data["lag"]).sel(lag=lags).values
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if finite.size else (-1.0, 0.0)
    middle = (low + high) / 2
    half = max((high - low) / 2, 0.05) * 1.02
    return np.linspace(middle - half, middle + half, BINS + 1)


def _draw_ridges(axes: Axes, one: xr.Dataset, lags: list[int], bins: Array) -> None:
    """A histogram for each lag, one over the other, each with its own height; the share that is zero beside it."""
    drawn = False
    for k, lag in enumerate(lags):
        per_step = one["log10_singular_value"].sel(lag=lag).values.ravel() / lag
        known = per_step[~np.isnan(per_step)]
        if not known.size:
            continue
        drawn = True
        count = np.histogram(known[np.isfinite(known)], bins)[0]
        height = 0.85 * count / max(1, count.max())
        axes.stairs(k + height, bins, baseline=k, fill=True, color=SKY, alpha=0.6, linewidth=0)
        axes.stairs(k + height, bins, baseline=k, color=BLUE, linewidth=0.7)
        if zero := float(np.isneginf(known).mean()):
            axes.plot([0.0], [k + 0.25], linestyle="", marker="<", color=VERMILLION, clip_on=False,
                      transform=axes.get_yaxis_transform())  # fmt: skip
            axes.annotate(f"{100 * zero:.2g} %", xy=(0.0, k + 0.25), xycoords=("axes fraction", "data"), xytext=(4, -2),
                          textcoords="offset points", fontsize=points(6), color=VERMILLION)  # fmt: skip
    axes.set_xlim(bins[0], bins[-1])
    axes.set_ylim(0, len(lags))
    axes.set_yticks(range(len(lags)), labels=[str(lag) for lag in lags])
    axes.axvline(0.0, color=GREY, linewidth=0.6, linestyle=(0, (1, 2)))
    _label_factors(axes, 10 ** bins[0], 10 ** bins[-1])
    if not drawn:
        _say_empty(axes)


def _label_factors(axes: Any, low: float, high: float) -> None:
    """Ticks of an axis in log10 of a factor: decades, or round numbers where it spans less than two."""
    room = 5 if axes.get_figure().get_figwidth() > 4 else 2
    if high / low > 100:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=room, integer=True, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(whole_power_label))
        return
    if high / low > 5:
        ticks = [m * 10.0**e for e in range(-3, 4) for m in ((1, 2, 5) if room > 2 else (1, 3))]
    else:
        ticks = list(MaxNLocator(nbins=room, steps=[1, 2, 5, 10]).tick_values(low, high))
    shown = [t for t in ticks if low <= t <= high]
    axes.set_xticks(np.log10(shown), labels=[f"{t:g}" for t in shown])


def _draw_condition(axes: Axes, condition: xr.DataArray, line: Line, k: int) -> None:
    """Quartiles over seeds of the k-th line; triangles along the upper edge where the median is infinite."""
    if not bool(condition.notnull().any()):
        return
    lag = condition["lag"].values
    curves = [part.values for part in quartiles(condition)]
    infinite = np.isposinf(curves[1])
    if not infinite.all():
        draw_band(axes, lag, [np.where(np.isfinite(c), c, np.nan) for c in curves], line, k / 4)
    if infinite.any():
        # Lines one below the other, for one would hide the next.
        height = np.full(int(infinite.sum()), 1.0 - 0.08 * k)
        axes.plot(lag[infinite], height, linestyle="", marker="^", color=line.color, clip_on=False,
                  transform=axes.get_xaxis_transform())  # fmt: skip


def _finish_condition(axes: Axes) -> None:
    axes.set_xlim(0, None)
    if not axes.lines:
        _say_empty(axes)
    elif not any(line.get_linestyle() != "None" for line in axes.lines):
        axes.set_yticks([])
        axes.text(0.5, 0.5, say("infinite"), transform=axes.transAxes, ha="center", va="center")
    else:
        low, high = axes.get_ylim()
        axes.set_ylim(low, max(high, low + 1.2))
        powers_of_ten(axes.yaxis)


def _say_empty(axes: Axes) -> None:
    axes.text(0.5, 0.5, say("no-trajectory"), transform=axes.transAxes, ha="center", va="center")


def _table(data: xr.Dataset) -> pd.DataFrame:
    """Quantiles of the singular values over seeds and index, and quartiles of the condition number over seeds."""
    values = data["log10_singular_value"].transpose(..., "seed", "index")
    flat = values.stack(both=("seed", "index")).drop_vars(("both", "seed", "index")).rename(both="seed")
    edges = ("lower", "median", "upper")
    found: dict[str, xr.DataArray] = {f"log10_singular_value_{w}": q for w, q in zip(edges, quartiles(flat))}
    found["log10_largest"] = values.max(("seed", "index"))
    found["log10_smallest"] = values.min(("seed", "index"))
    found["zero"] = (values == -np.inf).sum(("seed", "index"))
    found |= {f"log10_condition_{w}": q for w, q in zip(edges, quartiles(data["log10_condition"]))}
    frame = xr.Dataset(found).to_dataframe().reset_index()
    return frame[frame["log10_largest"].notnull()]


def _caption(data: xr.Dataset, cells: list[str], lags: list[int]) -> Caption:
    attrs = drawn_attrs(data)
    gains = [float(g) for g in data["gain"].values]
    listed = listing([f"{g:g}" for g in gains])
    settings = {cell: settings_of(data, data["log10_singular_value"], cell) for cell in cells}
    lags_words, warmup = listing([str(k) for k in lags]), str(attrs["warmup"])
    return Caption(
        singular_values_reading(data),
        say("shown-singular", cells=in_rows(cells), warmup=warmup, lags=lags_words),
        sentences(
            initialisation_words(attrs, data["init"].values),
            say("note-singular"),
            say("note-gains", gains=listed, first=f"{gains[0]:g}") if gains != [1.0] else "",
            biases_words(data, cells),
            size_words(data),
            say("triangles-singular") if bool(np.isneginf(data["log10_singular_value"]).any()) else "",
            missing_words(data["log10_singular_value"].isel(index=0, lag=-1), settings),
        ),
        warnings_of(attrs),
    )
