"""What has been found out once, kept for the next time it is asked for, up to a number of things."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

_MOST = 256

Found = TypeVar("Found")


class Remembered:
    """Things by key. Where there are too many it begins anew: what is forgotten is found out again."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Any] = {}

    def of(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """What is kept under a key; `find` says what it is if nothing is."""
        found: Found | None = self._found.get(key)
        if found is None:
            found = find()
            self.keep(key, found)
        return found

    def get(self, key: Hashable) -> Any:
        """What is kept under a key, or None."""
        return self._found.get(key)

    def keep(self, key: Hashable, what: Any) -> None:
        """Keep something, in place of what was there."""
        if len(self._found) >= _MOST:
            self._found.clear()
        self._found[key] = what
