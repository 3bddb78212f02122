"""Real numbers of high precision as an algebra: what refutes a wrong statement is a point at which its sides differ."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]

DIGITS = 60
TOLERANCE = mpmath.mpf(10) ** -30
"""Relative: sides that differ by more are different, not rounded."""


class Reals:
    """A point with coordinates between -1 and 1 that depend on its number and the symbols' names alone."""

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.context: Any = mpmath.mp.clone()
        self.context.dps = DIGITS

    def rational(self, number: Fraction) -> Any:
        return self.context.mpf(number.numerator) / number.denominator

    def symbol(self, name: str) -> Any:
        digest = hashlib.blake2b(f"{self.number}|{name}".encode(), digest_size=16).digest()
        return self.context.mpf(int.from_bytes(digest)) / 2**127 - 1

    def pi(self) -> Any:
        return +self.context.pi

    def exp(self, u: Any, plain: bool = False) -> Any:
        return self.context.exp(u)

    def log(self, u: Any) -> Any:
        return self.context.log(u)

    def root(self, u: Any, degree: int) -> Any:
        return self.context.root(u, degree)

    def sin(self, u: Any) -> Any:
        return self.context.sin(u)

    def cos(self, u: Any) -> Any:
        return self.context.cos(u)

    def erf(self, u: Any) -> Any:
        return self.context.erf(u)

    def step(self, u: Any) -> Any:
        return self.context.mpf(int(self.context.re(u) > 0))

    def floor(self, u: Any) -> Any:
        return self.context.floor(self.context.re(u))

    def equal(self, a: Any, b: Any) -> Any:
        return self.context.mpf(int(abs(a - b) <= TOLERANCE))

    def is_zero(self, u: Any) -> bool:
        return bool(u == 0)

    def sign(self, u: Any) -> int:
        return int(self.context.sign(u))

    def differ(self, a: Any, b: Any) -> bool:
        """True if two values are further apart than rounding explains."""
        return bool(abs(a - b) > TOLERANCE * (1 + abs(a) + abs(b)))
