"""Limits at infinity, exactly: an algebra whose elements are limits of functions as some symbols go to infinity.

An element is the limit of an expression: an element of another algebra, or plus or minus infinity. Sums, products,
quotients and functions of elements follow the theorems on limits (they hold for entries that go to infinity together,
each at its own pace); where those say nothing (infinity times zero, infinity minus infinity, a quotient by zero, the
sign of a product with something whose sign depends on the point), the algebra cannot decide. It never guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from gatedsym.errors import ProofError
from gatedsym.ir.program import NUMBERS, Recurrence
from gatedsym.library.claims import Limit
from gatedsym.proofs.engine.algebra import Algebra, CannotDecide, Value, entries_of
from gatedsym.proofs.engine.brute_force import carry_out, off_kinks
from gatedsym.proofs.engine.budgets import Allowance
from gatedsym.proofs.engine.decide import Entry, Proof, Refutation, Undecided, array_entries, decide
from gatedsym.proofs.engine.expressions import edited, expression_part
from gatedsym.proofs.engine.scalarise import pairwise_sizes, shape_of


class Germ:
    """The limit of an expression.

    Attributes
    ----------
    limits : Limits
    value : element of the algebra below, or None
        None of an infinite limit.
    infinite : int
        1 or -1 of an infinite limit, else 0.
    exact : bool
        True if the expression equals its limit from some point on: zero times infinity is zero then.
    """

    __slots__ = ("exact", "infinite", "limits", "value")

    def __init__(self, limits: Limits, value: Value, infinite: int = 0, exact: bool = False) -> None:
        self.limits, self.value, self.infinite, self.exact = limits, value, infinite, exact

    # With anything else, such as an array of germs, the other operand decides.

    def __add__(self, other: Any) -> Germ:
        if isinstance(other, np.ndarray):
            return NotImplemented
        b = self.limits.germ(other)
        if self.infinite or b.infinite:
            if self.infinite * b.infinite < 0:
                raise CannotDecide("a limit is of the form infinity minus infinity")
            return self.limits.infinity(self.infinite or b.infinite)
        return Germ(self.limits, self.value + b.value, exact=self.exact and b.exact)

    __radd__ = __add__

    def __neg__(self) -> Germ:
        return self * -1

    def __sub__(self, other: Any) -> Germ:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self + -self.limits.germ(other)

    def __rsub__(self, other: Any) -> Germ:
        difference: Germ = -self + other
        return difference

    def __mul__(self, other: Any) -> Germ:
        if isinstance(other, np.ndarray):
            return NotImplemented
        b = self.limits.germ(other)
        if self.is_nothing or b.is_nothing:
            return self.limits.germ(0)
        if self.infinite or b.infinite:
            return self.limits.infinity(self.sign() * b.sign())
        return Germ(self.limits, self.value * b.value, exact=self.exact and b.exact)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Germ:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self * self.limits.germ(other).inverse()

    def __rtruediv__(self, other: Any) -> Germ:
        quotient: Germ = self.inverse() * other
        return quotient

    def __pow__(self, exponent: int) -> Germ:
        base = self if exponent >= 0 else self.inverse()
        result = self.limits.germ(1)
        for _ in range(abs(exponent)):
            result = result * base
        return result

    @property
    def is_nothing(self) -> bool:
        """True if the expression is zero from some point on."""
        return self.exact and not self.infinite and self.limits.below.is_zero(self.value)

    def inverse(self) -> Germ:
        """1 / self."""
        if self.infinite:
            return Germ(self.limits, self.limits.below.rational(Fraction(0)))
        if self.limits.below.is_zero(self.value):
            raise CannotDecide("a limit is a quotient by something that goes to zero")
        return Germ(self.limits, 1 / self.value, exact=self.exact)

    def sign(self) -> int:
        """Of the limit, 1 or -1."""
        if self.infinite:
            return self.infinite
        sign = self.limits.below.sign(self.value)
        if not sign:
            raise CannotDecide("a limit is infinity times something that is zero, or whose sign depends on the point")
        return sign


class Limits:
    """The limits of expressions over another algebra, as some of its symbols go to infinity.

    Parameters
    ----------
    below : Algebra
    infinite : mapping of str to int
        For the symbols that go to infinity: 1 or -1.
    """

    def __init__(self, below: Algebra, infinite: dict[str, int]) -> None:
        self.below, self._infinite = below, infinite

    def germ(self, value: Any) -> Germ:
        """The element of a number, or of an element of the algebra below."""
        if isinstance(value, Germ):
            return value
        if isinstance(value, (int, Fraction)):
            return Germ(self, self.below.rational(Fraction(value)), exact=True)
        return Germ(self, value, exact=True)

    def infinity(self, sign: int) -> Germ:
        """Plus or minus infinity."""
        return Germ(self, None, infinite=sign)

    def rational(self, number: Fraction) -> Germ:
        return self.germ(number)

    def pi(self) -> Germ:
        return self.germ(self.below.pi())

    def symbol(self, name: str) -> Germ:
        sign = self._infinite.get(name, 0)
        return self.infinity(sign) if sign else self.germ(self.below.symbol(name))

    def exp(self, u: Germ, plain: bool = False) -> Germ:
        if u.infinite < 0:
            return Germ(self, self.below.rational(Fraction(0)))
        return u if u.infinite else Germ(self, self.below.exp(u.value, plain), exact=u.exact)

    def log(self, u: Germ) -> Germ:
        if u.infinite < 0 or self.is_zero(u):
            raise CannotDecide("the limit of a logarithm at the border of its domain is asked for")
        return u if u.infinite else Germ(self, self.below.log(u.value), exact=u.exact)

    def root(self, u: Germ, degree: int) -> Germ:
        """Continuous where it is defined, also at 0."""
        if u.infinite < 0:
            raise CannotDecide("the limit of a root of negative numbers is asked for")
        if u.infinite or self.is_zero(u):
            return u
        return Germ(self, self.below.root(u.value, degree), exact=u.exact)

    def sin(self, u: Germ) -> Germ:
        return self._finite(u, self.below.sin)

    def cos(self, u: Germ) -> Germ:
        return self._finite(u, self.below.cos)

    def _finite(self, u: Germ, function: Callable[[Value], Value]) -> Germ:
        if u.infinite:
            raise CannotDecide("sine and cosine have no limit at infinity")
        return Germ(self, function(u.value), exact=u.exact)

    def atan(self, u: Germ) -> Germ:
        if u.infinite:
            return Germ(self, self.below.pi() * Fraction(u.infinite, 2))
        return Germ(self, self.below.atan(u.value), exact=u.exact)

    def erf(self, u: Germ) -> Germ:
        if u.infinite:
            return Germ(self, self.below.rational(Fraction(u.infinite)))
        return Germ(self, self.below.erf(u.value), exact=u.exact)

    def step(self, u: Germ) -> Germ:
        """Off the kink of the limit, the step of the limit, and equal to it from some point on."""
        if u.infinite:
            return self.germ(int(u.infinite > 0))
        if not u.exact and self.below.is_zero(u.value):
            raise CannotDecide("a limit lies on the kink of a function")
        return self.germ(self.below.step(u.value))

    def floor(self, u: Germ) -> Germ:
        """Whether a limit is an integer, where the function jumps, cannot be told of an expression."""
        if u.infinite:
            return u
        if not u.exact:
            raise CannotDecide("a limit may lie where floor jumps")
        return Germ(self, self.below.floor(u.value), exact=True)

    def equal(self, a: Germ, b: Germ) -> Germ:
        if a.infinite or b.infinite or not (a.exact and b.exact):
            raise CannotDecide("whether two expressions are equal cannot be told from their limits")
        return self.germ(self.below.equal(a.value, b.value))

    def is_zero(self, u: Germ) -> bool:
        return not u.infinite and self.below.is_zero(u.value)

    def sign(self, u: Germ) -> int:
        return u.infinite or self.below.sign(u.value)


def prove_limit(cell: Recurrence, claim: Limit, budget: int | Allowance) -> Proof:
    """Prove that a value of a cell tends to an expression.

    Raises
    ------
    Refutation
        If the limit is another one, or infinite.
    Undecided
        If it is of a form on which the theorems on limits say nothing.
    ProofError, EquationError
    """
    recurrence = edited(cell, claim.where)
    program = recurrence.program
    for name in (claim.of, claim.parameter):
        if name not in program:
            raise ProofError(f"'{claim.text}' speaks of {name}, which the cell does not have: correct the name.")
    if claim.to not in ("oo", "-oo"):
        raise ProofError(f"'{claim.text}' goes to {claim.to!r}: write oo or -oo.")
    sizes = pairwise_sizes(program)
    part, result = expression_part(recurrence, claim.equals)
    shape = shape_of(program, claim.of, sizes)
    given = {n: shape_of(program, n, sizes) for n in program.sources if program[n].role not in NUMBERS}
    if claim.parameter not in given:
        raise ProofError(f"'{claim.text}' takes {claim.parameter} to infinity, which is computed: name a parameter.")

    def sides(algebra: Algebra) -> Iterator[Entry]:
        entries = entries_of(str, claim.parameter, given[claim.parameter])
        limits = Limits(algebra, dict.fromkeys(entries.flat, 1 if claim.to == "oo" else -1))
        values = carry_out(program, {n: entries_of(limits.symbol, n, s) for n, s in given.items()}, sizes, limits)
        right = carry_out(part, values, sizes, limits)[result]
        if right.shape not in ((), shape):
            raise ProofError(
                f"'{claim.text}' compares {claim.of} of shape {shape} with the shape {right.shape}: mend it."
            )
        for label, found, expected in array_entries(claim.of, values[claim.of], np.broadcast_to(right, shape)):
            yield label, *_compared(claim, label, limits.germ(found), limits.germ(expected))

    try:
        return decide(claim.text, sides, off_kinks=off_kinks(program), budget=budget)
    except CannotDecide as reason:
        raise Undecided(f"neither proven nor refuted: {claim.text}. {str(reason).capitalize()}") from reason


def _compared(claim: Limit, label: str, found: Germ, expected: Germ) -> tuple[Value, Value]:
    """The finite values of both sides."""
    if expected.infinite:
        raise ProofError(f"'{claim.text}' compares with {claim.equals}, which is infinite: state a finite limit.")
    if found.infinite:
        raise Refutation(claim.text, label, "oo" if found.infinite > 0 else "-oo", claim.equals)
    return found.value, expected.value
