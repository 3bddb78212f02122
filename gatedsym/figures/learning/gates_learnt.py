"""Openness of gates at each cue, in the filler and at the question, before and after training: a panel a cell."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr

from gatedsym.figures.figure import Figure
from gatedsym.figures.learning.captions import gates_caption, titled
from gatedsym.figures.learning.drawing import bands, gated, labels_of, line_of
from gatedsym.figures.look import Look, plate
from gatedsym.figures.style import GREY, Line
from gatedsym.messages import room

say = room("learn")


def gates_learnt(data: xr.Dataset, *, name: str = "gates-learnt", **look: Unpack[Look]) -> Figure:
    """Draw where gates stand.

    Parameters
    ----------
    data : xarray.Dataset
        From `learning.comparison.datasets.gates`; of the contenders those of the hidden size asked for with gates.
    """
    drawn = gated(data)
    labels, gates = labels_of(drawn), [str(gate) for gate in drawn["gate"].values]
    lines = {gate: line_of(number) for number, gate in enumerate(gates)}
    places = [str(place) for place in drawn["place"].values]
    with plate(name, look) as page:
        axes = page.grid(1, len(labels), 2.0, least=1.7)
        for panel, label in zip(axes[0], labels, strict=True):
            part = drawn.sel(contender=label)
            present = [g for g in gates if bool(part["openness"].sel(gate=g).notnull().any())]
            for number, gate in enumerate(present):
                _draw(panel, part["openness"].sel(gate=gate), lines[gate], (number + 1) / (len(present) + 1) - 0.5)
            panel.set_xticks(range(len(places)), [place.replace(" ", "\n") for place in places])
            panel.set_xlim(-0.6, len(places) - 0.4)
            panel.set_title(label)
        axes[0, 0].set_ylim(-0.03, 1.03)
        axes[0, 0].set_ylabel(say("axis-openness"))
        page.legend([*lines.items(), (say("label-gate-before"), Line(GREY, "", "_"))])
    return page.figure(titled("gates-learnt", data), data, _table(drawn), gates_caption(data))


def _draw(panel: Any, values: xr.DataArray, line: Line, shift: float) -> None:
    """Before, a dash; after, a marker with the range of quartiles, and a thin line between the two."""
    before = bands(values.sel(moment="before"))[1]
    lower, after, upper = bands(values.sel(moment="after"))
    for place, (start, low, end, high) in enumerate(zip(before, lower, after, upper)):
        if np.isnan(end):
            continue
        x = place + 0.8 * shift
        panel.plot([x, x], [start, end], color=line.color, linewidth=0.7, alpha=0.6)
        panel.plot([x], [start], linestyle="", marker="_", color=line.color, markersize=6, markeredgewidth=1.2)
        panel.plot([x, x], [low, high], color=line.color, linewidth=2.0, alpha=0.5)
        panel.plot([x], [end], **(line.options() | {"linestyle": ""}))


def _table(data: xr.Dataset) -> pd.DataFrame:
    frame = data["openness"].to_dataframe().reset_index()
    return frame[["contender", "seed", "moment", "gate", "place", "openness"]].dropna()


__all__ = ["gates_learnt"]
