"""A character that the grammar has no use for → the refusal that says what to type in its place."""

from __future__ import annotations

import re

from gatedsym.equations.notation import Source, Span
from gatedsym.errors import EquationError

_CHARACTER_MENDS = {
    "<": "There is no comparison: a maximum, relu or step(b - a), which is 1 where a < b, makes a branch.",
    ">": "There is no comparison: a maximum, relu or step(a - b), which is 1 where a > b, makes a branch.",
    "&": "Leave it out: lines need no marks to stand under each other.",
    "_": "A subscript follows its name: W_f, W_{i,f}, h_{t-1}.",
    ".": "Remove it, or write what follows it: 0.5, U.T, U.^2.",
}
_BARS = re.compile(r"(\|\|?|‖|∥)((?:(?!\1).)+?)\1")


def refuse_character(source: Source, position: int) -> EquationError:
    """The refusal of the character at a position of the plain text."""
    shown = source.plain[position]
    if shown in "|‖∥":
        return _refuse_bars(source, position)
    span = Span(position, position + 1)
    typed = source.excerpt(span)
    typed = typed if typed.isprintable() else f"U+{ord(typed[0]):04X}"
    mend = _CHARACTER_MENDS.get(typed, "Remove it or write it out.")
    return source.error(f"the character '{typed}' has no meaning here.", span, mend)


def _refuse_bars(source: Source, position: int) -> EquationError:
    """Bars: of each entry the absolute value, of a vector the length, of a matrix the determinant."""
    match = _BARS.match(source.plain, position)
    span = Span(position, match.end() if match is not None else position + 1)
    bar = source.plain[position : position + 2] if source.plain.startswith("||", position) else source.plain[position]
    inner = match[2].strip() if match is not None else "h"
    length = f"sqrt(dot({inner}, {inner}))"
    if bar == "|":
        return source.error(
            "the character '|' has no meaning here: bars are an absolute value to one reader, a length to another.",
            span,
            f"Write abs({inner}) for the absolute value of each entry, or {length} for the length of a vector.",
        )
    return source.error(f"the bars '{bar}' have no meaning here.", span, f"Write {length} for the length of a vector.")
