"""Updates until the loss is below each threshold: a row a contender, a mark a run."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr

from gatedsym.figures.figure import Figure
from gatedsym.figures.learning.captions import thresholds_caption, titled
from gatedsym.figures.learning.drawing import labels_of, line_of
from gatedsym.figures.look import Look, plate
from gatedsym.messages import room

say = room("learn")


def thresholds(data: xr.Dataset, *, name: str = "thresholds", **look: Unpack[Look]) -> Figure:
    """Draw when each run came below each threshold.

    Parameters
    ----------
    data : xarray.Dataset
        From `learning.comparison.datasets.thresholds`.
    """
    labels, levels = labels_of(data), data["level"].values
    last = int(data.attrs["updates"])
    with plate(name, look) as page:
        (((panel,),)) = page.grid(1, 1, 0.45 + 0.32 * len(labels))
        for row, label in enumerate(labels):
            for number, level in enumerate(levels):
                values = data["updates_to"].sel(contender=label, level=level).values
                _draw(panel, values, row + 0.24 * (number - (len(levels) - 1) / 2), line_of(number), last)
        panel.set_yticks(range(len(labels)), labels)
        panel.set_ylim(len(labels) - 0.5, -0.5)
        panel.set_xlim(0, last * 1.08)
        panel.axvline(last, color="#6b6b6b", linewidth=0.6, linestyle=(0, (1, 2)))
        panel.set_xlabel(say("axis-updates-never"))
        page.legend(
            [(say("label-threshold", percent=f"{100 * float(level):g}"), line_of(k)) for k, level in enumerate(levels)]
        )
    return page.figure(titled("thresholds", data), data, _table(data), thresholds_caption(data))


def _draw(panel: Any, values: Any, y: float, line: Any, last: int) -> None:
    came = values[~np.isnan(values)]
    panel.plot(came, np.full(len(came), y), **(line.options() | {"linestyle": ""}))
    missing = int(np.isnan(values).sum())
    if missing:
        spread = last * (1.02 + 0.012 * np.arange(missing))
        panel.plot(spread, np.full(missing, y), linestyle="", marker=">", color=line.color, markerfacecolor="white",
                   markeredgewidth=0.8)  # fmt: skip


def _table(data: xr.Dataset) -> pd.DataFrame:
    return data["updates_to"].to_dataframe().reset_index()


__all__ = ["thresholds"]
