"""Syntax trees, whole or in part, with some of their nodes replaced; what two lines share stays shared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

_Tree = TypeVar("_Tree")


class Rewriter:
    """Replaces nodes of trees, before their names are settled: below a node that is replaced nothing is visited.

    Parameters
    ----------
    change : callable
        From a node, statement or span to what stands in its place; None to look at what is below it.
    """

    def __init__(self, change: Callable[[Any], Any]) -> None:
        self._change = change
        self._known: dict[int, tuple[Any, Any]] = {}  # the lines that one line hands parts out to share its right side

    def __call__(self, tree: _Tree) -> _Tree:
        """The tree with the replacements made."""
        found: _Tree = self._visit(tree)
        return found

    def _visit(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self._visit(item) for item in value)
        if not is_dataclass(value):
            return value
        known = self._known.get(id(value))
        if known is None:
            new = self._change(value)
            if new is None:
                below = {f.name: self._visit(getattr(value, f.name)) for f in fields(value)}
                new = replace(value, **below)  # type: ignore[type-var]
            known = self._known[id(value)] = (value, new)
        return known[1]
