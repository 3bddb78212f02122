"""The gradient against lag before training, at half time and after: a panel a cell."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr

from gatedsym.figures.figure import Figure
from gatedsym.figures.learning.captions import gradient_by_lag_caption, titled
from gatedsym.figures.learning.drawing import BEFORE, bands, labels_of, of_one_size
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_band, powers_of_ten
from gatedsym.figures.style import BLUE, GREY, ORANGE, Line
from gatedsym.messages import room

say = room("learn")

LINES = (BEFORE, Line(ORANGE, (0, (5, 1.5)), ""), Line(BLUE, "-", ""))
MOMENTS = ("before", "half", "after")
FLOOR = -40.0
"""log10 below which a panel does not go."""


def gradient_by_lag(data: xr.Dataset, *, name: str = "gradient-by-lag", **look: Unpack[Look]) -> Figure:
    """Draw three moments of training.

    Parameters
    ----------
    data : xarray.Dataset
        From `learning.comparison.datasets.gradient_by_lag`; of the contenders those of the hidden size asked for.
    """
    drawn = of_one_size(data)
    labels, moments = labels_of(drawn), three_moments(drawn)
    with plate(name, look) as page:
        axes = page.grid(1, len(labels), 1.9, least=1.5)
        for k, label in enumerate(labels):
            panel = axes[0, k]
            for line, probe in zip(LINES, moments, strict=True):
                values = drawn["gradient_by_lag"].sel(contender=label, probe=probe)
                if np.isfinite(values.values).any() or np.isneginf(values.values).any():
                    draw_band(panel, drawn["distance"].values, bands(values), line)
            for lag in sorted({int(v) for v in data.attrs["lag_steps"]}):
                panel.axvline(lag, color=GREY, linewidth=0.6, linestyle=(0, (1, 2)))
            panel.set_title(label)
            panel.set_xlabel(say("axis-lag"))
        low = float(np.nanmin(np.where(np.isfinite(drawn["gradient_by_lag"]), drawn["gradient_by_lag"], 0.0)))
        axes[0, 0].set_ylim(max(low, FLOOR) - 0.5, None)
        axes[0, 0].set_ylabel(say("axis-gradient"))
        powers_of_ten(axes[0, 0].yaxis)
        page.legend(
            [(say(f"moment-{word}", updates=probe), line) for word, probe, line in zip(MOMENTS, moments, LINES)]
        )
    return page.figure(titled("gradient-by-lag", data), data, _table(drawn, moments), gradient_by_lag_caption(data))


def three_moments(data: xr.Dataset) -> list[int]:
    """The first probe, the one nearest to half of the updates, and the last."""
    probes = data["probe"].values
    half = probes[int(np.argmin(np.abs(probes - int(data.attrs["updates"]) / 2)))]
    return [int(probes[0]), int(half), int(probes[-1])]


def _table(data: xr.Dataset, moments: list[int]) -> pd.DataFrame:
    values = data["gradient_by_lag"].sel(probe=moments)
    frame = values.to_dataframe().reset_index()
    return frame[["contender", "seed", "probe", "distance", "gradient_by_lag"]].dropna()


__all__ = ["gradient_by_lag", "three_moments"]
