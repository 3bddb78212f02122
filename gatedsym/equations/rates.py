"""Rates of change in a text, ``tau dh/dt = -h + x``, with a step and a scheme: found, and told to the grammar as lines.

A line of a rate becomes ``h = …``; `step dt = 0.1` the constant ``dt = 0.1``, and `scheme rk4` nothing. What is left
out keeps its length, so that every other character stays where it is. `gatedsym.equations.schemes` makes steps of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from gatedsym.equations.tags import statements_of

SCHEMES: Mapping[str, str] = {
    "euler": "euler",
    "forward_euler": "euler",
    "explicit_euler": "euler",
    "exponential_euler": "exponential_euler",
    "exp_euler": "exponential_euler",
    "rk4": "rk4",
    "runge_kutta": "rk4",
    "runge_kutta_4": "rk4",
}
"""Schemes by the names that people give them."""

_D = r"[d∂]"
_TIME = r"(?: *_t| *_\{ *t *\}| *\( *t *\)| *\^\{ *\(? *t *\)? *\})?"
_STATE = r"(?P<{}>[A-Za-z]\w*?)" + _TIME.replace("{", "{{").replace("}", "}}")
_UNDER = rf"/ *\(? *{_D} *t *\)?"
_RATE = re.compile(
    rf"(?P<factor>.*?)(?<![A-Za-z0-9_'])"
    rf"(?:(?P<open>\( *)?\(? *{_D} *\(? *{_STATE.format('over')} *\)? *\)? *{_UNDER}(?(open) *\))"
    rf"|(?P<around>\( *)?{_D} *{_UNDER}(?(around) *\)) *{_STATE.format('behind')}) *=(?!=)"
)
_DOTTED = re.compile(rf"(?P<factor>.*?)(?<![A-Za-z0-9_'])(?P<name>[A-Za-z]\w*?)_dot{_TIME} *=(?!=)")
_STEP = re.compile(
    r" *(?P<word>step *(?P<open>\()? *)(?P<name>(?<=[ (])[A-Za-z]\w*)(?(open) *\)) *(?P<value>=.*|\Z)", re.DOTALL
)
_SCHEME = re.compile(r" *scheme\b *=? *(?P<name>[A-Za-z][\w ()-]*?) *\Z")
_FARTHEST = 400
"""Longer left sides, steps and schemes are none: a search in them would try every place."""
_OF_TIME = re.compile(r"(?<=[A-Za-z0-9_']) ?\( *t *\)")


class Rate(NamedTuple):
    """A line of a rate: where its name stands in what the grammar reads, the name, the places of factor and line."""

    start: int
    name: str
    factor: tuple[int, int] | None
    line: tuple[int, int]


@dataclass(frozen=True)
class Rates:
    """All that a text says of rates.

    Attributes
    ----------
    lines : tuple of Rate
    step : str
        The name of the step; "" where no line gives it.
    scheme : str
        One of the values of `SCHEMES`, or as typed where it is none; "" where no line gives it.
    span : (int, int)
        Of the scheme's line, or of the first rate.
    typed : str
        The text before anything was left out.
    """

    lines: tuple[Rate, ...] = ()
    step: str = ""
    scheme: str = ""
    span: tuple[int, int] = (0, 1)
    typed: str = ""


def take_rates(plain: str) -> tuple[str, Rates]:
    """A plain text without what its grammar does not know of rates.

    Parameters
    ----------
    plain : str
        In the characters of the grammar.

    Returns
    -------
    str
        Of the same length.
    Rates
    """
    characters, lines, step, scheme, span = list(plain), list[Rate](), "", "", None
    declared = _declared(plain)
    for start, end in statements_of(plain):
        text = plain[start:end]
        match = _rate(text, declared)
        if match is not None:
            lines.append(_put_name(characters, start, end, match))
            span = span or lines[-1].line
            continue
        near = text if len(text) <= _FARTHEST else ""
        stepped, schemed = _STEP.fullmatch(near), _SCHEME.fullmatch(near)
        if stepped is not None:
            step = stepped["name"]
            left, right = (stepped.start("word"), stepped.start("value")) if stepped["value"] else (0, len(text))
            characters[start + left : start + right] = (step if stepped["value"] else "").ljust(right - left)
        elif schemed is not None and ("=" not in text or _known(schemed["name"]) in SCHEMES):
            scheme = SCHEMES.get(_known(schemed["name"]), schemed["name"])
            characters[start:end] = " " * (end - start)
            span = (start + len(text) - len(text.lstrip()), end)
    if lines:
        for match in _OF_TIME.finditer("".join(characters)):
            characters[match.start() : match.end()] = " " * (match.end() - match.start())
    return "".join(characters), Rates(tuple(lines), step, scheme, span or (0, 1), plain)


def _declared(plain: str) -> set[str]:
    """Names that stand before an ``in``."""
    found: set[str] = set()
    for line in re.split(r"[\n;]", plain):
        before, is_declaration, _ = line.partition(" in ")
        if is_declaration and "=" not in before:
            found.update(re.findall(r"[A-Za-z]\w*", before))
    return found


def _known(scheme: str) -> str:
    """The name of a scheme as `SCHEMES` writes names."""
    return re.sub(r"[ -]+", "_", scheme.strip().lower())


def _rate(text: str, declared: set[str]) -> re.Match[str] | None:
    """A statement that gives a rate: dh/dt = …, or ḣ = … where h is declared and h_dot is not."""
    left = text.partition("=")[0]
    if len(left) > _FARTHEST or ("/" not in left and "_dot" not in left):
        return None
    match = _RATE.match(text)
    if match is not None and match[0].count("(") == match[0].count(")"):
        return match
    match = _DOTTED.match(text)
    if match is None or match["name"] not in declared or f"{match['name']}_dot" in declared:
        return None
    return match


def _put_name(characters: list[str], start: int, end: int, match: re.Match[str]) -> Rate:
    """Write the name alone on the left side of a rate, where the line begins: its indentation counts."""
    groups = match.groupdict()
    name = next(groups[g] for g in ("over", "behind", "name") if groups.get(g))
    first = start + len(match.string) - len(match.string.lstrip())
    equals = start + match.end() - 1
    characters[first:equals] = name.ljust(equals - first)
    factor = match["factor"].rstrip(" *·×")
    place = start + match.start("factor")
    return Rate(first, name, (place, place + len(factor)) if factor.strip() else None, (first, end))
