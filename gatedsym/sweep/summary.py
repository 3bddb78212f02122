"""A sweep before and after it ran → lines that say what is asked, what is there, and what failed why."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gatedsym.sweep.points import canonical, label
from gatedsym.sweep.time_words import time_words

if TYPE_CHECKING:
    import xarray as xr

    from gatedsym.sweep.running import Plan

_REASONS = 5
"""Reasons that are printed; the dataset has all."""


def plan_lines(plan: Plan, share: tuple[int, int]) -> list[str]:
    """Lines on what is asked, by axes, and how much of it is to be measured now."""
    lines = [f"{plan.experiment.name}: {_count(len(plan.points), 'point')}"]
    for axis, values in _axes(plan).items():
        shown = ", ".join(values[:8]) + (f", … ({len(values)})" if len(values) > 8 else "")
        lines.append(f"  {axis:12} {shown}")
    jobs, there = len(plan.jobs(share)), len(plan.found)
    of = "" if share == (1, 1) else f" in share {share[0]} of {share[1]}"
    cost = plan.seconds_left(share)
    about = f", about {time_words(cost)} of one process" if cost is not None and jobs else ""
    lines.append(f"{_count(there, 'record')} there; {_count(jobs, 'run')} to make{of}{about}")
    return lines


def result_lines(plan: Plan, data: xr.Dataset) -> list[str]:
    """Lines on how many points have an outcome of each kind, and why some have no numbers."""
    found = Counter[str](outcome.status for outcome in plan.found.values())
    missing = len(plan.points) - len(plan.found)
    parts = [f"{found['measured']} of {_count(len(plan.points), 'point')} measured"]
    parts += [f"{found[kind]} {word}" for kind, word in (("refused", "refused"), ("fault", "failed")) if found[kind]]
    parts += [f"{missing} not yet made"] if missing else []
    reasons = Counter(o.reason for o in plan.found.values() if o.status != "measured")
    lines = [", ".join(parts)]
    lines += [f"  {times} × {reason}" for reason, times in reasons.most_common(_REASONS)]
    sizes = " × ".join(f"{dim} {size}" for dim, size in data.sizes.items())
    return [*lines, f"dataset: {sizes}"]


def _axes(plan: Plan) -> dict[str, list[str]]:
    found: dict[str, dict[str, str]] = {}
    for point in plan.points:
        for axis, value in point.items():
            found.setdefault(axis, {}).setdefault(canonical(value), str(label(value)))
    return {axis: list(values.values()) for axis, values in found.items()}


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


__all__ = ["plan_lines", "result_lines"]
