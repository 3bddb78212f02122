"""The line ``convention rows`` of a text: taken out of it, for the grammar does not read it."""

from __future__ import annotations

import re

_LINE = re.compile(r"(?:^|(?<=[\n;]))[^\S\n]*convention[^\S\n]+(?P<which>\w+)[^\S\n]*(?=$|[\n;#])")


def take_convention(text: str) -> tuple[str, str, tuple[int, int]]:
    """The text with the line ``convention rows`` blanked out, what it says, and where it stood.

    Returns
    -------
    str
        Of the same length.
    str
        ``rows``, ``columns``, another word that means nothing, or "" where there is no such line.
    (int, int)
        Where the word stands.
    """
    found = _LINE.search(text)
    if found is None:
        return text, "", (0, 0)
    start, end = found.span()
    return text[:start] + " " * (end - start) + text[end:], found["which"], found.span("which")
