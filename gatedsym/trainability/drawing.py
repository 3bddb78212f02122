"""Runs of a study → its figures: updates against the gradient, what foretells learning, horizons, and the controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from gatedsym.errors import ArgumentError
from gatedsym.figures.figure import Figure
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_reference
from gatedsym.figures.style import BLACK, GREY, SERIES, Line
from gatedsym.figures.words import cell_label
from gatedsym.trainability import sentences
from gatedsym.trainability.controls import Control, controls
from gatedsym.trainability.foretelling import FAMILIES, areas, is_learnt, of_family
from gatedsym.trainability.horizon import horizons
from gatedsym.trainability.table import select

NOT_LEARNT = "never"
LEAST = -45.0
"""log10 of the gradient at the left edge: what lies beyond is drawn there."""


def cell_lines(cells: Sequence[str]) -> dict[str, Line]:
    """A look for each cell, the one without gates in black."""
    looks = [Line(BLACK, (0, (1, 1)), "x"), *SERIES]
    return {cell: looks[k % len(looks)] for k, cell in enumerate(sorted(set(cells), key=_order))}


def _order(cell: str) -> tuple[bool, str]:
    return cell != "rnn", cell


def trainability(data: xr.Dataset, *, name: str = "trainability", **look: Unpack[Look]) -> Figure:
    """Draw the updates that runs needed against the gradient at the task's own lags before training, by rate.

    Parameters
    ----------
    data : xarray.Dataset
        Of `gatedsym.trainability.table.runs_dataset`; the panel "rates" is drawn.
    """
    runs = select(data, panel="rates")
    rates, lines = _rates(runs), cell_lines([str(c) for c in runs["cell"].values])
    families = [family for family in FAMILIES if of_family(runs, family).sizes["run"]]
    most = int(runs["asked"].values.max(initial=1))
    with plate(name, look) as page:
        axes = page.grid(len(families), len(rates), 1.15, sharey=True, sharex=True, least=1.5)
        for i, family in enumerate(families):
            for j, rate in enumerate(rates):
                _dots(axes[i, j], select(of_family(runs, family), rate=rate), lines, most)
                axes[i, j].set_title(f"rate {rate:g}" if len(families) == 1 else f"{family}, rate {rate:g}")
            axes[i, 0].set_ylabel("updates needed")
        for panel in axes[-1]:
            panel.set_xlabel(r"$\log_{10}$ gradient at the lag")
        page.legend([(cell_label(cell), _mark(line)) for cell, line in lines.items()])
    table = _dot_table(runs)
    return page.figure("Updates needed against the untrained gradient", data, table, sentences.dots_caption(data))


def _mark(line: Line) -> Line:
    return Line(line.color, "", line.marker)


def _dots(axes: Axes, runs: xr.Dataset, lines: Mapping[str, Line], most: int) -> None:
    """Learnt runs filled at the updates they needed; the others hollow, in a strip above."""
    strip = np.log10(most) + 0.12
    generator = np.random.default_rng(0)  # of a strip in which nothing is measured: so that marks lie apart
    for cell, line in lines.items():
        own = select(runs, cell=cell)
        x, there = np.maximum(own["gradient_before"].values, LEAST), is_learnt(own)
        y = np.log10(np.maximum(own["updates_to_target"].values[there], 1))
        filled: dict[str, Any] = {
            "linestyle": "",
            "marker": line.marker,
            "color": line.color,
            "markersize": 2.4,
            "alpha": 0.75,
        }
        axes.plot(x[there], y, **filled)
        above = strip + 0.5 * generator.random(int((~there).sum()))
        axes.plot(x[~there], above, **(filled | {"markerfacecolor": "none", "markeredgewidth": 0.5, "alpha": 0.6}))
    draw_reference(axes, np.log10(most) + 0.04, "")
    ticks = [*(float(np.log10(v)) for v in (100, 1000, 10000) if v <= most), strip + 0.25]
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: NOT_LEARNT if v > strip else f"{10**v:,.0f}"))
    axes.set_ylim(np.log10(40), strip + 0.65)


def _dot_table(runs: xr.Dataset) -> pd.DataFrame:
    names = ["setting", "task", "rate", "seed", "gradient_before", "updates_to_target", "best_loss", "ended"]
    return runs[names].to_dataframe().reset_index(drop=True)


def _rates(runs: xr.Dataset) -> list[float]:
    return [float(rate) for rate in np.unique(runs["rate"].values)]


def foretelling(data: xr.Dataset, *, name: str = "foretelling", **look: Unpack[Look]) -> Figure:
    """Draw how well what is known before training tells learnt runs from failed ones, against the rate.

    Parameters
    ----------
    data : xarray.Dataset
        Of `gatedsym.trainability.table.runs_dataset`; the panel "rates" is drawn.
    """
    found = areas(select(data, panel="rates"))
    families = [f for f in FAMILIES if np.isfinite(found["area"].sel(family=f)).any()]
    looks = [Line(BLACK, "-", "o"), *SERIES[1:]]
    lines = {str(p): looks[k % len(looks)] for k, p in enumerate(found["predictor"].values)}
    with plate(name, look) as page:
        axes = page.grid(1, len(families) or 1, 2.1, sharey=True, sharex=True, least=2.2)
        for panel, family in zip(axes[0], families):
            for k, (predictor, line) in enumerate(lines.items()):
                _area_line(panel, found.sel(family=family, predictor=predictor), line, k - (len(lines) - 1) / 2)
            draw_reference(panel, 0.5, "chance")
            panel.set_title(family)
            panel.set_xlabel("rate")
            _rate_axis(panel, [float(r) for r in found["rate"].values])
        axes[0, 0].set_ylabel("area under the curve")
        axes[0, 0].set_ylim(-0.03, 1.03)
        page.legend(list(lines.items()))
    table = found.drop_vars("threshold").to_dataframe().reset_index()
    return page.figure("What foretells learning, by rate", data, table, sentences.foretelling_caption(data, found))


def _area_line(axes: Axes, found: xr.Dataset, line: Line, shift: float) -> None:
    x = np.log10(found["rate"].values) + 0.018 * shift
    area, low, high = (found[name].values for name in ("area", "low", "high"))
    axes.plot(x, area, **line.options())
    axes.vlines(x, low, high, color=line.color, linewidth=0.7)


def _rate_axis(axes: Axes, rates: Sequence[float]) -> None:
    axes.xaxis.set_major_locator(FixedLocator([float(np.log10(rate)) for rate in rates]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{10**v:.2g}"))
    axes.tick_params(axis="x", rotation=45)


def horizon(data: xr.Dataset, *, name: str = "horizon", **look: Unpack[Look]) -> Figure:
    """Draw the largest lag that a setting learnt against the lag at which its untrained gradient is dead, by rate.

    Parameters
    ----------
    data : xarray.Dataset
        Of `gatedsym.trainability.table.runs_dataset`; recall of the panel "rates" is drawn.
    """
    runs = of_family(select(data, panel="rates"), "recall")
    found, rates = horizons(runs, float(data.attrs["dead"])), _rates(runs)
    table = pd.DataFrame([one.__dict__ for one in found])
    lines = cell_lines([one.cell for one in found])
    with plate(name, look) as page:
        axes = page.grid(1, len(rates), 1.5, sharey=True, sharex=True, least=1.5)
        for panel, rate in zip(axes[0], rates):
            for cell, line in lines.items():
                own = table[(table["cell"] == cell) & (table["rate"] == rate)].sort_values("predicted")
                panel.plot(np.log10(own["predicted"]), np.log10(own["measured"].clip(lower=6)), **line.options())
            _horizon_axes(panel, sorted({int(lag) for lag in runs["lag"].values}))
            panel.set_title(f"rate {rate:g}")
            panel.set_xlabel("predicted lag")
        axes[0, 0].set_ylabel("largest lag learnt")
        page.legend([(cell_label(cell), line) for cell, line in lines.items()])
    return page.figure("Predicted against measured horizon", data, table, sentences.horizon_caption(data, found))


def _horizon_axes(axes: Axes, lags: Sequence[int]) -> None:
    diagonal = np.log10([lags[0], lags[-1]])
    axes.plot(diagonal, diagonal, color=GREY, linewidth=0.6, linestyle=(0, (1, 2)))
    ticks = [6, *lags]
    axes.yaxis.set_major_locator(FixedLocator([float(np.log10(lag)) for lag in ticks]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: "none" if v < np.log10(lags[0] - 1) else f"{10**v:.0f}"))
    axes.xaxis.set_major_locator(FixedLocator([1.0, 2.0, 3.0, 4.0]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: "≥ 10⁴" if v >= 4 else f"{10**v:,.0f}"))


def control_panels(data: xr.Dataset, *, name: str = "controls", **look: Unpack[Look]) -> Figure:
    """Draw the shares of runs that learnt, of the controls and of what they are held against.

    Parameters
    ----------
    data : xarray.Dataset
        Of `gatedsym.trainability.table.runs_dataset`.
    """
    found = controls(data)
    if not found:
        raise ArgumentError("these runs hold no controls: draw the other figures.")
    groups = list(dict.fromkeys(one.group for one in found))
    with plate(name, look) as page:
        axes = page.grid(1, len(groups) or 1, 2.3, sharey=False, sharex=True, least=2.6)
        for panel, group in zip(axes[0], groups):
            _bars(panel, [one for one in found if one.group == group])
            panel.set_title(group)
            panel.set_xlabel("share that learnt")
    table = pd.DataFrame([one._asdict() for one in found])
    return page.figure("Controls", data, table, sentences.controls_caption(data, found))


def _bars(axes: Axes, found: Sequence[Control]) -> None:
    places = np.arange(len(found))[::-1]
    shares = [one.learnt / one.runs if one.runs else 0.0 for one in found]
    axes.barh(places, shares, height=0.6, color=SERIES[3].color, alpha=0.8)
    for place, one, share in zip(places, found, shares):
        text = f"{one.learnt}/{one.runs}"
        axes.annotate(text, (share, place), (2, 0), textcoords="offset points", va="center", fontsize="small")
    axes.set_yticks(places, [one.label for one in found])
    axes.set_xlim(0, 1.18)
    axes.set_xticks([0, 0.5, 1])
    axes.grid(False, axis="y")


__all__ = ["cell_lines", "control_panels", "foretelling", "horizon", "trainability"]
