"""Share that the first steps have in the gradient of each parameter over updates: a map a cell."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from gatedsym.figures.figure import Figure
from gatedsym.figures.learning.captions import early_steps_caption, titled
from gatedsym.figures.learning.drawing import BLACK, cut_ones, labels_of, own_parameters
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import MAP_COLOURS, map_pixels, whole_power_label
from gatedsym.messages import room

say = room("learn")

FLOOR = -8.0
"""log10 of the least share that has a colour of its own."""


def early_steps(data: xr.Dataset, *, name: str = "early-steps", **look: Unpack[Look]) -> Figure:
    """Draw a map for each contender: parameters down, probes across; rings where first steps began to learn.

    Parameters
    ----------
    data : xarray.Dataset
        From `learning.comparison.datasets.early_steps`; of the contenders those of the hidden size asked for.
    """
    drawn = cut_ones(data)
    labels = labels_of(drawn)
    most = max(len(own_parameters(drawn, label)) for label in labels)
    scale = Normalize(FLOOR, 0.0)
    with plate(name, look) as page:
        axes = page.grid(1, len(labels), 0.55 + 0.15 * most, sharey=False, sharex=False, least=1.7)
        for panel, label in zip(axes[0], labels, strict=True):
            _draw(panel, drawn.sel(contender=label), own_parameters(drawn, label), scale)
            panel.set_title(label)
            panel.set_xlabel(say("axis-updates"))
        page.drawing.colorbar(
            ScalarMappable(scale, colormaps[MAP_COLOURS]), ax=page.beside(list(axes[0])), label=say("axis-early"),
            format=lambda value, place: whole_power_label(value), fraction=0.03,
        )  # fmt: skip
    return page.figure(titled("early-steps", data), data, _table(drawn), early_steps_caption(data))


def _draw(panel: Any, part: xr.Dataset, names: list[str], scale: Normalize) -> None:
    probes = part["probe"].values
    values = part["early"].sel(parameter=names).median("seed", skipna=True).transpose("parameter", "probe").values
    panel.imshow(map_pixels(np.maximum(values, FLOOR), scale), aspect="auto", interpolation="nearest")
    began = part["began"].sel(parameter=names).values
    for row in range(len(names)):
        came = np.sort(began[:, row])
        median = came[(len(came) - 1) // 2]  # NaN last: a number only where most seeds came there
        if np.isfinite(median):
            column = int(np.searchsorted(probes, median))
            panel.plot(
                [column],
                [row],
                marker="o",
                markerfacecolor="white",
                color=BLACK,
                markersize=4,
                markeredgewidth=0.8,
                linestyle="",
            )
    panel.set_yticks(range(len(names)), names)
    every = max(1, -(-len(probes) // 6))
    chosen = sorted({*range(0, len(probes), every), len(probes) - 1})
    panel.set_xticks(chosen, [str(int(probes[k])) for k in chosen], rotation=60, ha="right", rotation_mode="anchor")
    panel.grid(False)


def _table(data: xr.Dataset) -> pd.DataFrame:
    frame = data["early"].to_dataframe().reset_index()
    frame = frame[["contender", "seed", "probe", "parameter", "early"]].dropna()
    began = data["began"].to_dataframe().reset_index()[["contender", "seed", "parameter", "began"]]
    return frame.merge(began, on=["contender", "seed", "parameter"])


__all__ = ["early_steps"]
