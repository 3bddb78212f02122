"""Numbers as the page prints them: powers of ten, factors of a step, shares."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from gatedsym.figures.words import scheme_words
from gatedsym.messages import room

say = room("report")


def power(exponent: float) -> Markup:
    """A value given by its log10, as 10 to a power with one decimal."""
    if math.isnan(exponent):
        return say.html("not-finite")
    if math.isinf(exponent):
        return Markup("0") if exponent < 0 else Markup("∞")
    if -2 < exponent < 3:
        return Markup(f"{number(10**exponent)}")
    return Markup(f"10<sup>{minus(f'{exponent:.1f}')}</sup>")


def factor(value: float) -> Markup:
    """A factor of a step: three decimals, as a power of ten where these would say nothing."""
    if math.isnan(value):
        return Markup("–")
    if value == 0 or 0.0005 <= value < 1000:
        return Markup(f"{value:.3f}" if value else "0")
    return power(math.log10(value)) if math.isfinite(value) else Markup("∞")


def logarithm(value: float) -> str:
    """The natural logarithm of a factor of a step."""
    if math.isnan(value):
        return "–"
    if value == 0 or math.isinf(value):
        return "−∞" if value == 0 else "∞"
    return minus(f"{round(math.log(value), 3) + 0.0:.3f}")  # + 0.0: no minus before a zero


def span(ends: Sequence[float], kind: str) -> Markup:
    """One number, or from the least to the greatest where they are printed differently."""
    low, high = ({"factor": factor, "power": power}[kind](end) for end in ends)
    return low if low == high else say.html("span", low=low, high=high)


def share(value: float) -> str:
    """A share in per cent; one that rounds to nothing is said to be below what is printed."""
    if math.isnan(value):
        return "–"
    if 0 < value < 0.001:
        return say("share-tiny")
    return f"{100 * value:.3g} %" if value < 0.9995 else f"{100 * value:.4g} %"


def number(value: float) -> str:
    """Two digits, or a whole number from 100 on; a dash for what is no number."""
    return "–" if math.isnan(value) else minus(f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}")


def minus(text: str) -> str:
    """A number with a minus instead of its hyphen."""
    return text.replace("-", "−")


def grouped(count: int) -> str:
    """A count, its digits in threes."""
    return f"{count:,}".replace(",", "\u202f")


def scheme(name: str) -> Markup:
    """The name of an initialisation."""
    if name == "uniform":
        return Markup("U(±1/√<i>n</i>)")
    return Markup("Xavier") if name == "xavier" else Markup("{}").format(scheme_words(name))


__all__ = ["factor", "grouped", "logarithm", "minus", "number", "power", "scheme", "share", "span"]
