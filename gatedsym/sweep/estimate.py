"""Runs that have finished, with their weights → the time that is left, and the words for it."""

from __future__ import annotations

import time
from collections.abc import Callable

_FEW = 3
"""Runs from which on a rate is worth telling."""


class Estimate:
    """Time left of a sweep, from the work that was done since it began.

    Parameters
    ----------
    weights : float
        Of all runs that are to be made, together.
    clock : callable
    """

    def __init__(self, weights: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._all, self._clock, self._start = weights, clock, clock()
        self._done, self._count = 0.0, 0

    def add(self, weight: float) -> None:
        """Note that a run has finished."""
        self._done += weight
        self._count += 1

    @property
    def fraction(self) -> float:
        """The finished fraction of the work."""
        return self._done / self._all if self._all else 1.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds that the rest takes, at the rate until now; None before a few runs have finished."""
        if self._count < _FEW or not self._done:
            return None
        return (self._clock() - self._start) * (self._all - self._done) / self._done

    @property
    def words(self) -> str:
        """For a line of progress: ``about 1 h 20 min left``, or nothing."""
        left = self.seconds_left
        return "" if left is None or left < 1 else f"about {time_words(left)} left"


def time_words(seconds: float) -> str:
    """Seconds in the units of a clock.

    Examples
    --------
    >>> time_words(42), time_words(4830), time_words(200_000)
    ('42 s', '1 h 20 min', '2 d 8 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours + round(minutes / 60), 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


__all__ = ["Estimate", "time_words"]
