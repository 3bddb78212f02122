"""Outcomes of points → one labelled dataset: axes as dimensions, NaN where there is nothing, and a word on why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.flow.widths import join_widths
from gatedsym.sweep.attributes import join_attributes
from gatedsym.sweep.entry import Experiment
from gatedsym.sweep.grid_array import Placed, join_placed
from gatedsym.sweep.points import Point, axis_labels, canonical
from gatedsym.sweep.record import Outcome

MOST = 2**27
"""Entries of a variable: a gigabyte of float64."""
WIDTH = "n"


def join_outcomes(experiment: Experiment, points: Sequence[Point], outcomes: Sequence[Outcome | None]) -> xr.Dataset:
    """The dataset of a sweep.

    Parameters
    ----------
    outcomes : sequence of Outcome or None
        Of the points, in their order; None where there is none.

    Raises
    ------
    ArgumentError
        If different settings of an axis have one name, or the grid of all axes does not fit into memory.
    """
    axes = {axis: [p[axis] for p in points if axis in p] for point in points for axis in point}
    labels = {axis: axis_labels(axis, values) for axis, values in axes.items()}
    own = set(experiment.labelled)
    # A figure of an analysis knows the analysis's own dimensions, and others only where they are asked for.
    outer = [axis for axis, of in labels.items() if axis not in own and not (own and len(of) == 1)]
    table = _table(points, outer, labels)
    joined = _joined(experiment, points, outcomes, table, outer)
    if not own:
        joined = _with_outcomes(joined, table, outcomes, {axis: _values(labels[axis], axis, points) for axis in outer})
    return joined.assign_attrs(_said(experiment, points, outcomes))


def _values(labels: Mapping[str, Any], axis: str, points: Sequence[Point]) -> list[Any]:
    """Labels of an axis in order; a point that has no such axis stands last, under NaN or no name."""
    found = list(dict.fromkeys(labels.values()))
    if any(axis not in point for point in points):
        found.append("" if isinstance(found[0], str) else np.nan)
    return found


def _table(points: Sequence[Point], outer: Sequence[str], labels: Mapping[str, Mapping[str, Any]]) -> list[Placed]:
    """Places of the points on the grid of all axes."""
    values = {axis: _values(labels[axis], axis, points) for axis in outer}
    size = int(np.prod([len(v) for v in values.values()], dtype=np.float64))
    if size > MOST:
        raise ArgumentError(
            f"the grid of all axes has {size:,} entries, of which {len(points):,} are asked for: put settings that go "
            "together into one axis, as a table with a name."
        )
    found = []
    for point in points:
        place = {}
        for axis in outer:
            known = values[axis]
            place[axis] = known.index(labels[axis][canonical(point[axis])]) if axis in point else len(known) - 1
        found.append(Placed(place, {axis: values[axis] for axis in outer}))
    return found


def _joined(
    experiment: Experiment, points: Sequence[Point], outcomes: Sequence[Outcome | None], table: Sequence[Placed],
    outer: Sequence[str],
) -> xr.Dataset:  # fmt: skip
    """All that was measured; of an experiment whose results are labelled, a hidden size at a time."""
    there = [(p, place, o.data) for p, place, o in zip(points, table, outcomes) if o and o.data is not None]
    if WIDTH not in experiment.labelled:
        return _joined_once(experiment, there, points)
    widths = list(dict.fromkeys(int(p[WIDTH]) for p, _, _ in there if WIDTH in p))
    if len(widths) < 2:
        return _joined_once(experiment, there, points)
    parts = [_joined_once(experiment, [one for one in there if one[0].get(WIDTH) == n], points) for n in widths]
    return join_widths(parts, widths)


def _joined_once(
    experiment: Experiment, there: Sequence[tuple[Point, Placed, xr.Dataset]], points: Sequence[Point]
) -> xr.Dataset:
    first = _own_labels(experiment, points)
    joined, disagreeing = join_placed([(place, data) for _, place, data in there], first)
    joined = joined.assign_attrs(join_attributes([data.attrs for _, _, data in there], joined.sizes))
    if experiment.finish is not None and there:
        return experiment.finish(joined)
    return joined.drop_vars(disagreeing).assign_attrs({"left_out": disagreeing} if disagreeing else {})


def _own_labels(experiment: Experiment, points: Sequence[Point]) -> dict[str, list[Any]]:
    """Values that the points have along dimensions of the results; "none" stands last, as in datasets of analyses."""
    found = {
        dim: dict.fromkeys(of(value) for point in points if dim in point for value in _several(point[dim]))
        for dim, of in experiment.labelled.items()
        if dim != WIDTH
    }
    return {dim: sorted(values, key=lambda value: value == "none") for dim, values in found.items()}


def _several(value: Any) -> Sequence[Any]:
    """The values of a point along a dimension: several, where it asks for them together."""
    return value if isinstance(value, list) else [value]


def _with_outcomes(
    data: xr.Dataset, table: Sequence[Placed], outcomes: Sequence[Outcome | None], axes: Mapping[str, list[Any]]
) -> xr.Dataset:
    shape = tuple(len(values) for values in axes.values())
    words, reasons = np.full(shape, "missing", "<U8"), np.full(shape, "", object)
    asked = np.zeros(shape, bool)
    for placed, outcome in zip(table, outcomes):
        where = tuple(placed.place.values())
        asked[where] = True
        if outcome is not None:
            words[where] = outcome.status
            reasons[where] = outcome.reason
    words[~asked] = "no point"
    dims = tuple(axes)
    named = {axis: values for axis, values in axes.items() if axis not in data.coords}
    return data.assign_coords(named).assign(outcome=(dims, words), reason=(dims, reasons.astype(str)))


def _said(experiment: Experiment, points: Sequence[Point], outcomes: Sequence[Outcome | None]) -> dict[str, Any]:
    """Attributes that say what there is, and why the rest is missing."""
    known = [o for o in outcomes if o is not None]
    reasons = Counter(o.reason for o in known if o.status != "measured")
    return {
        "experiment": experiment.name,
        "points": len(points),
        "measured": sum(o.status == "measured" for o in known),
        "missing": len(points) - len(known),
        "failed": json.dumps(dict(sorted(reasons.items())), ensure_ascii=False),
        "warned": sorted({text for o in known for text in o.warned}) or "",
    }


__all__ = ["MOST", "join_outcomes"]
