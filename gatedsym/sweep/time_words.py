"""Seconds → the words of a clock."""

from __future__ import annotations


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


__all__ = ["time_words"]
