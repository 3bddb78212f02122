"""Episodes → their packed rows: those of the last calls are found again, with all that was prepared for them."""

from __future__ import annotations

from collections.abc import Hashable

from gatedsym.execution.ragged.lengths import Episodes
from gatedsym.execution.ragged.rows import PackedRows

_MOST = 8
_LARGEST = 1 << 17  # rows: of more, a packing is a small part of what they cost, and takes megabytes


class RecentRows:
    """The packings of a cell's last calls."""

    def __init__(self) -> None:
        self._found: dict[Hashable, PackedRows] = {}

    def of(self, episodes: Episodes, size: int, equal: bool) -> PackedRows:
        """The rows of some episodes; see `PackedRows`."""
        key = (*(array.tobytes() for array in episodes[:4]), episodes.steps, episodes.batch, size, equal)
        rows = self._found.pop(key, None)
        if rows is None:
            rows = PackedRows(episodes, size, equal)
        if rows.count <= _LARGEST:
            self._found[key] = rows  # the last one again
            for old in list(self._found)[:-_MOST]:
                self._found.pop(old, None)
        return rows
