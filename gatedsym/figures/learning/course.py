"""Loss, skill on each cue and gradient at the task's lags over updates: a column a cell."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr

from gatedsym.figures.figure import Figure
from gatedsym.figures.learning.captions import course_caption, titled
from gatedsym.figures.learning.drawing import (
    BLACK,
    LEAST,
    axis_of_updates,
    bands,
    baseline_of,
    draw_updates,
    labels_of,
    line_of,
    of_one_size,
    reference_line,
    thin,
)
from gatedsym.figures.look import Look, Plate, plate
from gatedsym.figures.panels import powers_of_ten
from gatedsym.figures.style import Line
from gatedsym.messages import room

say = room("learn")

MEDIAN = Line(BLACK, "-", "")


def learning_course(data: xr.Dataset, *, name: str = "learning", **look: Unpack[Look]) -> Figure:
    """Draw a row each for the loss, for skills where the task has cues, and for the gradient at the task's lags.

    Parameters
    ----------
    data : xarray.Dataset
        From `learning.comparison.datasets.learning_course`; of the contenders those of the hidden size asked for.
    """
    drawn = of_one_size(data)
    with plate(name, look) as page:
        draw_course(page, drawn, data)
    return page.figure(titled("learning", data), data, course_table(drawn), course_caption(data))


def draw_course(page: Plate, drawn: xr.Dataset, data: xr.Dataset) -> None:
    """Draw a column for each contender of `drawn`; `data` has in its attributes what belongs to all of them."""
    labels, cues = labels_of(drawn), [str(cue) for cue in drawn["cue"].values]
    rows = ["loss", *(["skill"] if _is_there(drawn, "skill") else []),
            *(["gradient"] if _is_there(drawn, "gradient_at_lag") else [])]  # fmt: skip
    axes = page.grid(len(rows), len(labels), 1.25, sharey="row", least=1.4)
    for k, label in enumerate(labels):
        part = drawn.sel(contender=label)
        for row, panel in zip(rows, axes[:, k], strict=True):
            _DRAW[row](panel, part, data)
        axes[0, k].set_title(label)
        axes[-1, k].set_xlabel(say("axis-updates"))
    for row, panel in zip(rows, axes[:, 0], strict=True):
        panel.set_ylabel(say(f"axis-{row}"))
    axis_of_updates(axes[0, 0], int(data.attrs["updates"]))
    page.legend(_entries(rows, cues, drawn))


def _is_there(data: xr.Dataset, name: str) -> bool:
    values = data[name].values
    return bool(values.size and not np.isnan(values).all())


def _loss(panel: Any, part: xr.Dataset, data: xr.Dataset) -> None:
    checks = part["check"].values
    for values in part["held_out_loss"].values:
        there = np.isfinite(values)
        panel.plot(checks[there], np.maximum(values[there], LEAST), **thin(MEDIAN))
    _, median, _ = bands(part["held_out_loss"])
    there = np.isfinite(median)
    panel.plot(checks[there], np.maximum(median[there], LEAST), **MEDIAN.options())
    panel.set_yscale("log")
    reference_line(panel, baseline_of(data), say("label-baseline"))
    for value in np.ravel(data.attrs.get("plateaus", [])):
        reference_line(panel, float(value), say("label-plateau"))


def _skill(panel: Any, part: xr.Dataset, data: xr.Dataset) -> None:
    for number, cue in enumerate(part["cue"].values):
        shift = number / max(1, part.sizes["cue"])
        draw_updates(panel, part["check"].values, part["skill"].sel(cue=cue), line_of(number), shift)
    panel.set_ylim(-0.1, 1.1)


def _gradient(panel: Any, part: xr.Dataset, data: xr.Dataset) -> None:
    for number, lag in enumerate(_lags(part)):
        values = part["gradient_at_lag"].sel(lag=lag)
        draw_updates(panel, part["probe"].values, values, line_of(number + 3), number / 3)
    powers_of_ten(panel.yaxis)


_DRAW = {"loss": _loss, "skill": _skill, "gradient": _gradient}


def _lags(data: xr.Dataset) -> list[str]:
    """Names of the lags, each number of steps once."""
    steps = {int(data["lag_steps"].sel(lag=lag)): str(lag) for lag in reversed(data["lag"].values)}
    return [str(lag) for lag in data["lag"].values if str(lag) in steps.values()]


def _entries(rows: list[str], cues: list[str], data: xr.Dataset) -> list[tuple[str, Line]]:
    found = [(say("label-median-loss"), MEDIAN)]
    if "skill" in rows:
        found += [(say("label-skill", cue=cue), line_of(number)) for number, cue in enumerate(cues)]
    if "gradient" in rows:
        steps = {lag: int(data["lag_steps"].sel(lag=lag)) for lag in _lags(data)}
        found += [
            (say("label-gradient", steps=count, which=lag), line_of(k + 3))
            for k, (lag, count) in enumerate(steps.items())
        ]
    return found


def course_table(data: xr.Dataset) -> pd.DataFrame:
    """The numbers that are drawn."""
    rows = []
    by_check = {"held_out_loss": None, "metric": None, "skill": "cue"}
    by_probe = {"gradient_at_lag": "lag"}
    for axis, names in (("check", by_check), ("probe", by_probe)):
        for variable, of in names.items():
            for one in data[of].values if of else [""]:
                values = data[variable].sel({of: one}) if of else data[variable]
                frame = values.to_dataframe(name="value").reset_index()
                frame = frame[frame["value"].notnull()].rename(columns={axis: "updates"})
                rows.append(frame[["contender", "seed", "updates", "value"]].assign(what=variable, of=str(one)))
    return pd.concat(rows)[["what", "of", "contender", "seed", "updates", "value"]]


__all__ = ["course_table", "draw_course", "learning_course"]
