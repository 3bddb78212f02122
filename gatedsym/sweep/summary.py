"""A sweep before and after it ran → lines that say what is asked, what is there, and what failed why."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gatedsym.messages import room
from gatedsym.sweep.points import canonical, label
from gatedsym.sweep.time_words import time_words

if TYPE_CHECKING:
    import xarray as xr

    from gatedsym.sweep.running import Plan

say = room("sweep")

_REASONS = 5
"""Reasons that are printed; the dataset has all."""


def plan_lines(plan: Plan, share: tuple[int, int]) -> list[str]:
    """Lines on what is asked, by axes, and how much of it is to be measured now."""
    count = len(plan.points)
    lines = [say("sweep-points", experiment=plan.experiment.name, count=count, points=f"{count:,}")]
    for axis, values in _axes(plan).items():
        shown = ", ".join(values[:8])
        shown = say("sweep-more-values", shown=shown, count=len(values)) if len(values) > 8 else shown
        lines.append(f"  {axis:12} {shown}")
    jobs, there = len(plan.jobs(share)), len(plan.found)
    found = say("sweep-there", count=there, records=f"{there:,}")
    if share == (1, 1):
        make = say("sweep-to-make", count=jobs, runs=f"{jobs:,}")
    else:
        make = say("sweep-to-make-in-share", count=jobs, runs=f"{jobs:,}", part=share[0], parts=share[1])
    cost = plan.seconds_left(share)
    if cost is None or not jobs:
        return [*lines, say("sweep-ahead", there=found, make=make)]
    return [*lines, say("sweep-ahead-in-time", there=found, make=make, time=time_words(cost))]


def result_lines(plan: Plan, data: xr.Dataset) -> list[str]:
    """Lines on how many points have an outcome of each kind, and why some have no numbers."""
    found = Counter[str](outcome.status for outcome in plan.found.values())
    count, missing = len(plan.points), len(plan.points) - len(plan.found)
    parts = [say("sweep-measured", count=count, points=f"{count:,}", measured=f"{found['measured']}")]
    parts += [say("sweep-refused", count=found["refused"])] if found["refused"] else []
    parts += [say("sweep-failed", count=found["fault"])] if found["fault"] else []
    parts += [say("sweep-missing", count=missing)] if missing else []
    reasons = Counter(o.reason for o in plan.found.values() if o.status != "measured")
    lines = [", ".join(parts)]
    lines += [f"  {times} × {reason}" for reason, times in reasons.most_common(_REASONS)]
    sizes = " × ".join(f"{dim} {size}" for dim, size in data.sizes.items())
    return [*lines, say("sweep-dataset", sizes=sizes)]


def _axes(plan: Plan) -> dict[str, list[str]]:
    found: dict[str, dict[str, str]] = {}
    for point in plan.points:
        for axis, value in point.items():
            found.setdefault(axis, {}).setdefault(canonical(value), str(label(value)))
    return {axis: list(values.values()) for axis, values in found.items()}


__all__ = ["plan_lines", "result_lines"]
