"""The words of a point that name a network → a refusal in a sentence, where one names nothing."""

from __future__ import annotations

import math
from typing import Any

from gatedsym.errors import ArgumentError
from gatedsym.execution.initialisation import SCHEMES
from gatedsym.expect import expect_choice, expect_whole, is_whole, shown
from gatedsym.sweep.points import Point

_SIZES = ("n", "layers")


def check_network(point: Point) -> None:
    """Raise ArgumentError for an initialisation, a bias, a size, a seed or a type that there is not.

    A value that is a list is several of them, which the experiment takes together.
    """
    for axis in point:
        for value in point[axis] if isinstance(point[axis], list) else [point[axis]]:
            _check(axis, value)


def _check(axis: str, value: Any) -> None:
    if axis in _SIZES:
        expect_whole(axis, value, 1)
    elif axis == "seed":
        expect_whole("seed", value)
    elif axis == "init":
        expect_choice("init", value, (*SCHEMES, "paper"))
    elif axis == "dtype":
        expect_choice("dtype", value, ("float32", "float64"))
    elif axis == "gain" and not _is_number(value):
        raise ArgumentError(f"gain={shown(value)} must be a finite number.")
    elif axis == "retention" and not (value is None or value == "chrono" or _is_number(value)):
        raise ArgumentError(f'retention={shown(value)} must be a finite number, "chrono" or "none".')


def _is_number(value: Any) -> bool:
    return is_whole(value) or (isinstance(value, float) and math.isfinite(value))


__all__ = ["check_network"]
