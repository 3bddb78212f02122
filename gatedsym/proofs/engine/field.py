"""A prime field with generic functions: an identity between expressions is tested at random points of it.

exp, log, sin, cos, atan, erf and step are oracles: pseudo-random functions of the field that keep the relations on
which identities rest: exp(a + b) = exp(a) exp(b), exp(log u) = u, log(1/u) = -log(u), sin² + cos² = 1, odd and even
symmetry, step(-u) = 1 - step(u). So that exp can be a homomorphism, a number carries beside its value a linear
combination of atoms (products of random values) with rational coefficients; exp of it is a product of powers.

If two sides differ as functions of the generators, they agree at a random point with probability at most d/p, where d
is the degree that `Number.degree` counts (Schwartz 1980, Zippel 1979). Equal values therefore mean: equal, but for
`PrimeField.error_bound`.

Roots are met in two ways. First each is an unknown function of its argument, but for root(1/u) = 1/root(u) and positive
factors: what holds for every such function holds for the principal root, and the bound is the one above. What needs to
know that root(u)² = u is tried again with square roots of the field. Those have a sign, which the reals have as well:
sqrt(a²) is a where a is a residue, and |a| is a where a > 0. Over the field that the k roots generate, what is true of
one choice of signs may be false of another; a real point belongs to one of at most 2**k choices that occur,
and so does a point of the field, to each that occurs with probability 2**-k at least: every root takes one binary
decision, whether its argument is a residue or, where it is a square v², whether v is one, and both ways are as likely
(Weil 1948). So sides that differ on some reals differ at one point in 2**k, and N points that agree are
wrong with probability (1 - 2**-k)**N at most; N is chosen so that this is below 1e-19. Numbers alone take no random
decision: p is such that the primes below 200 are residues, and whoever asks must compare at real points as well
(`Outcome.on_reals`).

Steps are met in two ways as well. First each is an unknown function of its argument, but for step(u step(u)) = step(u)
(of a rectified value) and, where no step is in u that can make it 0, step(-u) = 1 - step(u): what holds for every such
function holds for 0 and 1, and one point is enough for any number of steps. What needs to know more, that
step(u)² = step(u), is tried again at a point for every pattern of zeros and ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import exp, floor, isqrt
from typing import Any

from sympy import primorial

from gatedsym.proofs.engine.algebra import BudgetExceeded, CannotDecide

_RESIDUES = 4 * 271 * int(primorial(199, nth=False))

PRIME = (2**521 // _RESIDUES - 17) * _RESIDUES - 1
"""p = 3 mod 4: the square roots of a residue u are ±u**((p+1)/4), one of them a residue itself.

p = -1 modulo 8 and every odd prime below 200: these are residues, as positive numbers are squares of reals (271 is in
the coefficient of gelu).
"""

_FINENESS = 2**10 * 3**4 * 5**6 * 7**2 * 11 * 13
"""exp(atom) is a random unit to this power, so that exp(q atom) exists for every q whose denominator divides it."""

_TERM_LIMIT = 64
"""A linear combination with more terms becomes one atom: the test may then miss an identity, never invent one."""

Terms = Mapping[int, Fraction | int]

_Made = tuple[Callable[..., "Terms"], tuple["Number", ...]]
"""How a linear combination follows from those of operands, and these."""


class NonResidue(CannotDecide):
    """The square root of a value does not exist in the field: another point is needed."""


class StepsDecide(CannotDecide):
    """Questions about a point depend on the values of steps, which are unknown there."""


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

    __slots__ = ("_made", "_terms", "degree", "value")

    def __init__(self, value: int, terms: Terms | _Made, degree: int) -> None:
        self.value, self.degree = value, degree
        self._terms: Terms | None = None if isinstance(terms, tuple) else terms
        self._made: _Made | None = terms if isinstance(terms, tuple) else None

    @property
    def terms(self) -> Terms:
        """The linear combination; worked out when it is asked for, since most numbers never stand in a function."""
        stack = [self]
        while stack:  # no recursion: sums can be long
            top = stack[-1]
            if top._made is None:
                stack.pop()
                continue
            combine, operands = top._made
            open_ones = [o for o in operands if o._made is not None]
            if open_ones:
                stack += open_ones
                continue
            top._terms, top._made = combine(top.value, *(o._terms for o in operands)), None
        assert self._terms is not None
        return self._terms

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
        return Number(residue, {1: _whole(number)} if number else {}, 0)

    # With anything else than a number, such as an array of them, the other operand decides.

    def __add__(self, other: Any) -> Number:
        if not isinstance(other, _SCALARS):
            return NotImplemented
        b = Number.of(other)
        return Number((self.value + b.value) % PRIME, (_sum, (self, b)), self.degree + b.degree)

    __radd__ = __add__

    def __neg__(self) -> Number:
        return Number(-self.value % PRIME, (_negative, (self,)), self.degree)

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
        return Number(self.value * b.value % PRIME, (_product, (self, b)), self.degree + b.degree)

    __rmul__ = __mul__

    def inverse(self) -> Number:
        """1 / self."""
        if not self.value:
            raise ZeroDivisionError("an identity test divides by an expression that is 0: check the equations.")
        return Number(pow(self.value, -1, PRIME), (_inverse, (self,)), self.degree)

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


def _whole(number: Fraction) -> Fraction | int:
    """The number as an int if it is one: most coefficients are, and ints are ten times as fast."""
    return number.numerator if number.denominator == 1 else number


def _atom(value: int) -> Terms:
    """The canonical atom of a value: the smaller of v and -v, with its sign."""
    if not value:
        return {}
    return {value: 1} if value <= PRIME // 2 else {PRIME - value: -1}


def _sum(value: int, a: Terms, b: Terms) -> Terms:
    if len(a) + len(b) > _TERM_LIMIT:
        return _atom(value)
    terms = dict(a)
    for atom, coefficient in b.items():
        _add(terms, atom, coefficient)
    return terms


def _add(terms: dict[int, Fraction | int], atom: int, coefficient: Fraction | int) -> None:
    """Add a multiple of an atom to a linear combination, in place; what cancels goes."""
    total = terms.get(atom, 0) + coefficient
    if total:
        terms[atom] = total
    else:
        del terms[atom]


def _negative(_: int, a: Terms) -> Terms:
    return {atom: -coefficient for atom, coefficient in a.items()}


def _product(value: int, a: Terms, b: Terms) -> Terms:
    if len(a) * len(b) > _TERM_LIMIT:
        return _atom(value)
    terms: dict[int, Fraction | int] = {}
    for atom_a, coefficient_a in a.items():
        for atom_b, coefficient_b in b.items():
            ((atom, sign),) = _atom(atom_a * atom_b % PRIME).items()
            _add(terms, atom, sign * coefficient_a * coefficient_b)
    return terms


def _inverse(value: int, a: Terms) -> Terms:
    if len(a) != 1:
        return _atom(value)
    ((atom, coefficient),) = a.items()
    ((opposite, sign),) = _atom(pow(atom, -1, PRIME)).items()
    return {opposite: _whole(sign / Fraction(coefficient))}


@dataclass(frozen=True)
class FreeSteps:
    """Steps as unknown functions.

    Attributes
    ----------
    draw : int
        Which functions.
    elsewhere : sequence of int
        The arguments of all steps, in order, at the same point with other functions: those that are the same do not
        depend on steps.
    """

    draw: int = 0
    elsewhere: Sequence[int] = ()

    def is_free_of_steps(self, number: int, key: int) -> bool:
        """Whether the argument of a step, by its number, is known to depend on no step."""
        return number < len(self.elsewhere) and self.elsewhere[number] == key


@dataclass
class PrimeField:
    """One random point of the field, and the oracles there.

    Attributes
    ----------
    seed : int
        Which point.
    pattern : int
        Bit number k is the value of the k-th step that is met.
    free_roots : bool
        Whether a root is an unknown function of its argument, or a square root of the field.
    free_steps : FreeSteps, optional
        How a step is an unknown function of its argument; the bit of the pattern where this is not given.
    """

    seed: int = 0
    pattern: int = 0
    free_roots: bool = False
    free_steps: FreeSteps | None = None
    _symbols: dict[str, Number] = field(default_factory=dict)
    _logarithms: dict[int, Number] = field(default_factory=dict)
    _exponentials: dict[int, Number] = field(default_factory=dict)
    _steps: dict[int, int] = field(default_factory=dict)
    _unknown_steps: dict[int, Number] = field(default_factory=dict)
    step_keys: list[int] = field(default_factory=list)
    _roots: set[int] = field(default_factory=set)
    keys: int = 0
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
        """Number of step functions met."""
        return len(self._steps)

    @property
    def roots(self) -> int:
        """Number of roots of different arguments met, numbers aside."""
        return len(self._roots)

    def error_bound(self, residuals: Iterable[Number]) -> float:
        """Bound on the probability that residuals which are not all zero as functions are zero at this point."""
        degree = sum(r.degree for r in residuals)
        collisions = self.keys * self.keys * self.largest_degree
        # Each square root of the field doubles the degree of the norm, and half of all points are thrown away for it.
        doublings = 0 if self.free_roots else 2 * self.roots
        bound = Fraction((degree + collisions) << doublings, PRIME)
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
                raise CannotDecide(f"Exp of {whole} times an expression: the fraction is too fine for an identity test")
            result = result * pow(self._draw("exp", atom), int(power), PRIME) % PRIME
            degree += abs(int(power))
        value = Number.atom(result, degree) * factor
        self._logarithms.setdefault(value.value, u)
        self._logarithms.setdefault(pow(value.value, -1, PRIME), -u)
        return value

    def log(self, u: Number) -> Number:
        if not u.value:
            raise CannotDecide("The logarithm of 0 occurs: check the equations")
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
        """The principal root: of numbers exactly, of the rest as `free_roots` says."""
        if not u.value:
            return u
        number = u.rational
        if number is not None:
            return self._root_of_number(u, number, degree)
        self._met(u)
        self._roots.add(u.value)
        if self.free_roots:
            content = abs(Fraction(u.terms[min(u.terms)]))
            scale = self._root_of_number(Number.of(content), content, degree)
            return scale * self._free_root(u / content, degree)
        if degree != 2:
            raise CannotDecide(f"Roots of degree {degree} do not exist in the field")
        return self._square_root(u)

    def _square_root(self, u: Number) -> Number:
        root = pow(u.value, (PRIME + 1) // 4, PRIME)
        if root * root % PRIME != u.value:
            raise NonResidue("A square root does not exist at this point")
        return Number.atom(root, u.degree)

    def _root_of_number(self, u: Number, number: Fraction, degree: int) -> Number:
        if number < 0:
            raise CannotDecide(f"The root of the negative number {number} occurs: check the equations")
        if degree != 2:
            return u if number == 1 else self._free_root(u, degree)
        above, below = isqrt(number.numerator), isqrt(number.denominator)
        if Fraction(above * above, below * below) == number:
            return Number.of(Fraction(above, below))  # the positive one, as other algebras have it
        try:
            return self._square_root(u)
        except NonResidue:
            if not self.free_roots:
                raise
            return self._free_root(u, degree)

    def _free_root(self, u: Number, degree: int) -> Number:
        """An unknown function r of u with r(1/u) = 1/r(u)."""
        inverse = pow(u.value, -1, PRIME)
        made = Number.atom(self._draw(f"root {degree}", min(u.value, inverse)), 1)
        return made if u.value <= inverse else made.inverse()

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

    def atan(self, u: Number) -> Number:
        return self._odd("atan", u)

    def erf(self, u: Number) -> Number:
        return self._odd("erf", u)

    def _odd(self, kind: str, u: Number) -> Number:
        """An unknown odd function."""
        if not u.value:
            return u
        self._met(u)
        ((atom, sign),) = _atom(u.value).items()
        return Number.atom(self._draw(kind, atom), 1) * sign

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
        if self.free_steps is not None:
            return self._free_step(key, u, self.free_steps)
        place = self._steps.setdefault(canonical, len(self._steps))
        bit = (self.pattern >> place) & 1
        return Number.of(bit if lead > 0 else 1 - bit)

    def _free_step(self, key: int, u: Number, steps: FreeSteps) -> Number:
        """An unknown function s with s(u s(u)) = s(u), and s(-u) = 1 - s(u) where no step in u can make it 0."""
        odd = steps.is_free_of_steps(len(self.step_keys), key)
        self.step_keys.append(key)
        if key not in self._unknown_steps:
            other = self._unknown_steps.get(PRIME - key) if odd else None
            made = Number.atom(self._draw(f"step {steps.draw}", key), 1) if other is None else 1 - other
            self._unknown_steps[key] = made
            rectified = made * u
            lead = abs(Fraction(rectified.terms[min(rectified.terms)]))
            self._unknown_steps[(rectified / lead).value] = made
        return self._unknown_steps[key]

    def floor(self, u: Number) -> Number:
        """An unknown function but for numbers."""
        number = u.rational
        if number is not None:
            return Number.of(floor(number))
        self._met(u)
        return Number.atom(self._draw("floor", u.value), 1)

    def equal(self, a: Number, b: Number) -> Number:
        self._met(a - b)
        if self._unknown_steps and a.value != b.value:
            raise StepsDecide("Whether two values are equal may depend on steps")
        return Number.of(int(a.value == b.value))


@dataclass(frozen=True)
class Outcome:
    """Findings of an identity test.

    Attributes
    ----------
    failed : tuple of str
        Labels of entries whose sides differ at some point.
    points : int
        At how many points the sides were compared.
    error_bound : float
        Bound on the probability that sides which differ were found equal everywhere.
    on_reals : bool
        Whether the bound speaks of sides that are compared at real points too: square roots of numbers have a sign
        that no random point changes.
    """

    failed: tuple[str, ...]
    points: int
    error_bound: float
    on_reals: bool = False


MOST_STEPS = 9
"""Up to so many steps all their patterns are tried, 2**9 at most; beyond it there is no test."""

_TRIALS = 256

MOST_ROOTS = 4
"""Up to so many square roots whose signs matter are tested."""

_ALL_POINTS = 1 << 20

_MISSED = 45
"""Points for each choice of signs: all of them miss one choice with probability exp(-45) at most."""


def check_identity(residuals: Callable[[PrimeField], Mapping[str, Number]], most_points: int = _ALL_POINTS) -> Outcome:
    """Compare at a random point, with unknown functions in place of steps and roots.

    Where the sides agree, that is all. Else they are compared at one point for every pattern of the steps' values; then
    with square roots of the field, at so many points that every choice of their signs is met.

    Parameters
    ----------
    residuals : callable
        For a point the difference of the two sides for each label.
    most_points : int
        At how many points they may be compared.

    Raises
    ------
    CannotDecide
        If there are too many steps or roots, or no point was found at which all roots exist.
    """
    outcome = _for_unknown_functions(residuals)
    if outcome is not None:
        return outcome
    outcome, roots = _over_patterns(residuals, free_roots=True, most_points=most_points)
    if not outcome.failed or not roots:
        return outcome
    if roots > MOST_ROOTS:
        raise CannotDecide(f"The sides differ as functions of {roots} roots, too many for all choices of their signs")
    points = _MISSED << roots
    outcome, roots_met = _over_patterns(residuals, free_roots=False, points=points, most_points=most_points)
    if roots_met > roots:
        raise CannotDecide("Other roots occur at other points")
    return Outcome(outcome.failed, outcome.points, min(1.0, exp(-_MISSED) + outcome.error_bound), on_reals=True)


def _for_unknown_functions(residuals: Callable[[PrimeField], Mapping[str, Number]]) -> Outcome | None:
    """The outcome at one point for unknown steps and roots, if that is all it takes."""
    steps = FreeSteps()
    for draw in (1, 2):
        try:
            place, found = _at_some_point(residuals, 0, 0, free_roots=True, free_steps=steps)
        except StepsDecide:
            return None
        if not _different(found):
            return Outcome((), draw, min(1.0, place.error_bound(found.values())))
        if not place.step_keys:
            return None
        steps = FreeSteps(draw, place.step_keys)
    return None


def _over_patterns(
    residuals: Callable[[PrimeField], Mapping[str, Number]],
    free_roots: bool,
    points: int = 1,
    most_points: int = _ALL_POINTS,
) -> tuple[Outcome, int]:
    """The outcome over all patterns of the steps, some points for each, up to the first failure; and the roots met."""
    failed: dict[str, None] = {}
    bound, patterns, most, roots = 0.0, 0, 0, 0
    while patterns < 2**most:
        for number in range(points):
            place, found = _at_some_point(residuals, patterns, number, free_roots)
            # A step met late may hide behind others: whatever the pattern, none beyond `most` is left at 0 untried.
            most, roots = max(most, place.kinks), max(roots, place.roots)
            if most > MOST_STEPS:
                raise CannotDecide(f"An identity test over {most} branches would need 2**{most} points")
            if points << most > most_points:
                raise BudgetExceeded(
                    f"An identity test would need {points << most} points, and its budget of operations ends after "
                    f"{most_points}"
                )
            failed.update(dict.fromkeys(_different(found)))
            bound += place.error_bound(found.values())
            if failed and not free_roots:
                break
        patterns += 1
    return Outcome(tuple(failed), patterns * points, min(1.0, bound)), roots


def _different(residuals: Mapping[str, Number]) -> tuple[str, ...]:
    """Labels of entries whose sides differ at a point."""
    return tuple(label for label, residual in residuals.items() if residual.value)


def _at_some_point(
    residuals: Callable[[PrimeField], Mapping[str, Number]],
    pattern: int,
    number: int,
    free_roots: bool,
    free_steps: FreeSteps | None = None,
) -> tuple[PrimeField, Mapping[str, Number]]:
    """The residuals at the first point of this pattern's series at which all square roots exist."""
    for trial in range(_TRIALS):
        seed = (pattern * (_MISSED << MOST_ROOTS) + number) * _TRIALS + trial
        place = PrimeField(seed, pattern, free_roots, free_steps)
        try:
            return place, residuals(place)
        except NonResidue:
            continue
    raise CannotDecide(f"No point among {_TRIALS} has all the square roots that an identity test needs")
