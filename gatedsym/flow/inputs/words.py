"""A text → its words, as far as its script writes them apart."""

from __future__ import annotations

import re
import unicodedata

_WITHOUT_SPACES = (
    "CJK ", "HIRAGANA ", "KATAKANA", "IDEOGRAPHIC ITERATION", "VERTICAL IDEOGRAPHIC", "HALFWIDTH KATAKANA", "BOPOMOFO ",
    "THAI ", "LAO ", "KHMER ", "MYANMAR ", "TIBETAN ", "YI ", "NUSHU ", "TANGUT ", "JAVANESE ", "BALINESE ",
    "TAI ", "NEW TAI LUE ",
)  # fmt: skip
"""Beginnings of the names of letters whose scripts leave no space between words."""
_TOKEN = re.compile(r"s[m]*|[w][wm]*(?:a[wm]+)*|[ap]m*|m+")


def split_words(text: str) -> tuple[list[str], tuple[str, ...]]:
    """Words in lower case, and sentences about how they were told apart.

    Runs of letters and digits, with the marks above and below them, are words; so is any other sign. In scripts that
    leave no space between words each character is one, with its marks: finding words there takes a dictionary.
    """
    lowered = text.lower()
    kinds = {ord(c): _kind(c) for c in set(lowered)}
    pattern = lowered.translate(kinds)
    words = [lowered[match.start() : match.end()] for match in _TOKEN.finditer(pattern)]
    scripts = sorted({_script(chr(c)) for c, kind in kinds.items() if kind == "s"})
    if not scripts:
        return words, ()
    return words, (
        f"{' and '.join(scripts)} text leaves no space between words: each of its characters is taken for a word.",
    )


def _kind(character: str) -> str:
    """One letter for what a character is to a word: itself a word, a letter, a mark, an apostrophe, a sign, a space."""
    category = unicodedata.category(character)
    if category[0] == "M" or character in "\u200c\u200d":
        return "m"
    if category[0] in "LN" or character == "_":
        name = unicodedata.name(character, "")
        return "s" if name.startswith(_WITHOUT_SPACES) and category != "Nd" else "w"
    if character in "'’":
        return "a"
    return " " if character.isspace() or category[0] == "C" else "p"


def _script(character: str) -> str:
    first = unicodedata.name(character, "").split()[0].removeprefix("HALFWIDTH")
    chinese = {"CJK": "Chinese", "IDEOGRAPHIC": "Chinese", "VERTICAL": "Chinese", "BOPOMOFO": "Chinese"}
    japanese = {"HIRAGANA": "Japanese", "KATAKANA": "Japanese", "KATAKANA-HIRAGANA": "Japanese", "": "Japanese"}
    return (chinese | japanese).get(first, first.capitalize())


__all__ = ["split_words"]
