"""Entries that a training run leaves behind → arrays by name, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gatedsym.typing import Array


class Records:
    """Tables of entries, each with arrays of the same names and shapes.

    Attributes
    ----------
    tables : dict of str to dict of str to list of array
        ``tables["probe"]["update"]`` is a list.
    """

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, list[Array]]] = {}

    def add(self, table: str, entry: Mapping[str, Any]) -> None:
        """Append an entry."""
        rows = self.tables.setdefault(table, {name: [] for name in entry})
        for name, value in entry.items():
            rows[name].append(np.asarray(value))

    def has(self, table: str, update: int) -> bool:
        """Whether a table has an entry of an update."""
        return any(int(u) == update for u in self.tables.get(table, {}).get("update", []))

    def drop_after(self, update: int) -> None:
        """Forget the entries of later updates."""
        for rows in self.tables.values():
            kept = [number for number, u in enumerate(rows["update"]) if int(u) <= update]
            for name, values in rows.items():
                rows[name] = [values[number] for number in kept]

    def stacked(self, table: str) -> dict[str, Array]:
        """The arrays of a table, entries along the first axis."""
        return {name: np.stack(values) for name, values in self.tables.get(table, {}).items()}

    def arrays(self) -> dict[str, Array]:
        """All arrays, ``probe/loss`` and so on."""
        return {f"{t}/{name}": array for t in self.tables for name, array in self.stacked(t).items()}

    @classmethod
    def of(cls, arrays: Mapping[str, Array]) -> Records:
        """Entries of the arrays that `arrays` gave."""
        found = cls()
        for key, array in arrays.items():
            table, _, name = key.partition("/")
            found.tables.setdefault(table, {})[name] = list(array)
        return found


__all__ = ["Records"]
