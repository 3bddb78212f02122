"""Copied lines: equation numbers, and the stop or comma that closes a sentence, blanked out of the plain text.

A paper prints ``h_t = tanh(W x_t + b)    (2)``. The number is no factor. What is blanked keeps its length, so that
every other character stays where it is; each number that is left out is noted: nobody loses a factor in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from gatedsym.equations.names import LANGUAGE_FUNCTIONS

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
_DEFINED = re.compile(r"(?:^|[\n;])\s*([A-Za-z]\w*) *\([\w ,]*\) *=")
_GOES_ON = re.compile(r"\s*[-+*/@·×^,]")


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
    functions = LANGUAGE_FUNCTIONS | set(_DEFINED.findall(plain))
    found: list[tuple[int, int]] = []
    characters = list(plain)
    for start, end in list(_statements(plain)):
        goes_on = plain[end : end + 1] == "\n" and _GOES_ON.match(plain[end:]) is not None
        blanks = _closing(plain, start, end, lambda name: name in functions, goes_on)
        for left, right, is_tag in blanks:
            characters[left:right] = " " * (right - left)
            if is_tag:
                found.append((left, right))
    return "".join(characters), tuple(sorted(found))


def _statements(plain: str) -> Iterator[tuple[int, int]]:
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


def _closing(
    plain: str, start: int, end: int, is_function: Callable[[str], bool], goes_on: bool
) -> Iterator[tuple[int, int, bool]]:
    """What at the end of a statement is no part of it: each stretch, and whether it is a number."""
    while start < end:
        text = plain[start:end]
        tag = None if goes_on else _TAG.search(text)
        if tag is not None and _is_number_of_equation(plain, text, tag, is_function):
            yield start + tag.start("tag"), start + tag.end("tag"), True
            yield start + tag.end("tag"), start + tag.end("stop"), False
            yield start + tag.end("gap"), start + tag.start("tag"), False
            end = start + tag.start("gap")
            continue
        stop = _STOP.search(text)
        group = "stop" if stop is not None and stop["stop"] else "comma"
        if stop is None or (stop[group] == "," and not _closes_an_equation(text)):
            return
        yield start + stop.start(group), start + stop.end(group), False
        end = start + stop.start(group)


def _closes_an_equation(text: str) -> bool:
    """Whether a comma behind a text ends it: names that a declaration lists go on."""
    return "=" in text or _GOES_ON.match(text) is not None


def _is_number_of_equation(plain: str, text: str, tag: re.Match[str], is_function: Callable[[str], bool]) -> bool:
    """Whether a bracket at the end of a statement is its number and not an argument, an index or a factor."""
    before = text[: tag.start("gap")].rstrip(" .,")
    if not before or not _OPERAND_END.search(before):
        return False
    word = _LAST_WORD.search(before)
    if word is not None and (is_function(word[0]) or (tag["square"] and f"{word[0]}[" in plain)):
        return False
    names = re.findall(r"[A-Za-z]\w*", (tag["round"] or tag["square"] or "").replace(".", " "))
    letters = re.findall(r"[A-Za-z]+", tag["round"] or tag["square"] or "")
    # (h1) and (2a) may be a product with something of the text.
    return not any(len(re.findall(rf"(?<!\w){name}(?!\w)", plain)) > 1 for name in {*names, *letters})
