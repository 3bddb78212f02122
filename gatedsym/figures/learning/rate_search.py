"""Final loss against rate: a panel a cell, a line a clipping, the recipe that was chosen in a ring."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from gatedsym.figures.figure import Figure
from gatedsym.figures.learning.captions import rate_search_caption, titled
from gatedsym.figures.learning.drawing import BLACK, baseline_of, labels_of, line_of, reference_line
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import powers_of_ten
from gatedsym.figures.style import Line
from gatedsym.messages import room

say = room("learn")


def rate_search(data: xr.Dataset, *, name: str = "rate-search", **look: Unpack[Look]) -> Figure:
    """Draw the search for a recipe.

    Parameters
    ----------
    data : xarray.Dataset
        From `learning.comparison.datasets.rate_search`.
    """
    labels, clips = labels_of(data), [str(clip) for clip in data["clip"].values]
    with plate(name, look) as page:
        axes = page.grid(1, len(labels), 1.9, least=1.5)
        for k, label in enumerate(labels):
            panel = axes[0, k]
            for number, clip in enumerate(clips):
                _draw(panel, data.sel(contender=label, clip=clip), line_of(number))
            _ring(panel, data.sel(contender=label))
            reference_line(panel, float(np.log10(baseline_of(data))), say("label-baseline") if k == 0 else "")
            panel.set_title(label)
            panel.set_xlabel(say("axis-rate"))
        rates = np.log10(data["rate"].values)
        axes[0, 0].set_xticks(rates, [f"{rate:g}" for rate in data["rate"].values])
        axes[0, 0].set_xlim(rates.min() - 0.25, rates.max() + 0.25)
        _at_least_a_decade(axes[0, 0])
        powers_of_ten(axes[0, 0].yaxis)
        axes[0, 0].set_ylabel(say("axis-final-loss"))
        page.legend([(say("label-clip", clip=clip), line_of(number)) for number, clip in enumerate(clips)])
    return page.figure(titled("rate-search", data), data, _table(data), rate_search_caption(data))


def _at_least_a_decade(panel: Axes) -> None:
    """Widen an axis of logarithms so that its ticks can be told apart."""
    low, high = panel.get_ylim()
    if high - low < 1:
        middle = (low + high) / 2
        panel.set_ylim(middle - 0.5, middle + 0.5)


def _draw(panel: Axes, part: xr.Dataset, line: Line) -> None:
    with np.errstate(divide="ignore"):
        rates, losses = np.log10(part["rate"].values), np.log10(part["final_loss"].values)
        mean = np.log10(part["final_loss"].mean("seed", skipna=False).values)
    tried = ~np.isnan(mean)
    panel.plot(rates[tried], np.where(np.isfinite(mean), mean, np.nan)[tried], **(line.options() | {"marker": ""}))
    for column in losses.T:
        finite = np.isfinite(column)
        panel.plot(rates[finite], column[finite], **(line.options() | {"linestyle": ""}))
        beyond = np.isposinf(column)
        if beyond.any():
            panel.plot(rates[beyond], np.full(beyond.sum(), 0.97), linestyle="", marker="^", color=line.color,
                       clip_on=False, transform=panel.get_xaxis_transform())  # fmt: skip


def _ring(panel: Axes, part: xr.Dataset) -> None:
    chosen = part.sel(rate=float(part["chosen_rate"]), clip=str(part["chosen_clip"].values))
    loss = float(chosen["final_loss"].mean())
    if np.isfinite(loss):
        place = [np.log10(float(part["chosen_rate"]))], [np.log10(loss)]
        panel.plot(*place, linestyle="", marker="o", markersize=10, markerfacecolor="none", color=BLACK)


def _table(data: xr.Dataset) -> pd.DataFrame:
    frame = data["final_loss"].to_dataframe().reset_index()
    frame = frame[frame["final_loss"].notnull()]
    chosen = data[["chosen_rate", "chosen_clip"]].to_dataframe().reset_index()
    return frame.merge(chosen, on="contender")


__all__ = ["rate_search"]
