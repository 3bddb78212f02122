"""Points of a grid: settings by axis, as JSON can say them → a text that is the same for equal points, and labels."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_several, shown

Point: TypeAlias = Mapping[str, Any]
"""``{"cell": "gru", "n": 32, "T": 100, "rate": 1e-3, "seed": 0}``: an axis, and what this point has there."""
_WORDS = ("retention",)
"""Axes whose labels are always words, as in the datasets of analyses: ``"1"``, ``"chrono"``, ``"none"``."""


def read_points(points: Iterable[Point]) -> tuple[dict[str, Any], ...]:
    """Points whose values JSON can say, each once, in order.

    Raises
    ------
    ArgumentError
        For what is no mapping from names, for a value that is none, and where there is no point.
    """
    found: dict[str, dict[str, Any]] = {}
    for point in expect_several("points", points, 'points, such as {"cell": "gru", "seed": 0}'):
        if not isinstance(point, Mapping) or not all(isinstance(axis, str) and axis for axis in point):
            raise ArgumentError(f"points has {shown(point)}: give mappings from names of axes to values.")
        plain = {axis: _plain(value, axis) for axis, value in point.items()}
        found.setdefault(canonical(plain), plain)
    return tuple(found.values())


def product_points(**axes: Any) -> list[dict[str, Any]]:
    """Every combination of the values of some axes.

    Parameters
    ----------
    **axes
        Of each axis a list of values, or one value.

    Returns
    -------
    list of dict
        Points, the last axis running fastest.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.sweep.product_points(cell=["rnn", "gru"], n=32)
    [{'cell': 'rnn', 'n': 32}, {'cell': 'gru', 'n': 32}]
    """
    several = [value if isinstance(value, list | tuple | range) else (value,) for value in axes.values()]
    return [dict(zip(axes, values)) for values in product(*several)]


def canonical(value: Any) -> str:
    """A value as JSON, keys in order; 1.0 is 1."""
    return json.dumps(_exact(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def label(value: Any) -> Any:
    """A value as a coordinate shows it: a number or a word; of a table its label, or its name and its other settings.

    Parameters
    ----------
    value : number, str or table
        Of an axis.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.sweep.label({"name": "adding", "lags": "uniform"})
    'adding(lags=uniform)'
    """
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        if "label" in value:
            return str(value["label"])
        rest = ", ".join(f"{key}={label(v)}" for key, v in value.items() if key != "name")
        name = str(value.get("name", ""))
        return f"{name}({rest})" if name and rest else name or rest
    if isinstance(value, list | tuple):
        return ",".join(str(label(v)) for v in value)
    return value


def axis_labels(axis: str, values: Sequence[Any]) -> dict[str, Any]:
    """Labels of the values of an axis, by their canonical text: numbers where all are, else words.

    Raises
    ------
    ArgumentError
        If two different values have one label.
    """
    found = {canonical(value): label(value) for value in values}
    if axis in _WORDS or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in found.values()):
        found = {key: f"{one:g}" if isinstance(one, float) else str(one) for key, one in found.items()}
    by_label: dict[Any, str] = {}
    for key, one in found.items():
        if by_label.setdefault(one, key) != key:
            raise ArgumentError(
                f'{axis} has two settings that are called {one}: give them different names, or a "label" each.'
            )
    return found


def _plain(value: Any, axis: str) -> Any:
    """A value of Python's own types."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return {str(key): _plain(v, axis) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v, axis) for v in value]
    if value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ArgumentError(f"{axis} has {shown(value)}: give numbers, text, or lists and tables of them.")


def _exact(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _exact(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(v) for v in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


__all__ = ["Point", "axis_labels", "canonical", "digest", "label", "product_points", "read_points"]
