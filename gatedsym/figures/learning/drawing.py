"""Parts that figures of a comparison share: who is drawn, an axis of updates that begins at 0, medians with bands."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from gatedsym.figures.panels import draw_band
from gatedsym.figures.style import BLACK, GREY, SERIES, Line, points
from gatedsym.flow.analyses.gradient_norm import quartiles
from gatedsym.typing import Array

BEFORE = Line(GREY, (0, (2, 1)), "")
LEAST = 1e-30
"""Smallest loss that is drawn on a logarithmic axis."""


def of_one_size(data: xr.Dataset) -> xr.Dataset:
    """The contenders that have the hidden size asked for: those that were matched stand in tables."""
    if "is_matched" not in data.coords:
        return data
    return data.isel(contender=np.flatnonzero(~data["is_matched"].values.astype(bool)))


def gated(data: xr.Dataset) -> xr.Dataset:
    """Those of one hidden size that have gates."""
    drawn = of_one_size(data)
    has = drawn["openness"].notnull().any([d for d in drawn["openness"].dims if d != "contender"]).values
    return drawn.isel(contender=np.flatnonzero(has))


def cut_ones(data: xr.Dataset) -> xr.Dataset:
    """Those of one hidden size whose sequences were cut."""
    drawn = of_one_size(data)
    there = drawn["by_part"].notnull().any([d for d in drawn["by_part"].dims if d != "contender"]).values
    return drawn.isel(contender=np.flatnonzero(there))


def own_parameters(data: xr.Dataset, label: str) -> list[str]:
    """Parameters that a contender has."""
    there = data["by_part"].sel(contender=label).notnull().any(["seed", "probe", "part"]).values
    return [str(name) for name in data["parameter"].values[there]]


def labels_of(data: xr.Dataset) -> list[str]:
    """Names of the contenders."""
    return [str(label) for label in data["contender"].values]


def line_of(number: int) -> Line:
    """The line of a member of a series."""
    return SERIES[number % len(SERIES)]


def bands(values: xr.DataArray) -> tuple[Array, Array, Array]:
    """Lower quartile, median, upper quartile over seeds."""
    lower, median, upper = quartiles(values)
    return lower.values, median.values, upper.values


def draw_updates(axes: Axes, updates: Array, values: xr.DataArray, line: Line, shift: float = 0.0) -> None:
    """A band over updates, those that any seed has."""
    there = np.isfinite(values.values).any(axis=0) | np.isneginf(values.values).any(axis=0)
    if there.any():
        draw_band(axes, updates[there], [part[there] for part in bands(values)], line, shift)


def axis_of_updates(axes: Axes, last: int) -> None:
    """An axis from 0 updates on: in the logarithm from 1, as probes are spaced."""
    axes.set_xscale("symlog", linthresh=1.0, linscale=0.5)
    axes.set_xlim(0, last)
    powers = [10**k for k in range(int(np.log10(last)) + 1)]
    axes.xaxis.set_major_locator(FixedLocator([0, *powers]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, place: f"{value:.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())


def reference_line(axes: Axes, y: float, text: str) -> None:
    """A thin line across a panel with its name at the left."""
    axes.axhline(y, color=GREY, linewidth=0.6, linestyle=(0, (1, 2)))
    if text:
        axes.annotate(text, xy=(0.0, y), xycoords=("axes fraction", "data"), xytext=(3, 2),
                      textcoords="offset points", fontsize=points(6), color=GREY)  # fmt: skip


def baseline_of(data: xr.Dataset) -> float:
    """The loss of the best answer that does not look at the input."""
    return float(data.attrs["baseline"])


def thin(line: Line) -> dict[str, Any]:
    """The line of one seed behind the median."""
    return {"color": line.color, "linewidth": 0.5, "alpha": 0.55}


__all__ = [
    "BEFORE",
    "BLACK",
    "LEAST",
    "axis_of_updates",
    "bands",
    "baseline_of",
    "cut_ones",
    "draw_updates",
    "gated",
    "labels_of",
    "line_of",
    "of_one_size",
    "own_parameters",
    "reference_line",
    "thin",
]  # fmt: skip
