"""Real numbers of high precision as an algebra: what refutes a wrong statement is a point at which its sides differ."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]

from gatedsym.proofs.engine.algebra import CannotDecide

DIGITS = 60
TOLERANCE = mpmath.mpf(10) ** -30
"""Relative: sides that differ by more are different, not rounded."""


class OutsideDomain(CannotDecide):
    """A side is no real number at this point: the logarithm or the root of a negative number, or a division by 0."""


SCALES = (Fraction(1), Fraction(1), Fraction(1), Fraction(1), Fraction(4), Fraction(1, 4), Fraction(16), Fraction(100))
"""The largest coordinates of the points in turn: a branch may lie far out."""


class Reals:
    """A point whose coordinates depend on its number and the symbols' names alone.

    Point 0 lies between -1 and 1; 1 has positive coordinates alone, 2 negative ones; the others have every sign, and
    sizes of their own.
    """

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.context: Any = mpmath.mp.clone()
        self.context.dps = DIGITS

    def rational(self, number: Fraction) -> Any:
        return self.context.mpf(number.numerator) / number.denominator

    def symbol(self, name: str) -> Any:
        digest = hashlib.blake2b(f"{self.number}|{name}".encode(), digest_size=16).digest()
        value = self.context.mpf(int.from_bytes(digest)) / 2**127 - 1
        if self.number in (1, 2):
            return abs(value) if self.number == 1 else -abs(value)
        return value * self.rational(SCALES[self.number % len(SCALES)])

    def pi(self) -> Any:
        return +self.context.pi

    def exp(self, u: Any, plain: bool = False) -> Any:
        return self.context.exp(u)

    def log(self, u: Any) -> Any:
        if u <= 0:
            raise OutsideDomain("the logarithm of a number that is not positive: a side is no real number there")
        return self.context.log(u)

    def root(self, u: Any, degree: int) -> Any:
        if u < 0:
            raise OutsideDomain("the root of a negative number: a side is no real number there")
        return self.context.root(u, degree)

    def sin(self, u: Any) -> Any:
        return self.context.sin(u)

    def cos(self, u: Any) -> Any:
        return self.context.cos(u)

    def atan(self, u: Any) -> Any:
        return self.context.atan(u)

    def erf(self, u: Any) -> Any:
        return self.context.erf(u)

    def step(self, u: Any) -> Any:
        return self.context.mpf(int(u > 0))

    def floor(self, u: Any) -> Any:
        return self.context.floor(u)

    def equal(self, a: Any, b: Any) -> Any:
        return self.context.mpf(int(abs(a - b) <= TOLERANCE))

    def is_zero(self, u: Any) -> bool:
        return bool(u == 0)

    def sign(self, u: Any) -> int:
        return int(self.context.sign(u))

    def differ(self, a: Any, b: Any) -> bool:
        """True if two values are further apart than rounding explains."""
        return bool(abs(a - b) > TOLERANCE * (1 + abs(a) + abs(b)))
