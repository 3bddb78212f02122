"""Attributes of datasets that are joined → those of all of them: counts counted anew, lists over cells joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

CELLS = "cells"
_COUNTS = {"seeds": "seed", "networks": "network"}
"""Attributes that say how long a dimension is."""


def join_attributes(several: Sequence[Mapping[str, Any]], sizes: Mapping[Any, int]) -> dict[str, Any]:
    """Attributes of the joined dataset.

    What all have stays. A list with an entry for each cell gets the entries of all cells. Texts that differ, as those
    that name a cell, follow each other. Numbers that differ are left out: no one number is true.

    Parameters
    ----------
    several : sequence of mapping
        Of the parts, in their order.
    sizes : mapping
        Lengths of the joined dimensions.
    """
    names = dict.fromkeys(name for attrs in several for name in attrs)
    found: dict[str, Any] = {}
    for name in names:
        values = [attrs[name] for attrs in several if name in attrs]
        if (dim := _COUNTS.get(name)) in sizes:
            found[name] = int(sizes[dim])
        elif name == CELLS or any(isinstance(value, list | tuple | np.ndarray) for value in values):
            found[name] = _by_cell(name, several)
        elif all(value == values[0] for value in values):
            found[name] = values[0]
        elif all(isinstance(value, str) for value in values):
            found[name] = _texts(values)
    return found


def _by_cell(name: str, several: Sequence[Mapping[str, Any]]) -> list[Any]:
    """A list with the entries of all parts, each cell once; the list itself where it goes by something else."""
    entries: dict[tuple[str, int], Any] = {}
    whole: list[list[Any]] = [np.atleast_1d(attrs[name]).tolist() for attrs in several if name in attrs]
    if all(one == whole[0] for one in whole) and len({_cell(attrs) for attrs in several}) < 2:
        return whole[0]
    for attrs in several:
        for k, value in enumerate(np.atleast_1d(attrs.get(name, [])).tolist()):
            entries.setdefault((_cell(attrs), k), value)
    return list(entries.values())


def _cell(attrs: Mapping[str, Any]) -> str:
    return ", ".join(map(str, np.atleast_1d(attrs.get(CELLS, []))))


def _texts(values: Sequence[str]) -> str:
    """Different texts, one after the other; "nothing" and "none …" give way to what there is."""
    found = [v for v in dict.fromkeys(values) if v]
    there = [v for v in found if v != "nothing" and not v.startswith("none")]
    return " ".join(there or found)


__all__ = ["join_attributes"]
