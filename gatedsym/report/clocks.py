"""Cells with a retention bias to a table: what their highways keep in a step and after many, and when half is lost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from gatedsym.messages import room
from gatedsym.report import amounts
from gatedsym.report.sentences import listed
from gatedsym.report.subjects import Cast, Subject

say = room("report")
BIASES = (0.0, 1.0, 2.0)
"""Where no figure of the page says which were set."""
STEPS = (10, 100)


@dataclass(frozen=True)
class Clock:
    """A row of the table: cells that keep alike, a bias, and what the highway keeps with it.

    Attributes
    ----------
    cells : Markup
        Labels.
    bias : str
    kept : Markup
        Share of a step.
    left : tuple of Markup
        After each of `STEPS`.
    half : Markup
        Steps until half is lost.
    """

    cells: Markup
    bias: str
    kept: Markup
    left: tuple[Markup, ...]
    half: Markup


def clocks(cast: Cast, norms: Mapping[str, Any] | None) -> list[Clock]:
    """The rows for every cell in which a retention bias is set and whose equations say what it keeps.

    Parameters
    ----------
    cast : Cast
    norms : mapping, optional
        Findings on the norm of the gradient: their biases are shown, and zero.
    """
    set_here = {row["bias"] for row in norms["highways"] if row["retention"] != "chrono"} if norms else set(BIASES)
    biases = sorted({0.0, *set_here})
    alike: dict[tuple[tuple[float, float], ...], list[Subject]] = {}
    for subject in cast.retaining:
        if curve := tuple(kept for b in biases if (kept := subject.kept(b)) is not None):
            alike.setdefault(tuple((round(low, 9), round(high, 9)) for low, high in curve), []).append(subject)
    return [row for curve, subjects in alike.items() for row in _rows(subjects, biases, curve)]


def _rows(subjects: Iterable[Subject], biases: Sequence[float], curve: Sequence[tuple[float, float]]) -> list[Clock]:
    cells = listed([s.label for s in subjects])
    return [
        Clock(
            cells, amounts.number(bias), amounts.span(kept, "factor"),
            tuple(amounts.span([_power(k, steps) for k in kept], "power") for steps in STEPS), _half(kept),
        )
        for bias, kept in zip(biases, curve, strict=True)
    ]  # fmt: skip


def _power(kept: float, steps: int) -> float:
    return steps * math.log10(kept) if kept > 0 else -math.inf


def _half(kept: Sequence[float]) -> Markup:
    """Steps until half is lost: one number, or two where states of the cell keep differently."""
    if max(kept) >= 1:
        return say.html("clock-never")
    found = [math.log(0.5) / math.log(k) if k > 0 else 0.0 for k in kept]
    low, high = (amounts.number(steps) for steps in found)
    steps = low if low == high else say.html("span", low=low, high=high)
    return say.html("clock-steps", steps=steps, number="one" if steps == "1" else "several")


def left_of_half(steps: int) -> Markup:
    """The share that a highway keeps whose gate stands at one half at every step."""
    return amounts.power(_power(0.5, steps))


__all__ = ["STEPS", "Clock", "clocks", "left_of_half"]
