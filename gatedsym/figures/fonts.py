"""A font file → the part of it that a PDF embeds: the outlines of the letters that stand in it, and nothing for setting them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fontTools import subset

FOR_SETTING = ("GSUB", "GPOS", "GDEF", "BASE", "MATH", "kern", "morx", "kerx")
"""Tables that say which letters stand for others and how far apart: a PDF names glyphs and places, and reads none.

To cut them down to the letters of a picture takes most of the time that a PDF takes, and they are a quarter of its size.
"""


@contextmanager
def outlines_only() -> Iterator[None]:
    """Fonts that are embedded meanwhile have no tables `FOR_SETTING`; Matplotlib has no option for it."""
    options: Any = subset.Options
    before = options._drop_tables_default
    options._drop_tables_default = [*before, *FOR_SETTING]
    try:
        yield
    finally:
        options._drop_tables_default = before


__all__ = ["FOR_SETTING", "outlines_only"]
