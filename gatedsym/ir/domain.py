"""Domains of inputs, ``{0, 1}``, ``[0, inf)`` or ``{0..m-1}``: the numbers that each entry of an input may be.

A set of two numbers may have a law, ``{0, 1} with mean 7/10``: what a mask is on average says how often it is 1.

A domain is one text with one meaning wherever it stands: in equations, in the table of a generated module, on a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from gatedsym.typing import Array

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?(?:/\d+)?"
_END = rf"(?:{_NUMBER}|[-+]?(?:inf|∞))"
_BOUND = rf"(?:{_END}|[A-Za-z]\w*(?: *[-+] *\d+)?)"
_SET = re.compile(rf"\{{ *({_NUMBER}(?: *, *{_NUMBER})*) *\}}")
_COUNT = re.compile(rf"\{{ *({_BOUND}) *(?:, *(?:{_NUMBER} *, *)*)?\.\.\.? *(?:, *)?({_BOUND}) *\}}")
_INTERVAL = re.compile(rf"([\[(]) *({_END}) *, *({_END}) *([\])])")
_MEAN = re.compile(rf"(?P<set>\{{.*\}}) *with +mean +(?P<mean>{_NUMBER})")
_SIZE = re.compile(r"([A-Za-z]\w*)(?: *([-+]) *(\d+))?")
_LARGEST_SET = 100


@dataclass(frozen=True)
class Bound:
    """An end of a domain: a number, or the size of a dimension and a number; nothing where there is none.

    Attributes
    ----------
    number : Fraction, optional
        None of an infinite end.
    dimension : str
    """

    number: Fraction | None = None
    dimension: str = ""

    def __str__(self) -> str:
        if not self.dimension:
            return _told(self.number)
        sign = "-" if (self.number or 0) < 0 else "+"
        return self.dimension + (f"{sign}{abs(self.number)}" if self.number else "")

    def value(self, sizes: Mapping[str, int]) -> float | None:
        """The end as a number, where the sizes of dimensions are known."""
        if self.number is None:
            return None
        return float(self.number + (sizes[self.dimension] if self.dimension else 0))


@dataclass(frozen=True)
class Domain:
    """The numbers that an entry of an input may be.

    Attributes
    ----------
    low, high : Bound
    closed : tuple of (bool, bool)
        Whether each end belongs to it.
    values : tuple of Fraction
        All of them, where they are listed.
    whole : bool
        Whether they are whole numbers from `low` to `high`.
    mean : Fraction, optional
        Of two listed values, what an entry is on average; None where nobody has said it.
    """

    low: Bound
    high: Bound
    closed: tuple[bool, bool] = (True, True)
    values: tuple[Fraction, ...] = ()
    whole: bool = False
    mean: Fraction | None = None

    def __str__(self) -> str:
        if self.values:
            law = "" if self.mean is None else f" with mean {_told(self.mean)}"
            return "{" + ", ".join(map(_told, self.values)) + "}" + law
        if self.whole:
            return f"{{{self.low}..{self.high}}}"
        low = "-inf" if self.low.number is None else str(self.low)
        high = "inf" if self.high.number is None else str(self.high)
        return f"{'[' if self.closed[0] else '('}{low}, {high}{']' if self.closed[1] else ')'}"

    @property
    def chance(self) -> float:
        """The probability of the greater one of two numbers, of which the mean is known."""
        low, high = self.values
        return float(((self.mean or Fraction(0)) - low) / (high - low))

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Dimensions that its ends speak of."""
        return tuple(dict.fromkeys(b.dimension for b in (self.low, self.high) if b.dimension))

    @cached_property
    def range(self) -> tuple[Fraction | None, Fraction | None]:
        """The least and the greatest number, whatever the sizes are; None where there is none.

        A dimension has one entry at least.
        """
        low = self.low.number + 1 if self.low.dimension and self.low.number is not None else self.low.number
        return low, None if self.high.dimension else self.high.number

    def members(self, sizes: Mapping[str, int]) -> Array | None:
        """All numbers in it, where they can be listed."""
        if self.values:
            return np.array([float(v) for v in self.values])
        low, high = self.low.value(sizes), self.high.value(sizes)
        return np.arange(low, high + 1) if self.whole and low is not None and high is not None else None

    def misfit(self, array: Array, sizes: Mapping[str, int]) -> tuple[int, ...] | None:
        """The place of the first entry that is not in it; None where all are.

        Two reductions where they all are, for an interval: an array is read, and nothing is written.
        """
        if not array.size or (not self.values and not self.whole and self._holds_ends(array, sizes)):
            return None
        inside = self._holds(array, sizes)
        if inside.all():
            return None
        return tuple(int(i) for i in np.unravel_index(int(np.argmin(inside)), array.shape))

    def _holds_ends(self, array: Array, sizes: Mapping[str, int]) -> bool:
        low, high = self.low.value(sizes), self.high.value(sizes)
        least, most = array.min(), array.max()
        above = least == least if low is None else least >= low if self.closed[0] else least > low
        below = most == most if high is None else most <= high if self.closed[1] else most < high
        return bool(above and below)

    def _holds(self, array: Array, sizes: Mapping[str, int]) -> Array:
        """For each entry whether it is in the domain; no entry that is no number is."""
        if self.values:
            found = array == float(self.values[0])
            for value in self.values[1:]:
                found |= array == float(value)
            return np.asarray(found)
        low, high = self.low.value(sizes), self.high.value(sizes)
        inside = array == array
        if low is not None:
            inside &= array >= low if self.closed[0] else array > low
        if high is not None:
            inside &= array <= high if self.closed[1] else array < high
        return np.asarray(inside & (array == np.floor(array)) if self.whole else inside)


def read_domain(text: str) -> Domain | None:
    """The domain that a text says; None where it says none.

    Raises
    ------
    ValueError
        For one that holds no number; with a sentence.
    """
    text = text.strip()
    if (law := _MEAN.fullmatch(text)) is not None:
        return _with_mean(read_domain(law["set"]), law["mean"])
    if (listed := _SET.fullmatch(text)) is not None:
        values = tuple(dict.fromkeys(map(_number, listed[1].split(","))))
        if len(values) > _LARGEST_SET:
            raise ValueError(f"the set lists {len(values)} numbers, more than {_LARGEST_SET}.")
        return Domain(Bound(min(values)), Bound(max(values)), (True, True), tuple(sorted(values)))
    if (count := _COUNT.fullmatch(text)) is not None:
        low, high = _bound(count[1], True), _bound(count[2], False)
        whole = all(b.number is not None and b.number.denominator == 1 for b in (low, high))
        if not whole or _is_empty(low, high):
            raise ValueError(f"{text} holds no whole number, or has no end.")
        return Domain(low, high, whole=True)
    if (interval := _INTERVAL.fullmatch(text)) is not None:
        low, high = _bound(interval[2], True), _bound(interval[3], False)
        closed = (interval[1] == "[" and low.number is not None, interval[4] == "]" and high.number is not None)
        if _is_empty(low, high) or (low == high and low.number is not None and closed != (True, True)):
            raise ValueError(f"the interval {text} is empty.")
        return Domain(low, high, closed)
    return None


def _with_mean(domain: Domain | None, text: str) -> Domain | None:
    """A set of two numbers with its law."""
    mean = _number(text)
    if domain is None or len(domain.values) != 2:
        raise ValueError("a mean tells the law of a set of two numbers, such as {0,1}.")
    if not domain.values[0] <= mean <= domain.values[1]:
        raise ValueError(
            f"the mean {text} does not lie between {_told(domain.values[0])} and {_told(domain.values[1])}."
        )
    return replace(domain, mean=mean)


def _is_empty(low: Bound, high: Bound) -> bool:
    """Whether no number lies between two ends, as far as can be told without sizes."""
    if low.number is None or high.number is None or low.dimension != high.dimension:
        return False
    return low.number > high.number


def _bound(text: str, lower: bool) -> Bound:
    bare = text.strip()
    if bare.lstrip("+-") in ("inf", "∞"):
        if bare.startswith("-") != lower:
            raise ValueError(f"{bare} stands at the wrong end.")
        return Bound()
    size = _SIZE.fullmatch(bare)
    if size is None:
        return Bound(_number(bare))
    return Bound(Fraction(int(f"{size[2] or ''}{size[3] or 0}")), size[1])


def _number(text: str) -> Fraction:
    above, _, below = text.strip().partition("/")
    try:
        number = Fraction(above) / Fraction(below) if below else Fraction(above)
        float(number)
    except (ZeroDivisionError, OverflowError):
        raise ValueError(f"{text.strip()} is no number that double precision holds.") from None
    return number


def _told(number: Fraction | None) -> str:
    return "inf" if number is None else str(number)
