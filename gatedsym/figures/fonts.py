"""A font file → what a PDF embeds of it: outlines of the letters that stand there, and no tables for setting them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

FOR_SETTING = ("GSUB", "GPOS", "GDEF", "BASE", "JSTF", "MATH", "kern", "morx", "kerx")
"""Tables that say which letters stand for others and how far apart. A PDF names glyphs and places, and reads none."""


@contextmanager
def outlines_only() -> Iterator[None]:
    """Fonts that are embedded meanwhile lack the tables `FOR_SETTING`; Matplotlib has no option for it.

    To cut those tables down to the letters of a picture takes most of the time that a PDF takes, and they are a quarter
    of what it embeds.
    """
    whole = subset.load_font

    def load(file: Any, *arguments: Any, **options: Any) -> Any:
        return whole(BytesIO(_outlines(str(file), getattr(file, "face_index", 0))), *arguments, **options)

    subset.load_font = load
    try:
        yield
    finally:
        subset.load_font = whole


@cache
def _outlines(path: str, face: int) -> bytes:
    """A font of a file with the glyphs that it has, under their numbers, and no tables `FOR_SETTING`."""
    stripped = BytesIO()
    with TTFont(path, fontNumber=face, lazy=True, recalcTimestamp=False) as font:
        for table in FOR_SETTING:
            if table in font:
                del font[table]
        font.save(stripped)
    return stripped.getvalue()


__all__ = ["FOR_SETTING", "outlines_only"]
