"""Exact numbers for running emitted kernels: integers modulo a prime, and functions that are unknown.

Every elementwise function is an unknown function: a pseudo-random value for each name and arguments. Kernels that agree
with a Program for unknown functions agree for all functions, kinks and roots included. One law is kept, max(a, a) = a,
because a maximum over an axis may begin with its first entry twice; and whole numbers that were chosen, a token and the
places that it may name, are equal where they are.

If two sides differ as rational functions of the random draws, they agree at a random point with probability at most
d/p, where d is the degree that `Residue.degree` counts (Schwartz 1980, Zippel 1979).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from gatedsym.ir.evaluate import Arithmetic
from gatedsym.ir.functions import FUNCTIONS
from gatedsym.proofs.engine.algebra import fold_maximum

PRIME = 2**127 - 1


class Residue:
    """An integer modulo `PRIME`, with a bound of its degree as a rational function of the random draws."""

    __slots__ = ("degree", "value")

    def __init__(self, value: int, degree: int = 0) -> None:
        self.value, self.degree = value % PRIME, degree

    @staticmethod
    def of(number: Any) -> Residue:
        """A residue from a residue, an int or a Fraction."""
        if isinstance(number, Residue):
            return number
        if isinstance(number, Fraction):
            return Residue(number.numerator * pow(number.denominator, -1, PRIME))
        return Residue(int(number))

    # With anything else than a number, such as an array of them, the other operand decides.

    def __add__(self, other: Any) -> Residue:
        if not isinstance(other, _SCALARS):
            return NotImplemented
        b = Residue.of(other)
        return Residue(self.value + b.value, self.degree + b.degree)

    __radd__ = __add__

    def __neg__(self) -> Residue:
        return Residue(-self.value, self.degree)

    def __sub__(self, other: Any) -> Residue:
        return self + (-other) if isinstance(other, _SCALARS) else NotImplemented

    def __rsub__(self, other: Any) -> Residue:
        return -self + other if isinstance(other, _SCALARS) else NotImplemented

    def __mul__(self, other: Any) -> Residue:
        if not isinstance(other, _SCALARS):
            return NotImplemented
        b = Residue.of(other)
        return Residue(self.value * b.value, self.degree + b.degree)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Residue:
        return self * Residue.of(other)._inverse() if isinstance(other, _SCALARS) else NotImplemented

    def __rtruediv__(self, other: Any) -> Residue:
        return self._inverse() * other if isinstance(other, _SCALARS) else NotImplemented

    def _inverse(self) -> Residue:
        if not self.value:
            raise ZeroDivisionError("a division by an expression that is 0: check the equations.")
        return Residue(pow(self.value, -1, PRIME), self.degree)


_SCALARS = (Residue, int, Fraction)


class RandomPoint:
    """A random value for each symbol, and for each function at each argument that is met."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._drawn: dict[str, Residue] = {}
        self._largest_degree = 0

    def symbol(self, name: str) -> Residue:
        """The value of a symbol, the same for the same name."""
        return self._draw(f"symbol {name}")

    def apply(self, function: str, *arguments: Any) -> Residue:
        """The value of an unknown function."""
        values = [Residue.of(a) for a in arguments]
        if function == "maximum" and values[0].value == values[1].value:
            return values[0]
        if function == "equal" and not any(v.degree for v in values):
            return Residue(values[0].value == values[1].value)
        self._largest_degree = max(self._largest_degree, *(v.degree for v in values))
        return self._draw(f"{function} {[v.value for v in values]}")

    def _draw(self, key: str) -> Residue:
        if key not in self._drawn:
            digest = hashlib.blake2b(f"{self._seed}|{key}".encode(), digest_size=32).digest()
            self._drawn[key] = Residue(int.from_bytes(digest, "big") % (PRIME - 1) + 1, 1)
        return self._drawn[key]

    def arithmetic(self) -> Arithmetic:
        """Operations that `evaluate` and the runtime's specification need."""
        table: dict[str, Callable[..., Any]] = {
            name: np.frompyfunc(self._applied(name), entry.arity, 1) for name, entry in FUNCTIONS.items()
        }
        return Arithmetic(self._number, table, lambda a, axes: fold_maximum(table["maximum"], a, axes))

    def _applied(self, name: str) -> Callable[..., Residue]:
        return lambda *arguments: self.apply(name, *arguments)

    def _number(self, number: sp.Expr) -> Residue:
        return self.symbol("pi") if number is sp.pi else Residue.of(Fraction(int(number.p), int(number.q)))

    def error_bound(self, residuals: Iterable[Residue]) -> float:
        """Bound on the probability that residuals which are not all zero as functions are zero here.

        Beside their own degrees the collisions count: two different arguments of a function that meet at this point.
        """
        degree = sum(r.degree for r in residuals)
        collisions = len(self._drawn) ** 2 * max(self._largest_degree, 1)
        return float(min(Fraction(degree + collisions, PRIME), Fraction(1)))
