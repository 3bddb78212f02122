"""A formula → the same with one of its terms or factors left out, to be filled in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gatedsym.typesetting.document import Formula
from gatedsym.typesetting.notation import Big, Box, Gap, Op, Row, Sum, contains

BLANK = Op("□")
"""Stands for what is to be filled in."""

_SIGNS = (Op("⊙"), Gap())
"""Between the factors of a product."""


@dataclass(frozen=True)
class Blank:
    """
    Attributes
    ----------
    shown : Box
        The right side with a box in the place of a part.
    part : Box
        What belongs there.
    """

    shown: Box
    part: Box


def blanks_of(line: Formula) -> tuple[Blank, ...]:
    """The ways to leave one term or factor of a line out; none where it is a single one."""
    return tuple(Blank(shown, part) for shown, part in _within(line.right[0]) if not contains(part, BLANK))


def _within(box: Box) -> list[tuple[Box, Box]]:
    """The box with a part left out, and the part: factors of products, of the terms of a sum, and whole terms."""
    match box:
        case Sum(terms) if len(terms) > 1:
            found: list[tuple[Box, Box]] = []
            for n, (negative, term) in enumerate(terms):
                changed = _within(term) or [(BLANK, term)]
                found += [(Sum((*terms[:n], (negative, shown), *terms[n + 1 :])), part) for shown, part in changed]
            return found
        case Sum(((negative, term),)):
            return [(Sum(((negative, shown),)), part) for shown, part in _within(term)]
        case Big(_, _, body, _):
            return [(replace(box, body=shown), part) for shown, part in _within(body)]
        case Row(parts) if any(p in _SIGNS for p in parts):
            places = [n for n, p in enumerate(parts) if not isinstance(p, Op | Gap)]
            return [(Row((*parts[:n], BLANK, *parts[n + 1 :])), parts[n]) for n in places]
    return []
