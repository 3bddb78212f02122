"""Numbers that no quotient of two whole float64 numbers is, as decimals: their digits and their power of ten."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal

WHOLE = 2**53
"""Up to here every whole number is a float64; Numba has none beyond 64 bits."""


def is_long(numerator: int, denominator: int = 1) -> bool:
    """Whether a quotient stands as a decimal."""
    return max(abs(numerator), denominator) > WHOLE


def decimal_of(numerator: int, denominator: int = 1) -> tuple[str, int]:
    """A positive quotient as digits ``1.25`` and the power of ten that they are multiplied with.

    Exact where 17 digits say it, else the nearest that they say.
    """
    context = Context(prec=17, Emin=MIN_EMIN, Emax=MAX_EMAX)
    quotient = context.divide(Decimal(int(numerator)), Decimal(int(denominator))).normalize(context)
    _, digits, exponent = quotient.as_tuple()
    text = "".join(map(str, digits))
    return f"{text[0]}{'.' if text[1:] else ''}{text[1:]}", len(digits) + int(exponent) - 1
