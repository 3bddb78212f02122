"""A prime field with generic functions: an identity between expressions is tested at random points of it.

exp, log, sin, cos, erf and step are oracles: pseudo-random functions of the field that keep the relations on which
identities rest: exp(a + b) = exp(a) exp(b), exp(log u) = u, log(1/u) = -log(u), sin² + cos² = 1, odd and even
symmetry, step(-u) = 1 - step(u). So that exp can be a homomorphism, a number carries beside its value a linear
combination of atoms (products of random values) with rational coefficients; exp of it is a product of powers.

If two sides differ as functions of the generators, they agree at a random point with probability at most d/p, where d
is the degree that `Number.degree` counts (Schwartz 1980, Zippel 1979). Equal values therefore mean: equal, but for
`PrimeField.error_bound`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor, isqrt
from typing import Any

from gatedsym.calculus.proof.algebra import CannotDecide

PRIME = 2**521 - 1
"""p = 3 mod 4: the square roots of a residue u are ±u**((p+1)/4)."""

_FINENESS = 2**10 * 3**4 * 5**6 * 7**2 * 11 * 13
"""exp(atom) is a random unit to this power, so that exp(q atom) exists for every q whose denominator divides it."""

_TERM_LIMIT = 64
"""A linear combination with more terms becomes one atom: the test may then miss an identity, never invent one."""

Terms = Mapping[int, Fraction | int]


class NonResidue(CannotDecide):
    """The square root of a value does not exist in the field: another point is needed."""


class Number:
    """A value of the field, with the linear combination that it came from.

    Attributes
    ----------
    value : int
    terms : mapping of int to Fraction
        Atoms (values of the field, the smaller of v and -v) with coefficients; their sum is the value.
    degree : int
        Bound of numerator's and denominator's degree as a rational function of the random draws.
    """

    __slots__ = ("degree", "terms", "value")

    def __init__(self, value: int, terms: Terms, degree: int) -> None:
        self.value, self.terms, self.degree = value, terms, degree

    @staticmethod
    def atom(value: int, degree: int) -> Number:
        """A number that is an atom of its own."""
        value %= PRIME
        return Number(value, _atom(value), degree)

    @staticmethod
    def of(value: Any) -> Number:
        """A number from a number, an int or a Fraction."""
        if isinstance(value, Number):
            return value
        number = Fraction(value)
        residue = number.numerator * pow(number.denominator, -1, PRIME) % PRIME
        return Number(residue, {1: number} if number else {}, 0)

    # With anything else than a number, such as an array of them, the other operand decides.

    def __add__(self, other: Any) -> Number:
        if not isinstance(other, _SCALARS):
            return NotImplemented
        b = Number.of(other)
        value = (self.value + b.value) % PRIME
        if len(self.terms) + len(b.terms) > _TERM_LIMIT:
            return Number.atom(value, self.degree + b.degree)
        terms = dict(self.terms)
        for atom, coefficient in b.terms.items():
            total = terms.get(atom, 0) + coefficient
            if total:
                terms[atom] = total
            else:
                del terms[atom]
        return Number(value, terms, self.degree + b.degree)

    __radd__ = __add__

    def __neg__(self) -> Number:
        return Number(-self.value % PRIME, {a: -c for a, c in self.terms.items()}, self.degree)

    def __sub__(self, other: Any) -> Number:
        difference: Number = self + (-other)
        return difference

    def __rsub__(self, other: Any) -> Number:
        difference: Number = -self + other
        return difference

    def __mul__(self, other: Any) -> Number:
        if not isinstance(other, _SCALARS):
            return NotImplemented
        b = Number.of(other)
        value, degree = self.value * b.value % PRIME, self.degree + b.degree
        if len(self.terms) * len(b.terms) > _TERM_LIMIT:
            return Number.atom(value, degree)
        terms: dict[int, Fraction | int] = {}
        for atom_a, coefficient_a in self.terms.items():
            for atom_b, coefficient_b in b.terms.items():
                ((atom, sign),) = _atom(atom_a * atom_b % PRIME).items()
                total = terms.get(atom, 0) + sign * coefficient_a * coefficient_b
                if total:
                    terms[atom] = total
                else:
                    del terms[atom]
        return Number(value, terms, degree)

    __rmul__ = __mul__

    def inverse(self) -> Number:
        """1 / self."""
        if not self.value:
            raise ZeroDivisionError("an identity test divides by an expression that is 0: check the equations")
        value = pow(self.value, -1, PRIME)
        if len(self.terms) != 1:
            return Number.atom(value, self.degree)
        ((atom, coefficient),) = self.terms.items()
        ((opposite, sign),) = _atom(pow(atom, -1, PRIME)).items()
        return Number(value, {opposite: sign / Fraction(coefficient)}, self.degree)

    def __truediv__(self, other: Any) -> Number:
        return self * Number.of(other).inverse() if isinstance(other, _SCALARS) else NotImplemented

    def __rtruediv__(self, other: Any) -> Number:
        quotient: Number = self.inverse() * other
        return quotient

    def __pow__(self, exponent: int) -> Number:
        base = self if exponent >= 0 else self.inverse()
        result, exponent = Number.of(1), abs(exponent)
        while exponent:
            result = result * base if exponent & 1 else result
            exponent >>= 1
            base = base * base if exponent else base
        return result

    @property
    def rational(self) -> Fraction | None:
        """The number as a rational if it is one by construction."""
        if not self.terms:
            return Fraction(0)
        return Fraction(self.terms[1]) if self.terms.keys() == {1} else None


_SCALARS = (Number, int, Fraction)


def _atom(value: int) -> Terms:
    """The canonical atom of a value: the smaller of v and -v, with its sign."""
    if not value:
        return {}
    return {value: 1} if value <= PRIME // 2 else {PRIME - value: -1}


@dataclass
class PrimeField:
    """One random point of the field, and the oracles there.

    Attributes
    ----------
    seed : int
        Which point.
    pattern : int
        Bit number k is the value of the k-th step that is met.
    """

    seed: int = 0
    pattern: int = 0
    _symbols: dict[str, Number] = field(default_factory=dict)
    _logarithms: dict[int, Number] = field(default_factory=dict)
    _exponentials: dict[int, Number] = field(default_factory=dict)
    _steps: dict[int, int] = field(default_factory=dict)
    keys: int = 0
    roots: int = 0
    largest_degree: int = 0

    def _draw(self, kind: str, key: object) -> int:
        """A pseudo-random unit that belongs to (point, kind, key)."""
        self.keys += 1
        text = f"{self.seed}|{kind}|{key}".encode()
        digest = hashlib.blake2b(text, digest_size=64).digest() + hashlib.blake2b(b"+" + text, digest_size=64).digest()
        return int.from_bytes(digest) % (PRIME - 1) + 1

    def _met(self, u: Number) -> None:
        """Remember the degree of an oracle's key: two keys must not meet by accident."""
        self.largest_degree = max(self.largest_degree, u.degree)

    @property
    def kinks(self) -> int:
        """How many steps were met."""
        return len(self._steps)

    def error_bound(self, residuals: Iterable[Number]) -> float:
        """How likely it is at most that residuals which are not all zero as functions are zero at this point."""
        degree = sum(r.degree for r in residuals)
        collisions = self.keys * self.keys * self.largest_degree
        # Each root doubles the degree of the norm over the field, and half of all points are thrown away for it.
        bound = Fraction((degree + collisions) << (2 * self.roots), PRIME)
        return float(min(bound, Fraction(1)))

    # The operations of an Algebra.

    def rational(self, number: Fraction) -> Number:
        return Number.of(number)

    def symbol(self, name: str) -> Number:
        if name not in self._symbols:
            self._symbols[name] = Number.atom(self._draw("symbol", name), 1)
        return self._symbols[name]

    def pi(self) -> Number:
        return self.symbol("pi ")

    def is_zero(self, u: Number) -> bool:
        return not u.value

    def sign(self, u: Number) -> int:
        """Of a rational number; 0 for everything else."""
        number = u.rational or 0
        return (number > 0) - (number < 0)

    def exp(self, u: Number, plain: bool = False) -> Number:
        """Product of the atoms' units to the powers that the linear combination says."""
        self._met(u)
        result, degree = 1, 0
        factor = Number.of(1)
        for atom, coefficient in u.terms.items():
            whole = Fraction(coefficient)
            if atom in self._exponentials and whole.denominator == 1:
                factor = factor * self._exponentials[atom] ** int(whole)
                continue
            power = whole * _FINENESS
            if power.denominator != 1:
                raise CannotDecide(f"exp of {whole} times an expression: the fraction is too fine for an identity test")
            result = result * pow(self._draw("exp", atom), int(power), PRIME) % PRIME
            degree += abs(int(power))
        value = Number.atom(result, degree) * factor
        self._logarithms.setdefault(value.value, u)
        self._logarithms.setdefault(pow(value.value, -1, PRIME), -u)
        return value

    def log(self, u: Number) -> Number:
        if not u.value:
            raise CannotDecide("log(0) occurs: check the equations")
        self._met(u)
        if u.value not in self._logarithms:
            inverse = pow(u.value, -1, PRIME)
            canonical = u if u.value < inverse else u.inverse()
            made = Number.atom(self._draw("log", canonical.value), 1)
            ((atom, sign),) = made.terms.items()
            self._exponentials[atom] = canonical ** int(sign)
            self._logarithms[canonical.value] = made
            self._logarithms[pow(canonical.value, -1, PRIME)] = -made
        return self._logarithms[u.value]

    def root(self, u: Number, degree: int) -> Number:
        if degree != 2:
            raise CannotDecide(f"roots of degree {degree} do not exist in the field")
        if not u.value:
            return u
        number = u.rational
        if number is not None and number > 0:
            above, below = isqrt(number.numerator), isqrt(number.denominator)
            if Fraction(above * above, below * below) == number:
                return Number.of(Fraction(above, below))  # the positive one, as other algebras have it
        self._met(u)
        root = pow(u.value, (PRIME + 1) // 4, PRIME)
        if root * root % PRIME != u.value:
            raise NonResidue("a square root does not exist at this point")
        self.roots += u.rational is None
        return Number.atom(root, u.degree)

    def _half_angle(self, u: Number) -> tuple[Number, int]:
        self._met(u)
        ((atom, sign),) = _atom(u.value).items()
        return Number.atom(self._draw("angle", atom), 1), int(sign)

    def sin(self, u: Number) -> Number:
        if not u.value:
            return u
        t, sign = self._half_angle(u)
        return 2 * sign * t / (1 + t * t)

    def cos(self, u: Number) -> Number:
        if not u.value:
            return Number.of(1)
        t, _ = self._half_angle(u)
        return (1 - t * t) / (1 + t * t)

    def erf(self, u: Number) -> Number:
        if not u.value:
            return u
        self._met(u)
        ((atom, sign),) = _atom(u.value).items()
        return Number.atom(self._draw("erf", atom), 1) * sign

    def step(self, u: Number) -> Number:
        """A bit of the pattern for each argument, up to sign and positive numbers as factors."""
        number = u.rational
        if number is not None:
            return Number.of(int(number > 0))
        self._met(u)
        lead = Fraction(u.terms[min(u.terms)])
        key = (u / abs(lead)).value
        opposite = PRIME - key
        canonical = key if lead > 0 else opposite
        place = self._steps.setdefault(canonical, len(self._steps))
        bit = (self.pattern >> place) & 1
        return Number.of(bit if lead > 0 else 1 - bit)

    def floor(self, u: Number) -> Number:
        """An unknown function but for numbers."""
        number = u.rational
        if number is not None:
            return Number.of(floor(number))
        self._met(u)
        return Number.atom(self._draw("floor", u.value), 1)

    def equal(self, a: Number, b: Number) -> Number:
        self._met(a - b)
        return Number.of(int(a.value == b.value))


@dataclass(frozen=True)
class Outcome:
    """What an identity test found.

    Attributes
    ----------
    failed : tuple of str
        Labels of entries whose sides differ at some point.
    points : int
        At how many points the sides were compared.
    error_bound : float
        How likely it is at most that sides which differ were found equal everywhere.
    """

    failed: tuple[str, ...]
    points: int
    error_bound: float


MOST_STEPS = 7
"""Up to so many steps all their patterns are tried, 2**7 at most; beyond it there is no test."""

_TRIALS = 256


def check_identity(residuals: Callable[[PrimeField], Mapping[str, Number]]) -> Outcome:
    """Compare at a random point; if there are steps, at one for every pattern of their values.

    Parameters
    ----------
    residuals : callable
        For a point the difference of the two sides for each label.

    Raises
    ------
    CannotDecide
        If there are too many steps, or no point was found at which all roots exist.
    """
    failed: dict[str, None] = {}
    bound, points, most = 0.0, 0, 0
    while points < 2**most:
        place, found = _at_some_point(residuals, points)
        # A step met late may hide behind others: whatever the pattern, none beyond `most` is left at 0 untried.
        most = max(most, place.kinks)
        if most > MOST_STEPS:
            raise CannotDecide(f"an identity test over {most} branches would need 2**{most} points")
        points += 1
        failed.update(dict.fromkeys(label for label, r in found.items() if r.value))
        bound += place.error_bound(found.values())
    return Outcome(tuple(failed), points, min(1.0, bound))


def _at_some_point(
    residuals: Callable[[PrimeField], Mapping[str, Number]], pattern: int
) -> tuple[PrimeField, Mapping[str, Number]]:
    """The residuals at the first point of this pattern's series at which all square roots exist."""
    for trial in range(_TRIALS):
        place = PrimeField(pattern * _TRIALS + trial, pattern)
        try:
            return place, residuals(place)
        except NonResidue:
            continue
    raise CannotDecide(f"no point among {_TRIALS} has all the square roots that an identity test needs")
