"""Exact numbers of a text, within limits: nothing typed may cost more time or memory than a cell is worth."""

from __future__ import annotations

import re

import sympy as sp

MAX_EXPONENT = 64
_MAX_BITS = 4096
_MAX_POWER = 4096
_MAX_DIGITS = 300
_MAX_TENS = 330  # beyond what double precision holds
_LITERAL = re.compile(r"(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d+))?")


_LEAST, _LARGEST = sp.Integer(2) ** -1022, sp.Integer(2) ** 1024 - sp.Integer(2) ** 970


class TooLargeError(ValueError):
    """A number beyond the limits."""


def read_number(text: str) -> sp.Rational:
    """The exact value of a decimal literal: ``0.95`` is 19/20.

    Raises
    ------
    TooLargeError
        For more than 300 digits, written out.
    """
    match = _LITERAL.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no number.")
    whole, fraction, exponent = match[1] or "", match[2] or "", match[3] or "0"
    if len(whole + fraction) > _MAX_DIGITS or len(exponent) > 5 or abs(int(exponent)) > _MAX_TENS:
        raise TooLargeError(text[:40])
    return sp.Rational(int((whole + fraction) or "0")) * sp.Integer(10) ** (int(exponent) - len(fraction))


def is_double(number: sp.Rational) -> bool:
    """Whether double precision holds a number with all its digits: it neither overflows nor is subnormal."""
    return bool(number.is_zero or _LEAST <= abs(number) <= _LARGEST)


def told(number: sp.Rational) -> str:
    """A number of any size in a few digits."""
    return str(sp.N(number, 4))


def multiply(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """The product, refused where its number or a power in it grows beyond the limits."""
    _check_bits(_bits(a) + _bits(b))
    product = a * b
    _check_powers(product)
    return product


def divide(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """The quotient; the divisor is not zero."""
    if b.is_zero:
        raise ZeroDivisionError
    return multiply(a, 1 / b)


def raise_to(base: sp.Expr, exponent: int) -> sp.Expr:
    """An integer power."""
    if exponent < 0 and base.is_zero:
        raise ZeroDivisionError
    _check_bits(_bits(base) * max(1, abs(exponent)))
    power = base ** sp.Integer(exponent)
    _check_powers(power)
    return power


def _bits(expression: sp.Expr) -> int:
    """Length of the largest number in front of a term of an expression, in bits."""
    terms = expression.args if expression.is_Add else (expression,)
    longest = 0
    for term in terms:
        number = term.as_coeff_Mul()[0]
        if number.is_Rational:
            longest = max(longest, int(number.p).bit_length() + int(number.q).bit_length())
    return longest


def _check_bits(bits: int) -> None:
    if bits > _MAX_BITS:
        raise TooLargeError


def _check_powers(expression: sp.Expr) -> None:
    factors = expression.args if expression.is_Mul else (expression,)
    for factor in factors:
        if factor.is_Pow and factor.exp.is_Integer and abs(int(factor.exp)) > _MAX_POWER:
            raise TooLargeError
