"""Histories of training → a figure: loss, skill and the gradient at the task's lags over updates, a column each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.figures.caption import Caption, literal
from gatedsym.figures.figure import Figure
from gatedsym.figures.learning.captions import joined, number, rows_of_course
from gatedsym.figures.learning.course import course_table, draw_course
from gatedsym.figures.look import Look, plate
from gatedsym.messages import room
from gatedsym.offers import offer

if TYPE_CHECKING:
    from gatedsym.learning.history import History

Histories: TypeAlias = "History | Iterable[History] | Mapping[str, History]"
"""One history, several, or several under names for their columns."""
say = room("learn")

MEASURED = ("loss", "gradient_norm", "held_out_loss", "metric", "skill", "gradient_at_lag")


def training(histories: Histories, *, name: str = "training", **look: Unpack[Look]) -> Figure:
    """Draw what training did, a column a history: held-out loss, skill on each cue, gradient at the task's lags.

    Parameters
    ----------
    histories : History, sequence of History, or mapping of str to History
        As `gatedsym.learn` gives them, all of one task. A mapping names the columns; else each has its cell's name, and
        a number behind it where several have the same.
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
        For what is no history, histories of several tasks, and a look that cannot be drawn.

    Examples
    --------
    >>> import gatedsym as gs
    >>> task = gs.tasks.adding(T=5)
    >>> hist = gs.learn(gs.Network("rnn", task, n=4, seed=0), task, updates=2)
    >>> gs.figures.training(hist).title
    'Training on adding: RNN'
    """
    data = _course_of(_named(histories))
    with plate(name, look) as page:
        draw_course(page, data, data)
    title = say("history-title", task=str(data.attrs["task_name"]), cells=", ".join(data["contender"].values))
    return page.figure(title, data, course_table(data), _caption(data))


@offer("History.figure")
def _of_history(history: History, **look: Any) -> Figure:
    return training(history, **look)


def _named(histories: Histories) -> dict[str, History]:
    """Histories by the names of their columns."""
    from gatedsym.figures.words import cell_label

    if isinstance(histories, Mapping):
        found = {str(label): history for label, history in histories.items()}
    else:
        several: Any = [histories] if hasattr(histories, "data") else list(histories)
        labels = [cell_label(str(h.data.attrs["cell"])) if hasattr(h, "data") else "" for h in several]
        numbered = [f"{label} {labels[: k + 1].count(label)}" if labels.count(label) > 1 else label
                    for k, label in enumerate(labels)]  # fmt: skip
        found = dict(zip(numbered, several, strict=True))
    strange = next((h for h in found.values() if "held_out_loss" not in getattr(h, "data", ())), None)
    if strange is not None or not found:
        raise ArgumentError(f"histories has {shown(strange)}: give what gs.learn returned, one or several.")
    tasks = sorted({str(h.data.attrs["task"]) for h in found.values()})
    if len(tasks) > 1:
        raise ArgumentError(
            f"the histories are of several tasks ({'; '.join(tasks)}): draw those of one task together."
        )
    return found


def _course_of(named: Mapping[str, History]) -> xr.Dataset:
    """Measurements of all histories (contender, seed, …), NaN where one has no such seed or update."""
    parts = [history.data[list(MEASURED)] for history in named.values()]
    data = xr.concat(
        parts, xr.DataArray(list(named), dims="contender", name="contender"), join="outer", data_vars="all",
        coords="minimal", compat="override", combine_attrs="drop",
    )  # fmt: skip
    first, last = next(iter(named.values())).data, [h.data for h in named.values()]
    return data.assign_attrs(
        task=str(first.attrs["task"]),
        task_name=str(first.attrs["title"]).rpartition(" on ")[2],
        baseline=float(first.attrs["baseline"]),
        plateaus=[float(v) for v in first["level"].values[1:]],
        updates=max(int(h["update"].size) for h in last),
        recipes=[str(h.attrs["recipe"]) for h in last],
        hidden_sizes=[int(h.template.sizes.get("n", 0)) for h in named.values()],
        runs=[len(h.seeds) for h in named.values()],
    )


def _caption(data: xr.Dataset) -> Caption:
    labels = [str(label) for label in data["contender"].values]
    results = [_reading(data.sel(contender=label), label, int(data.attrs["runs"][k])) for k, label in enumerate(labels)]
    about = [
        say("training-recipe", cell=literal(label), n=str(n), recipe=literal(recipe), runs=int(runs))
        for label, n, recipe, runs in zip(
            labels, *(np.atleast_1d(data.attrs[key]) for key in ("hidden_sizes", "recipes", "runs")), strict=True
        )
    ]
    told = say("training-note", task=literal(str(data.attrs["task"])), baseline=number(float(data.attrs["baseline"])))
    return Caption(joined(results), say("course-shown", rows=rows_of_course(data)), joined([told, *about]))


def _reading(part: xr.Dataset, label: str, runs: int) -> str:
    """The held-out loss of one history before training and at its end, medians over its runs."""
    course = part["held_out_loss"].median("seed", skipna=True).dropna("check")
    return say(
        "training-reading", cell=literal(label), updates=int(course["check"].values[-1]), runs=runs,
        first=number(float(course.values[0])), last=number(float(course.values[-1])),
    )  # fmt: skip


__all__ = ["training"]
