"""A memo: results kept for the next time that they are asked for, up to a number of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

_MOST = 256

Found = TypeVar("Found")


class Memo:
    """Things by key. Where there are too many it begins anew: what is forgotten is found out again."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Any] = {}

    def of(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """The result kept under a key; `find` makes it if there is none."""
        found: Found | None = self._found.get(key)
        if found is None:
            found = find()
            self.keep(key, found)
        return found

    def get(self, key: Hashable) -> Any:
        """The result kept under a key, or None."""
        return self._found.get(key)

    def keep(self, key: Hashable, what: Any) -> None:
        """Keep something, in place of what was there."""
        if len(self._found) >= _MOST:
            self._found.clear()
        self._found[key] = what
