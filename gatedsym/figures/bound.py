"""Bound against reality: what the equations and the weights allow a gradient at most, over what is left of it."""

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
from gatedsym.figures.panels import draw_band, powers_of_ten
from gatedsym.figures.readings import bound_reading
from gatedsym.figures.style import BLUE, GREY, VERMILLION, Line, points
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    gain_words,
    in_rows,
    initialisation_words,
    input_words,
    listing,
    matched_words,
    retention_words,
    scheme_over,
    seeds_words,
    sentences,
    sequences_words,
    used_sizes,
    warnings_of,
)
from gatedsym.flow.analyses.gradient_norm import quartiles
from gatedsym.flow.numerics.rates import fitted_rate
from gatedsym.messages import room
from gatedsym.typing import Array

say = room("captions")

LINES = {
    "bound": Line(VERMILLION, (0, (5, 1.5)), "s"),
    "norm": Line(BLUE, "-", "o"),
    "gradient": Line(GREY, (0, (1, 1)), "^"),
}
TINT = "#ececec"
SHOWN_NAMES = 2


def bound(data: xr.Dataset, *, name: str = "bound", **look: Unpack[Look]) -> Figure:
    """Draw the bound on the Jacobian of many steps over its measured norm, one row a cell.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.bound`; one column for each initialisation, gain and retention bias.
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
    >>> data = gs.flow.bound("rnn", "noise", n=4, seeds=2, lags=10)
    >>> gs.figures.bound(data).title
    'Bound against reality: RNN'
    """
    data = restored(data, "bound")
    cells = [str(c) for c in data["cell"].values]
    columns = {c: _settings(data, c) for c in cells}
    with plate(name, look) as page:
        axes = page.grid(len(cells), max(map(len, columns.values())), 1.55, sharey="row")
        for i, cell in enumerate(cells):
            for j, setting in enumerate(columns[cell]):
                _draw_panel(axes[i, j], data.sel(cell=cell, **setting))
                names = str(data["measured_latex"].sel(cell=cell).values)
                axes[i, j].set_title(_title(data, cell, setting, names), fontsize=points(7))
            for unused in axes[i, len(columns[cell]) :]:
                unused.set_visible(False)
            axes[i, 0].set_ylabel(say("axis-norm"))
            powers_of_ten(axes[i, 0].yaxis)
            page.name_row(axes[i, len(columns[cell]) - 1], cell_label(cell))
            for panel in axes[i]:
                below = i + 1 == len(cells) or not axes[i + 1, list(axes[i]).index(panel)].get_visible()
                panel.set_xlabel(say("axis-lag") if below else "")
        axes[0, 0].set_xlim(0, float(data.lag[-1]))
        words = say("legend-bound"), say("legend-jacobian"), say("legend-gradient")
        page.legend(list(zip(words, LINES.values(), strict=True)))
    title = say("title-bound", cells=listing([cell_label(c) for c in cells]))
    return page.figure(title, data, _table(data), _caption(data, cells))


def _settings(data: xr.Dataset, cell: str) -> list[dict[str, Any]]:
    """The settings in which a cell was measured, in the order of the columns."""
    found = []
    for init in data["init"].values:
        for gain in data["gain"].values:
            for retention in data["retention"].values:
                setting = {"init": init, "gain": gain, "retention": retention}
                if bool(data["log10_bound"].sel(cell=cell, **setting).notnull().any()):
                    found.append(setting)
    return found


def _title(data: xr.Dataset, cell: str, setting: dict[str, Any], names: str) -> str:
    words = [scheme_over(data.attrs, [cell], str(setting["init"]))]
    if data.sizes["gain"] > 1 or float(setting["gain"]) != 1:
        words.append(say("panel-gain", gain=f"{float(setting['gain']):g}"))
    if str(setting["retention"]) != "none":
        words.append(retention_words(str(setting["retention"])))
    title = ", ".join(words)
    if names:
        letters = names.split("; ")
        shown = [rf"$\max|{letter}|$" for letter in letters[:SHOWN_NAMES]]
        symbols = ", ".join([*shown, "…"] if len(letters) > SHOWN_NAMES else shown)
        title = f"{title}\n{say('panel-of-run', symbols=symbols)}"
    return title


def _draw_panel(axes: Axes, part: xr.Dataset) -> None:
    lag = part["lag"].values
    series = _series(part)
    for k, (key, line) in enumerate(LINES.items()):
        lower, median, upper = (x.values for x in series[key])
        draw_band(axes, lag, (lower, median, upper), line, shift=k / 3)
    above, below = (series[key][1].values for key in ("bound", "norm"))
    both = np.isfinite(above) & np.isfinite(below)
    axes.fill_between(lag, below, above, where=both, color=TINT, linewidth=0, zorder=0)
    if both.sum() > 1:
        _write_gap(axes, lag[both], below[both], above[both])


def _write_gap(axes: Axes, lag: Array, below: Array, above: Array) -> None:
    """In the gap, where it is widest: by which factor it grows at each step, where there is one."""
    factor = _factor(lag, below, above)
    if np.isnan(factor):
        return
    size = f"{10**factor:.3g}" if abs(factor) < 3 else rf"$10^{{{factor:.0f}}}$"
    axes.annotate(say("bound-gap", factor=size), xy=(lag[-1], (below[-1] + above[-1]) / 2), xytext=(-3, 0),
                  textcoords="offset points", ha="right", va="center", fontsize=points(6), color="#333333")  # fmt: skip


def _factor(lag: Array, below: Array, above: Array) -> float:
    """log10 of the growth of the gap per step, over the lags where it grows evenly; NaN where it does nowhere."""
    gap = xr.Dataset({"log10_norm": (("seed", "lag"), (above - below)[None])}, coords={"lag": lag})
    return float(fitted_rate(gap))


def _series(part: xr.Dataset) -> dict[str, tuple[xr.DataArray, xr.DataArray, xr.DataArray]]:
    spectral = part.sel(norm="2")
    return {
        "bound": quartiles(spectral["log10_bound"]),
        "norm": quartiles(spectral["log10_norm"]),
        "gradient": quartiles(part["log10_gradient"]),
    }


def _table(data: xr.Dataset) -> pd.DataFrame:
    parts = {}
    for key, curves in _series(data).items():
        for where, part in zip(("lower", "median", "upper"), curves):
            parts[f"log10_{key}_{where}"] = part.drop_vars("norm", errors="ignore")
    frame = xr.Dataset(parts).to_dataframe().reset_index()
    return frame[frame["log10_bound_median"].notnull()]


def _caption(data: xr.Dataset, cells: list[str]) -> Caption:
    attrs = drawn_attrs(data)
    unbounded = {cell: str(data["measured_names"].sel(cell=cell).values) for cell in cells}
    zero = bool(np.isneginf(data["log10_norm"]).any()) or bool(np.isneginf(data["log10_gradient"]).any())
    return Caption(
        bound_reading(data),
        say("shown-bound", cells=in_rows(cells)),
        sentences(
            say("note-bound"),
            *(
                say("note-bound-open", cell=cell_label(cell), names=_some(names.split("; ")))
                for cell, names in unbounded.items()
                if names
            ),
            initialisation_words(attrs, data["init"].values, gain_words(data) if data.sizes["gain"] == 1 else ""),
            _sizes(data, attrs, cells),
            say("triangles-norm") if zero else "",
        ),
        warnings_of(attrs),
    )


def _sizes(data: xr.Dataset, attrs: dict[str, Any], cells: list[str]) -> str:
    """Hidden sizes, with those of cells that have others, runs and input."""
    used = used_sizes(data, data["hidden_size"].values)
    n, matched = str(attrs["n"]), matched_words(attrs, used)
    others = [say("size-of-cell", cell=cell_label(c), n=str(used[c])) for c in cells if used[c] != int(attrs["n"])]
    size = say("size-hidden", n=n, others=f" ({listing(others)})" if others else "", matched=matched)
    return say(
        "sizes-bound", size=size, seeds=seeds_words(attrs), sequences=sequences_words(attrs),
        steps=say("steps-of-sequence", count=int(attrs["lags"])), input=input_words(attrs), loss=str(attrs["loss"]),
        dtype=str(attrs["dtype"]),
    )  # fmt: skip


def _some(names: list[str]) -> str:
    """The first few of many."""
    return listing(names if len(names) <= 4 else [*names[:3], say("counted-others", count=len(names) - 3)])
