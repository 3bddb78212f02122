"""Domains of inputs in a text, ``mask in {0,1}^m`` and ``dt >= 0``: read, and taken out of what the grammar reads.

The set gives way to ``R``, a comparison to nothing; what is taken out keeps its length, so that every other character
stays where it is. Which name a domain belongs to is told by where it stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from gatedsym.equations.tags import statements_of
from gatedsym.ir.domain import Bound, Domain, read_domain

_IN_SET = re.compile(r"(?<![A-Za-z0-9_])in +(?P<set>\{[^{}\n]*\}|[\[(][^\[\](){}\n,]*,[^\[\](){}\n,]*[\])])")
_SIGNED_REALS = re.compile(
    r"(?<![A-Za-z0-9_])in +(?P<set>R *(?:[_^] *(?:\{ *)?(?P<sign>\+|>=|>|≥|⩾|<=|<|≤|⩽) *(?P<zero>0)? *\}?"
    r"|(?P<bare>>=|>|≥|⩾) *0))"
)
_LOOP = re.compile(r"(?<![A-Za-z0-9_])for +\w+ +\Z")
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?"
_RELATION = r"(?:>=|<=|>|<|≥|≤|⩾|⩽)"
_COMPARED = re.compile(
    rf"(?P<comma>,? *)(?:(?P<below>{_NUMBER}) *(?P<first>{_RELATION}) *)?(?P<name>[A-Za-z]\w*)"
    rf"(?: *(?P<second>{_RELATION}) *(?P<above>{_NUMBER}))? *\Z"
)
_LAW = re.compile(r"(?P<power>(?: *\^ *(?:\w+|\([^()\n]*\)|\{[^{}\n]*\}))?)(?P<law> +with +mean +(?P<mean>[^\s;]+))")
_DECLARES = re.compile(rf"[^=]*(?<![A-Za-z0-9_])in(?![A-Za-z0-9_])|.*{_RELATION}", re.DOTALL)
_ASCII = {"≥": ">=", "⩾": ">=", "≤": "<=", "⩽": "<="}


class Refusal(NamedTuple):
    """A refusal of a domain: where it stands, and a message with its mend."""

    start: int
    end: int
    message: str
    mend: str


@dataclass(frozen=True)
class Found:
    """A domain in a text.

    Attributes
    ----------
    start, end : int
        Where it stood in the plain text.
    domain : Domain
    name : str
        Of the input in a comparison; "" of a set, which belongs to the names that its declaration lists.
    """

    start: int
    end: int
    domain: Domain
    name: str = ""


def take_domains(plain: str) -> tuple[str, tuple[Found, ...], Refusal | None]:
    """A plain text without the domains of inputs.

    Parameters
    ----------
    plain : str
        In the characters of the grammar.

    Returns
    -------
    str
        Of the same length.
    tuple of Found
    Refusal or None
        The first domain that is none.
    """
    characters, found = list(plain), list[Found]()
    for match in sorted([*_IN_SET.finditer(plain), *_SIGNED_REALS.finditer(plain)], key=lambda m: m.start()):
        start, end = match.span("set")
        if _LOOP.search(plain, max(0, match.start() - 100), match.start()):
            continue
        law = _LAW.match(plain, end)
        read = _reals(match) if match.re is _SIGNED_REALS else _set(match, law)
        if isinstance(read, Refusal):
            return plain, (), read
        if read is not None:
            characters[start:end] = "R" + " " * (end - start - 1)
            if law is not None:
                characters[law.start("law") : law.end()] = " " * (law.end() - law.start("law"))
            found.append(Found(start, end, read))
    for start, end in statements_of("".join(characters)):
        for left, right, name, domain in _comparisons(plain, start, end):
            if isinstance(domain, Refusal):
                return plain, (), domain
            characters[left:right] = " " * (right - left)
            found.append(Found(left, right, domain, name))
    return "".join(characters), tuple(found), None


def _set(match: re.Match[str], law: re.Match[str] | None) -> Domain | Refusal | None:
    text = match["set"] + ("" if law is None else f" with mean {law['mean']}")
    try:
        domain = read_domain(text)
    except ValueError as error:
        mend = "Write {0,1}, [0, inf), (0,1) or {0..m-1}."
        return Refusal(*match.span("set"), str(error), mend if law is None else "Write {0,1}^n with mean 0.7.")
    if domain is None and text.startswith("("):
        return None  # R^(n, m) without its R: the grammar says what it misses
    if domain is None:
        message = f"{text} is no domain of an input."
        return Refusal(*match.span("set"), message, "Write {0,1}, [0, inf), (0,1) or {0..m-1}.")
    return domain


def _reals(match: re.Match[str]) -> Domain | Refusal | None:
    """``R_{>=0}``; of ``R_+`` nobody knows whether 0 belongs to it."""
    sign = match["bare"] or match["sign"]
    if sign == "+" and not match["zero"]:
        return Refusal(
            *match.span("set"),
            f"does 0 belong to {match['set'].strip()}?",
            "Write [0, inf) if it does, (0, inf) if it does not.",
        )
    if match["bare"] is None and match["zero"] is None:
        return None
    sign, zero = _ASCII.get(sign, sign), Bound(Fraction(0))
    if sign.startswith(">"):
        return Domain(zero, Bound(), (sign == ">=", False))
    return Domain(Bound(), zero, (False, sign == "<="))


def _comparisons(plain: str, start: int, end: int) -> Iterator[tuple[int, int, str, Domain | Refusal]]:
    """Comparisons that a statement ends in, or is."""
    while start < end:
        comma = plain.rfind(",", start, end)
        match = _COMPARED.match(plain, comma if comma > start else start + _blank(plain[start:end]), end)
        if match is None or not (match["first"] or match["second"]):
            return
        if comma > start and not _DECLARES.match(plain[start:comma]):
            return
        yield match.start(), match.end(), match["name"], _compared(match)
        end = match.start()
        if comma <= start:
            return


def _blank(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _compared(match: re.Match[str]) -> Domain | Refusal:
    low, high, closed = Bound(), Bound(), [False, False]
    sides = [(match["below"], match["first"], True), (match["above"], match["second"], False)]
    for number, relation, before in sides:
        if number is None or relation is None:
            continue
        relation = _ASCII.get(relation, relation)
        lower = relation.startswith("<") == before
        if lower:
            low, closed[0] = Bound(Fraction(number)), relation.endswith("=")
        else:
            high, closed[1] = Bound(Fraction(number)), relation.endswith("=")
    domain = Domain(low, high, (closed[0], closed[1]))
    try:
        return read_domain(str(domain)) or domain
    except ValueError as error:
        return Refusal(match.start("name"), match.end(), str(error), "Write dt >= 0, or 0 < w < 1.")


def meet(name: str, first: Domain, second: Domain) -> Domain:
    """The domain of an input with two: a space and a comparison, ``{0..m-1}`` aside.

    Raises
    ------
    ValueError
        For two of which one is no interval, or that have nothing in common; with a sentence.
    """
    if first == second:
        return first
    if any(d.values or d.whole or d.dimensions for d in (first, second)):
        raise ValueError(f"'{name}' is said to be in {first} and in {second}.")
    low, low_open = max(_low(first), _low(second))
    high, high_closed = min(_high(first), _high(second))
    bounds = [Bound() if abs(end) == _INFINITE else Bound(Fraction(end)) for end in (low, high)]
    met = read_domain(str(Domain(bounds[0], bounds[1], (not low_open, high_closed))))
    assert met is not None
    return met


_INFINITE = float("inf")


def _low(domain: Domain) -> tuple[Fraction | float, bool]:
    """The lower end, and whether it is open: of two equal ones the open one counts."""
    return (-_INFINITE if domain.low.number is None else domain.low.number), not domain.closed[0]


def _high(domain: Domain) -> tuple[Fraction | float, bool]:
    """The upper end, and whether it is closed: of two equal ones the open one counts."""
    return (_INFINITE if domain.high.number is None else domain.high.number), domain.closed[1]


def ranges(domains: Mapping[str, Domain]) -> dict[str, tuple[Fraction | None, Fraction | None]]:
    """The least and the greatest number of each input that has a domain."""
    return {name: domain.range for name, domain in domains.items()}
