"""Copied lines: equation numbers, and the stop or comma that closes a sentence, blanked out of the plain text.

A paper prints ``h_t = tanh(W x_t + b)    (2)``. The number is no factor. What is blanked keeps its length, so that
every other character stays where it is; each number that is left out is noted: nobody loses a factor in silence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from gatedsym.equations.names import LANGUAGE_FUNCTIONS, YIELDING

_WORD = r"(?:(?:[Ee]qs?|[Ee]qn|EQ|[Ee]quations?|[Ff]ormula|式|公式|方程)\.?\s*)"
# 2, 2a, 12', 1.3, 3-4, A.1, S12, 2.a: no number of an equation is 0, 0.5 or negative.
_LABEL = r"(?:[A-Za-z]{1,2}\.?)?[1-9]\d*(?:[.:\-]\d+)*(?:[.\-]?[a-z]{1,2})?'{0,3}"
_TAG = re.compile(
    r"(?P<gap> +)(?:[.·]{3,} *)?(?P<tag>"
    rf"\( *{_WORD}?(?P<round>{_LABEL}|\*+) *\)|\[ *{_WORD}?(?P<square>{_LABEL}) *\]|"
    rf"{_WORD} *{_LABEL})(?P<stop> *[.,]?) *\Z"
)
_STOP = re.compile(r"(?<=[A-Za-z_)\]}']) *(?P<stop>[.,]) *\Z|(?<=\d) *(?P<comma>,) *\Z")
_OPERAND_END = re.compile(r"[A-Za-z0-9_)\]}']\Z")
_LAST_WORD = re.compile(r"[A-Za-z]\w*\Z")
_WORD_OR_INDEXED = re.compile(r"(\w+)(\[?)")
# Each run of blank lines is read once: a newline starts the search anew.
_DEFINED = re.compile(r"(?:^|[\n;])[^\S\n]*([A-Za-z]\w*) *\([\w ,]*\) *=")
_GOES_ON = re.compile(r"\s*[-+*/@·×^,]")
_FARTHEST = 400
"""Characters at the end of a statement among which its number, the words before it and its stop are looked for."""


class _Words(NamedTuple):
    """The words of a text, counted once for all of its statements.

    Attributes
    ----------
    counts : Counter of str
    indexed : set of str
        Those that an index in square brackets follows.
    functions : set of str
        Those that take arguments: of the language, and defined in the text.
    """

    counts: Counter[str]
    indexed: frozenset[str]
    functions: frozenset[str]

    @classmethod
    def of(cls, plain: str) -> _Words:
        found = _WORD_OR_INDEXED.findall(plain)
        indexed = (word.lstrip("0123456789_") for word, bracket in found if bracket)
        own = {n for n in YIELDING if re.search(rf"\b{n}\b(?! *\()", plain)}
        functions = LANGUAGE_FUNCTIONS - own | set(_DEFINED.findall(plain))
        return cls(Counter(word for word, _ in found), frozenset(indexed), frozenset(functions))


def blank_tags(plain: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A plain text without the numbers of its equations.

    Parameters
    ----------
    plain : str
        In the characters of the grammar.

    Returns
    -------
    str
        Of the same length.
    tuple of (int, int)
        Where each number stood.
    """
    words = _Words.of(plain)
    found: list[tuple[int, int]] = []
    characters = list(plain)
    for start, end in statements_of(plain):
        if not plain[start:end].strip():
            continue
        goes_on = plain[end : end + 1] == "\n" and _GOES_ON.match(plain, end) is not None
        for left, right, is_tag in _closing(plain, start, end, words, goes_on):
            characters[left:right] = " " * (right - left)
            if is_tag:
                found.append((left, right))
    return "".join(characters), tuple(sorted(found))


def statements_of(plain: str) -> Iterator[tuple[int, int]]:
    """From where to where each statement of a line runs: to a line's end or a ';' outside of brackets."""
    start = depth = 0
    for position, ch in enumerate(plain):
        depth = max(0, depth + (ch in "([{") - (ch in ")]}"))
        if depth == 0 and ch in "\n;":
            yield start, position
            start = position + 1
        elif ch == "\n":
            start = position + 1
    yield start, len(plain)


def _closing(plain: str, start: int, end: int, words: _Words, goes_on: bool) -> Iterator[tuple[int, int, bool]]:
    """Ends of a statement that are no part of it: each span, and whether it is a number."""
    while start < (end := start + len(plain[start:end].rstrip(" "))):
        # A search from the statement's start would try every place of it, though only its end can match.
        near = max(start, end - _FARTHEST)
        tag = None if goes_on else _TAG.search(plain, near, end)
        if tag is not None and _is_number_of_equation(plain[start : tag.start("gap")], tag, words):
            yield tag.start("tag"), tag.end("tag"), True
            yield tag.end("tag"), tag.end("stop"), False
            yield tag.end("gap"), tag.start("tag"), False
            end = tag.start("gap")
            continue
        stop = _STOP.search(plain, near, end)
        group = "stop" if stop is not None and stop["stop"] else "comma"
        if stop is None or (stop[group] == "," and not _closes_an_equation(plain, start, end)):
            return
        yield stop.start(group), stop.end(group), False
        end = stop.start(group)


def _closes_an_equation(plain: str, start: int, end: int) -> bool:
    """Whether a comma behind a text ends it: names that a declaration lists go on."""
    return plain.find("=", start, end) >= 0 or _GOES_ON.match(plain, start, end) is not None


def _is_number_of_equation(before: str, tag: re.Match[str], words: _Words) -> bool:
    """Whether a bracket at the end of a statement is its number and not an argument, an index or a factor."""
    before = before.rstrip(" .,")[-_FARTHEST:]
    if not before or not _OPERAND_END.match(before[-1]):
        return False
    word = _LAST_WORD.search(before)
    if word is not None and (word[0] in words.functions or (tag["square"] and word[0] in words.indexed)):
        return False
    label = tag["round"] or tag["square"] or ""
    names = {*re.findall(r"[A-Za-z]\w*", label.replace(".", " ")), *re.findall(r"[A-Za-z]+", label)}
    # (h1) and (2a) may be a product with something of the text.
    return not any(words.counts[name] > 1 for name in names)
