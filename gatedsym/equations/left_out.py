"""Things that the language leaves out on purpose → a sentence that says why, and what to write in its place."""

from __future__ import annotations

import re
from typing import NamedTuple

_CLOSE = r"\}?\s*(?=[(\[{]|\\left|\\big)"
_BATCH = re.compile(rf"(?<![A-Za-z0-9_])(?P<name>[Bb]atch_?[Nn]orm(?:alization|alisation|alize)?|BN){_CLOSE}")
_TOP = re.compile(rf"(?<![A-Za-z0-9_])(?P<name>[Tt]op_?-?[Kk]|arg_?top_?k){_CLOSE}")
_PAST = re.compile(
    r"_ *\{ *(?:[01] *(?::|\.\.|,? *\\[lc]?dots[cb]? *,?) *t *(?:- *1)? *|(?:<=?|≤|⩽|\\leq?|\\leqslant) *t *)\}"
)


class LeftOut(NamedTuple):
    """Something that is left out: where it stands, and a message with its mend."""

    start: int
    end: int
    message: str
    mend: str


def find_left_out(plain: str) -> LeftOut | None:
    """The first thing in a text that the language leaves out on purpose.

    Parameters
    ----------
    plain : str
        In plain characters or LaTeX.
    """
    batch, top, past = (_first(pattern, plain) for pattern in (_BATCH, _TOP, _PAST))
    if batch is not None:
        return LeftOut(
            batch.start("name"),
            batch.end("name"),
            "statistics of a batch are left out on purpose: the step of one sequence would depend on all others.",
            "Write LN(v) = (v - mean(v)) / sqrt(mean((v - mean(v))**2) + eps), over units, or pass its statistics as "
            "inputs.",
        )
    if top is not None:
        return LeftOut(
            top.start("name"),
            top.end("name"),
            "top-k is left out on purpose: which entries stay jumps, and no gradient says so.",
            "Write v * step(v - theta) for those above a threshold, softmax(v) for a soft choice, or max(v) for one.",
        )
    if past is not None:
        return LeftOut(
            past.start(),
            past.end(),
            "attention over a growing past is left out on purpose: what a step reads would grow with t.",
            "Write a state of fixed size, S' = S + outer(v, k), or delays, x[-1] and x[-2].",
        )
    return None


def _first(pattern: re.Pattern[str], plain: str) -> re.Match[str] | None:
    """The first match of a name that the text does not define itself."""
    own: set[str] = set()
    for match in pattern.finditer(plain):
        name = match.groupdict().get("name", "")
        if name in own:
            continue
        if not name or not re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)} *\([^()\n]*\) *=(?!=)", plain):
            return match
        own.add(name)
    return None
