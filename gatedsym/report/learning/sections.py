"""The registry of the page of a comparison: its sections in order, each with the figures that stand in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import xarray as xr

from gatedsym.figures import learning as drawn
from gatedsym.figures.figure import Figure


@dataclass(frozen=True)
class Entry:
    """A figure of the page.

    Attributes
    ----------
    name : str
        Of the figure, its files and its dataset (`gatedsym.learning.comparison.datasets.datasets_of`).
    section : str
        One of `SECTIONS`.
    draw : callable
        (dataset, name=, width=) to its figure.
    shows : callable
        Whether a dataset holds anything that the figure could draw.
    """

    name: str
    section: str
    draw: Callable[..., Figure]
    shows: Callable[[xr.Dataset], bool] = lambda data: True


def _has_lags(data: xr.Dataset) -> bool:
    return bool(data["gradient_by_lag"].notnull().any())


def _has_gates(data: xr.Dataset) -> bool:
    return bool(data["openness"].notnull().any())


SECTIONS = ("search", "course", "thresholds", "gradient", "gates", "early")
"""In the order of the page."""
ENTRIES = (
    Entry("rate-search", "search", drawn.rate_search),
    Entry("learning", "course", drawn.learning_course),
    Entry("thresholds", "thresholds", drawn.thresholds),
    Entry("gradient-by-lag", "gradient", drawn.gradient_by_lag, _has_lags),
    Entry("gates-learnt", "gates", drawn.gates_learnt, _has_gates),
    Entry("gates-in-words", "gates", drawn.gates_in_words, _has_gates),
    Entry("early-steps", "early", drawn.early_steps),
)
"""In the order of the page."""

__all__ = ["ENTRIES", "SECTIONS", "Entry"]
