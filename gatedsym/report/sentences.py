"""Settings, cells and values to the words that several sentences of a page share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup, escape

from gatedsym.messages import room
from gatedsym.report import amounts

say = room("report")
Words = str | Markup


def listed(words: Sequence[Words]) -> Markup:
    """a, b and c."""
    *first, last = words
    return say.html("listing", first=commas(first), last=last) if first else escape(last)


def commas(words: Iterable[Words]) -> Markup:
    """a, b, c."""
    return Markup(", ").join(words)


def named(row: dict[str, Any]) -> str:
    """A setting: the cell, and its bias in parentheses where one is set."""
    return f"{row['cell']} ({row['words']})" if row["words"] else str(row["cell"])


def enumerated(rows: Iterable[dict[str, Any]]) -> Markup:
    """Settings with commas."""
    return commas(named(row) for row in rows)


def valued(rows: Iterable[dict[str, Any]]) -> Markup:
    """Settings with commas, each with its value."""
    return commas(Markup("{} {}").format(named(row), amounts.power(row["value"])) for row in rows)


__all__ = ["commas", "enumerated", "listed", "named", "say", "valued"]
