"""Exact normal forms: every expression of a cell as a quotient of polynomials in entries and transcendental generators.

The generator of an exponential is the logistic S = 1/(1 + exp(-v)): exp(v) = S/(1 - S), tanh(u) = 2 S(2u) - 1. So gates
and their derivatives, S (1 - S), are polynomials, and a step of an LSTM with its gradient has no denominator at all.
The arguments of the exponentials are kept linearly independent over the rationals: exp(a + b) is exp(a) exp(b), and no
relation between the generators is missed that comes from there.

log, roots (r**q = u), sin and cos (s**2 + c**2 = 1), atan, erf and step (s**2 = s, step(-u) = 1 - step(u)) have a
generator for each argument; two arguments are the same if their difference has the normal form 0.

If a difference has the normal form 0, it is zero wherever both sides are defined (logarithms: of positive arguments;
roots: of arguments that are not negative, so that sqrt(a**2) is |a|; steps: off their kinks). The converse does not
hold for roots, logarithms and steps of related arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import floor, gcd, lcm
from typing import Any, TypeVar

import sympy as sp

from gatedsym.proofs.engine.algebra import BudgetExceeded, CannotDecide
from gatedsym.proofs.engine.budgets import DEFAULT_BUDGET
from gatedsym.proofs.engine.polynomial import (
    BITS,
    DEGREE_LIMIT,
    Budget,
    Polynomial,
    combine,
    common_monomial,
    divide_exactly,
    exponent_in,
    exponents,
    generator_monomial,
    least_common_multiple,
    multiply,
    primitive,
)

_FACTORED_TERMS = 12
"""Up to so many terms an argument of a root is factored: of sqrt(a**2 b) the root is |a| sqrt(b)."""

_EXACT_DIVISION_TERMS = 120
"""Above this many terms no exact division by a denominator is tried: it only keeps forms small."""

Coefficient = int | Fraction
_ZERO, _ONE = Fraction(0), Fraction(1)

Factors = tuple[tuple[int, int], ...]
"""(number of the factor, power), sorted: the part of a denominator that is no monomial."""


class Refinement(Exception):  # noqa: N818 (a signal between Tower and in_tower, no error)
    """An exponential is a root of one that has a generator: start again with a finer generator."""

    def __init__(self, generator: int, divisor: int) -> None:
        self.generator, self.divisor = generator, divisor
        super().__init__(generator, divisor)


class Form:
    """scale * numerator / (monomial * factors): an element of a Tower; the numerator has integer coefficients."""

    __slots__ = ("degree", "factors", "monomial", "numerator", "scale", "tower")

    def __init__(
        self,
        tower: Tower,
        numerator: Polynomial,
        monomial: int = 0,
        factors: Factors = (),
        degree: int = 0,
        scale: Fraction = _ONE,
    ) -> None:
        self.tower, self.numerator, self.monomial = tower, numerator, monomial
        self.factors, self.degree, self.scale = factors, degree, scale

    # With anything else, such as an array of forms, the other operand decides.

    def __add__(self, other: Any) -> Form:
        if not isinstance(other, _SCALARS):
            return NotImplemented
        return self.tower.sum(self, self.tower.form(other), 1)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Form:
        if not isinstance(other, _SCALARS):
            return NotImplemented
        return self.tower.sum(self, self.tower.form(other), -1)

    def __rsub__(self, other: Any) -> Form:
        difference: Form = -self + other
        return difference

    def __neg__(self) -> Form:
        return self.scaled(-1)

    def __mul__(self, other: Any) -> Form:
        if not isinstance(other, _SCALARS):
            return NotImplemented
        return self.scaled(other) if not isinstance(other, Form) else self.tower.product(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Form:
        if not isinstance(other, _SCALARS):
            return NotImplemented
        return self * self.tower.inverse(self.tower.form(other))

    def __rtruediv__(self, other: Any) -> Form:
        quotient: Form = self.tower.inverse(self) * other
        return quotient

    def __pow__(self, exponent: int) -> Form:
        base = self if exponent >= 0 else self.tower.inverse(self)
        result, exponent = self.tower.one, abs(exponent)
        while exponent:
            result = result * base if exponent & 1 else result
            exponent >>= 1
            base = base * base if exponent else base
        return result

    def scaled(self, factor: Coefficient) -> Form:
        """The form times a number."""
        if not factor:
            return self.tower.zero
        return Form(self.tower, self.numerator, self.monomial, self.factors, self.degree, self.scale * factor)

    @property
    def is_zero(self) -> bool:
        return not self.numerator

    @property
    def number(self) -> Fraction | None:
        """The value if this is a number, else None."""
        if not self.numerator:
            return Fraction(0)
        if self.monomial or self.factors or len(self.numerator) > 1 or 0 not in self.numerator:
            return None
        return self.scale * self.numerator[0]

    @property
    def lead(self) -> Fraction:
        """The coefficient of the numerator's first monomial."""
        return self.scale * self.numerator[max(self.numerator)]

    @property
    def terms(self) -> dict[int, Fraction]:
        """The numerator with the scale multiplied in."""
        return {m: self.scale * c for m, c in self.numerator.items()}

    @property
    def key(self) -> tuple[frozenset[tuple[int, Fraction]], int, Factors]:
        return frozenset(self.terms.items()), self.monomial, self.factors

    def __str__(self) -> str:
        return self.tower.describe(self)


class Tower:
    """The generators met so far, their relations, and the arithmetic of forms.

    Parameters
    ----------
    budget : Budget
    divisors : mapping of int to int, optional
        For the exponential with the given generator number: its generator belongs to the argument divided by this.
    """

    def __init__(self, budget: Budget, divisors: Mapping[int, int] | None = None) -> None:
        self.budget, self._divisors = budget, dict(divisors or {})
        self.names: list[str] = []
        self.arguments: dict[int, Form] = {}  # of the generators that are functions
        self.kinks = 0
        self._symbols: dict[str, Form] = {}
        self._kinds: dict[str, list[int]] = {}
        self._exact: dict[tuple[str, Any], int] = {}
        self._rules: dict[int, tuple[int, Callable[[], Form]]] = {}
        self._ruled = 0  # the bits of exponents above 1 of generators with a rule
        self._factors: list[Polynomial] = []
        self._factor_numbers: dict[frozenset[tuple[int, Coefficient]], int] = {}
        self._rows: list[_Row] = []
        self.zero = Form(self, {})
        self.one = Form(self, {0: 1})

    # ---------------------------------------------------------------- elements

    def form(self, value: Any) -> Form:
        """An element from an element, an int or a Fraction."""
        if isinstance(value, Form):
            return value
        return self.rational(value)

    def rational(self, number: Coefficient) -> Form:
        """The element of a rational number."""
        return Form(self, {0: 1}, scale=Fraction(number)) if number else self.zero

    def symbol(self, name: str) -> Form:
        """The generator of a free variable."""
        if name not in self._symbols:
            self._symbols[name] = self._generator(name)
        return self._symbols[name]

    def pi(self) -> Form:
        """The number pi, a generator: it satisfies no algebraic relation."""
        return self.symbol("pi ")  # no symbol of a program has a space in its name

    def is_zero(self, u: Form) -> bool:
        """True if the normal form is 0."""
        return u.is_zero

    def sign(self, u: Form) -> int:
        """The sign of a number; 0 for everything else."""
        number = u.number or 0
        return (number > 0) - (number < 0)

    def _generator(self, name: str) -> Form:
        self.names.append(name)
        return Form(self, {generator_monomial(len(self.names) - 1): 1}, degree=1)

    def _generator_form(self, generator: int) -> Form:
        return Form(self, {generator_monomial(generator): 1}, degree=1)

    # -------------------------------------------------------------- arithmetic

    def sum(self, a: Form, b: Form, sign: int) -> Form:
        """a + sign * b."""
        if a.is_zero:
            return b.scaled(sign)
        if b.is_zero:
            return a
        numerator = gcd(a.scale.numerator, b.scale.numerator)
        scale = Fraction(numerator, lcm(a.scale.denominator, b.scale.denominator))
        factor_a, factor_b = (a.scale / scale).numerator, sign * (b.scale / scale).numerator
        if a.monomial == b.monomial and a.factors == b.factors:
            total = combine(a.numerator, b.numerator, factor_a, factor_b, self.budget)
            return self._reduced(total, a.monomial, a.factors, max(a.degree, b.degree), scale)
        monomial = least_common_multiple(a.monomial, b.monomial)
        powers = dict(a.factors)
        for factor, power in b.factors:
            powers[factor] = max(powers.get(factor, 0), power)
        degree = self._checked_degree(a, b)
        over_a, over_b = self._over(a, monomial, powers), self._over(b, monomial, powers)
        total = combine(over_a, over_b, factor_a, factor_b, self.budget)
        return self._reduced(total, monomial, tuple(sorted(powers.items())), degree, scale, crossed=True)

    def _over(self, u: Form, monomial: int, powers: Mapping[int, int]) -> Polynomial:
        """The numerator of u over a larger denominator, but for its scale."""
        numerator = multiply({monomial - u.monomial: 1}, u.numerator, self.budget)
        own = dict(u.factors)
        for factor in sorted(powers):
            for _ in range(powers[factor] - own.get(factor, 0)):
                numerator = multiply(numerator, self._factors[factor], self.budget)
        return numerator

    def product(self, a: Form, b: Form) -> Form:
        """a * b."""
        if a.is_zero or b.is_zero:
            return self.zero
        degree = self._checked_degree(a, b)
        numerator = multiply(a.numerator, b.numerator, self.budget)
        factors = a.factors or b.factors
        if a.factors and b.factors:
            powers = dict(a.factors)
            for factor, power in b.factors:
                powers[factor] = powers.get(factor, 0) + power
            factors = tuple(sorted(powers.items()))
        scale = a.scale * b.scale
        return self._reduced(numerator, a.monomial + b.monomial, factors, degree, scale, crossed=True)

    def _checked_degree(self, a: Form, b: Form) -> int:
        if a.degree + b.degree >= DEGREE_LIMIT:
            a.degree, b.degree = self._measured_degree(a), self._measured_degree(b)
            if a.degree + b.degree >= DEGREE_LIMIT:
                raise BudgetExceeded(f"a normal form of degree above {DEGREE_LIMIT}: lower the powers")
        return a.degree + b.degree

    def _measured_degree(self, u: Form) -> int:
        below = sum(e for _, e in exponents(u.monomial))
        for factor, power in u.factors:
            below += power * max(sum(e for _, e in exponents(m)) for m in self._factors[factor])
        above = max((sum(e for _, e in exponents(m)) for m in u.numerator), default=0)
        return max(above, below)

    def inverse(self, u: Form) -> Form:
        """1 / u.

        Raises
        ------
        ZeroDivisionError
            If u has the normal form 0.
        """
        if u.is_zero:
            raise ZeroDivisionError("a proof divides by an expression that is 0: check the equations.")
        content = common_monomial(u.numerator)
        rest = {m - content: c for m, c in u.numerator.items()}
        numerator: Polynomial = {u.monomial: 1}
        for factor, power in u.factors:
            for _ in range(power):
                numerator = multiply(numerator, self._factors[factor], self.budget)
        rest, divisor = primitive(rest)
        factors: Factors = ((self._factor_number(rest), 1),) if len(rest) > 1 else ()
        plain, rationalised = 0, self.one
        for generator, exponent in exponents(content):
            if generator in self._rules:  # 1/r = r**(q-1) / u: generators with a rule stay out of denominators
                degree, replacement = self._rules[generator]
                inverse = self._generator_form(generator) ** (degree - 1) * self.inverse(replacement())
                rationalised = rationalised * inverse**exponent
            else:
                plain += generator_monomial(generator, exponent)
        result = self._reduced(numerator, plain, factors, u.degree, 1 / (u.scale * divisor), crossed=True)
        return result if rationalised is self.one else result * rationalised

    def _factor_number(self, factor: Polynomial) -> int:
        """The number of a primitive polynomial that is no monomial."""
        key = frozenset(factor.items())
        if key not in self._factor_numbers:
            self._factor_numbers[key] = len(self._factors)
            self._factors.append(factor)
        return self._factor_numbers[key]

    def _reduced(
        self,
        numerator: Polynomial,
        monomial: int,
        factors: Factors,
        degree: int,
        scale: Fraction = _ONE,
        crossed: bool = False,
    ) -> Form:
        """A form with the generators' rules applied and the common factors that are easily found cancelled."""
        if not numerator:
            return self.zero
        if crossed and self._ruled and any(m & self._ruled and self._has_rule_left(m) for m in numerator):
            return self._ruled_out(numerator) * Form(self, {0: 1}, monomial, factors, degree, scale)
        content = gcd(*numerator.values())
        if content > 1:
            numerator, scale = {m: c // content for m, c in numerator.items()}, scale * content
        if monomial:
            common = common_monomial(numerator, monomial)
            if common:
                numerator = {m - common: c for m, c in numerator.items()}
                monomial -= common
        if factors and len(numerator) <= _EXACT_DIVISION_TERMS:
            left = []
            for factor, power in factors:
                while power:
                    quotient = divide_exactly(numerator, self._factors[factor], self.budget)
                    if quotient is None:
                        break
                    numerator, power = quotient, power - 1
                if power:
                    left.append((factor, power))
            factors = tuple(left)
        return Form(self, numerator, monomial, factors, degree, scale)

    def _has_rule_left(self, monomial: int) -> bool:
        """Whether a generator stands at the degree of its rule or above; the mask says only that it is 2 or more."""
        return any(g in self._rules and e >= self._rules[g][0] for g, e in exponents(monomial))

    def _ruled_out(self, numerator: Polynomial) -> Form:
        """A polynomial with r**q replaced by what it is, for every generator with a rule."""
        plain: Polynomial = {}
        total = self.zero
        for monomial, coefficient in numerator.items():
            if not monomial & self._ruled:
                plain[monomial] = coefficient
                continue
            rest, replaced = monomial, self.one
            for generator, exponent in exponents(monomial):
                if generator in self._rules and exponent >= self._rules[generator][0]:
                    degree, replacement = self._rules[generator]
                    times, _ = divmod(exponent, degree)
                    rest -= generator_monomial(generator, times * degree)
                    replaced = replaced * replacement() ** times
            if rest == monomial:  # an exponent between 2 and the degree of its rule
                plain[monomial] = coefficient
                continue
            term = Form(self, {rest: coefficient}, degree=DEGREE_LIMIT // 4)
            total = total + (replaced * term if rest else replaced.scaled(coefficient))
        return total + Form(self, plain, degree=DEGREE_LIMIT // 4) if plain else total

    # ------------------------------------------------------------ exponentials

    def exp(self, u: Form, plain: bool = False) -> Form:
        """exp(u), a product of powers of S/(1 - S).

        With `plain`, an exponential that is new becomes a generator itself: better where no logistic function of the
        argument occurs.
        """
        u, factor = self._without_logarithms(u)
        if u.is_zero:
            return factor
        rest = {(u.monomial, u.factors, m): c for m, c in u.terms.items()}
        combination: dict[int, Fraction] = {}
        for row in self._rows:
            if row.pivot in rest:
                ratio = rest[row.pivot] / row.vector[row.pivot]
                self.budget.spend(len(row.vector))
                rest = _combined(rest, row.vector, -ratio)
                combination = _combined(combination, row.combination, ratio)
        if rest:
            own = self._new_exponential(u, plain)
            # u = own power of the new generator = the rows' combination + rest
            self._rows.append(_Row(max(rest), rest, _combined(own, combination, -1)))
            combination = own
        for generator in sorted(combination):
            coefficient = combination[generator]
            if coefficient.denominator > 1:
                raise Refinement(generator, coefficient.denominator * self._divisors.get(generator, 1))
            factor = factor * self._exponential(generator, coefficient.numerator)
        return factor

    def _without_logarithms(self, u: Form) -> tuple[Form, Form]:
        """u without those terms that are an integer times a logarithm, and the product of powers that they give."""
        factor = self.one
        if u.monomial or u.factors or not self._kinds.get("log"):
            return u, factor
        rest = u
        for generator in self._kinds["log"]:
            coefficient = u.scale * u.numerator.get(generator_monomial(generator), 0)
            if coefficient and coefficient.denominator == 1:
                factor = factor * self.arguments[generator] ** int(coefficient)
                rest = rest - self._generator_form(generator) * coefficient
        return rest, factor

    def _new_exponential(self, u: Form, plain: bool) -> dict[int, Fraction]:
        """Make the generator S(v), or exp(v), with u = ±k v; returns {generator: ±k}."""
        number = len(self.names)
        divisor = self._divisors.get(number, 1)
        sign = 1 if u.lead > 0 else -1
        argument = u.scaled(Fraction(sign, divisor))
        self._generator(f"exp{number}" if plain else f"S{number}")
        self.arguments[number] = argument
        self._kinds.setdefault("exp" if plain else "logistic", []).append(number)
        return {number: Fraction(sign * divisor)}

    def _exponential(self, generator: int, power: int) -> Form:
        """(S/(1 - S)) ** power, or exp(v) ** power."""
        if generator in self._kinds.get("exp", ()):
            return self._generator_form(generator) ** power
        monomial = generator_monomial(generator)
        if power < 0:
            base = Form(self, {0: 1, monomial: -1}, monomial, degree=1)
        else:
            factor = self._factor_number({monomial: 1, 0: -1})
            base = Form(self, {monomial: 1}, 0, ((factor, 1),), degree=1, scale=-_ONE)
        return base ** abs(power)

    # ---------------------------------------------------------- other functions

    def log(self, u: Form) -> Form:
        """log(u) for u > 0; factors are split off by log(1 - S) = log(S) - v and log(exp(v)) = v."""
        if u.is_zero:
            raise CannotDecide("log(0) occurs: check the equations")
        total, rest = self.zero, u
        for generator in self._kinds.get("exp", ()):
            power = exponent_in(common_monomial(u.numerator), generator) - exponent_in(u.monomial, generator)
            rest = rest * self._generator_form(generator) ** -power
            total = total + self.arguments[generator] * power
        for generator in self._kinds.get("logistic", ()):
            power, opposite = self._logistic_powers(u, generator)
            if not power and not opposite:
                continue
            s = self._generator_form(generator)
            rest = rest * s**-power * (1 - s) ** -opposite
            logarithm = self._odd("log", s, odd=False)
            total = total + logarithm * (power + opposite) - self.arguments[generator] * opposite
        if rest.number == 1:
            return total
        known = self._find("log", self.inverse(rest))
        if known is not None:
            return total - self._generator_form(known)
        return total + self._odd("log", rest, odd=False)

    def _without_exponentials(self, u: Form) -> Form:
        """A form of the same sign as u: without its factors exp(v), S, 1 - S and roots, which are positive."""
        if u.is_zero:
            return u
        roots = [g for kind, generators in self._kinds.items() if kind.startswith("root ") for g in generators]
        for generator in (*self._kinds.get("exp", ()), *roots):
            power = exponent_in(common_monomial(u.numerator), generator) - exponent_in(u.monomial, generator)
            u = u * self._generator_form(generator) ** -power if power else u
        for generator in self._kinds.get("logistic", ()):
            power, opposite = self._logistic_powers(u, generator)
            if power or opposite:
                s = self._generator_form(generator)
                u = u * s**-power * (1 - s) ** -opposite
        return u

    def _has_one_sign(self, u: Form) -> bool:
        """Whether every term has the sign of the first at every real point: squares, exponentials, roots, logistics."""
        positive = {g for kind, gs in self._kinds.items() if kind.startswith(("exp", "logistic", "root ")) for g in gs}
        return (
            not u.factors
            and len({c > 0 for c in u.numerator.values()}) == 1
            and all(e % 2 == 0 or g in positive for m in (*u.numerator, u.monomial) for g, e in exponents(m))
        )

    def _logistic_powers(self, u: Form, generator: int) -> tuple[int, int]:
        """The powers of S and of 1 - S that divide u."""
        factor = self._factor_number({generator_monomial(generator): 1, 0: -1})
        power = exponent_in(common_monomial(u.numerator), generator) - exponent_in(u.monomial, generator)
        opposite = -dict(u.factors).get(factor, 0)
        numerator = u.numerator
        while (quotient := divide_exactly(numerator, self._factors[factor], self.budget)) is not None:
            numerator, opposite = quotient, opposite + 1
        return power, opposite

    def root(self, u: Form, degree: int) -> Form:
        """The root r with r**degree = u, for u > 0."""
        if u.is_zero:
            return u
        number = u.number
        if number is not None:
            return self._root_of_number(number, degree)
        content = abs(u.lead)
        scale = self._root_of_number(content, degree)
        outside, u = self._powers_split_off(u.scaled(1 / content), degree)
        scale = scale * outside
        number = u.number
        if number is not None:
            return scale * self._root_of_number(number, degree)
        kind = f"root {degree}"
        known = self._find(kind, u)
        if known is None:
            known = self._new_function(kind, u)
            self._rules[known] = (degree, lambda: u)
            self._ruled |= ((1 << BITS) - 2) << (known * BITS)
        return scale * self._generator_form(known)

    def _powers_split_off(self, u: Form, degree: int) -> tuple[Form, Form]:
        """Forms v and w with u = v**degree * w and v >= 0: the root of u is v times the root of w.

        Only of forms with few terms, whose factors are found soon.
        """
        outside, rest = self.one, u
        if len(u.numerator) > _FACTORED_TERMS:
            return outside, rest
        # A denominator is a product of prime powers already, as far as it has factors of its own.
        below = [(generator_monomial(g), e) for g, e in exponents(u.monomial)]
        powers = [(Form(self, {m: 1}, degree=1), -e) for m, e in below]
        powers += [(Form(self, self._factors[f], degree=DEGREE_LIMIT // 4), -e) for f, e in u.factors]
        powers += self._square_free(u.numerator)
        for factor, exponent in powers:
            times = abs(exponent) // degree * (1 if exponent > 0 else -1)
            if times:
                magnitude = factor if degree % 2 else self._magnitude(factor)
                outside = outside * magnitude**times
                rest = rest * factor ** (-times * degree)
        return outside, rest

    def _square_free(self, numerator: Polynomial) -> list[tuple[Form, int]]:
        """The factors of a polynomial that occur more than once, with their powers."""
        generators = sorted({g for m in numerator for g, _ in exponents(m)})
        if not generators or all(e < 2 for m in numerator for _, e in exponents(m)):
            return []
        letters = sp.symbols(f"g:{len(generators)}")
        terms = {tuple(exponent_in(m, g) for g in generators): c for m, c in numerator.items()}
        _, factors = sp.Poly.from_dict(terms, *letters).factor_list()
        return [
            (Form(self, _monomials(factor, generators), degree=DEGREE_LIMIT // 4), power)
            for factor, power in factors
            if power > 1
        ]

    def _magnitude(self, u: Form) -> Form:
        """|u|, off the kink."""
        return u * (2 * self.step(u) - 1)

    def _root_of_number(self, number: Fraction, degree: int) -> Form:
        """The root of a rational number: a rational times generators r with r**degree prime."""
        if number < 0:
            raise CannotDecide(f"the root of the negative number {number} occurs: check the equations")
        scale, roots = Fraction(1, number.denominator), self.one
        whole = number.numerator * number.denominator ** (degree - 1)
        for prime, exponent in sorted(sp.factorint(whole).items()):
            scale *= int(prime) ** (exponent // degree)
            if exponent % degree:
                roots = roots * self._root_of_prime(int(prime), degree) ** (exponent % degree)
        return roots.scaled(scale)

    def _root_of_prime(self, prime: int, degree: int) -> Form:
        kind, argument = f"root {degree}", self.rational(prime)
        known = self._find(kind, argument)
        if known is None:
            known = self._new_function(kind, argument)
            self._rules[known] = (degree, lambda: argument)
            self._ruled |= ((1 << BITS) - 2) << (known * BITS)
        return self._generator_form(known)

    def sin(self, u: Form) -> Form:
        """sin(u), with sin(-u) = -sin(u)."""
        if u.is_zero:
            return u
        sine, _, sign = self._circle(u)
        return self._generator_form(sine).scaled(sign)

    def cos(self, u: Form) -> Form:
        """cos(u), with cos(-u) = cos(u)."""
        return self.one if u.is_zero else self._generator_form(self._circle(u)[1])

    def _circle(self, u: Form) -> tuple[int, int, int]:
        """The generators of sine and cosine of ±u, and that sign."""
        for sign in (1, -1):
            known = self._find("sin", u.scaled(sign))
            if known is not None:
                return known, known + 1, sign
        sine = self._new_function("sin", u)
        cosine = self._new_function("cos", u)
        self._rules[sine] = (2, lambda: self.one - self._generator_form(cosine) ** 2)
        self._ruled |= ((1 << BITS) - 2) << (sine * BITS)
        return sine, cosine, 1

    def atan(self, u: Form) -> Form:
        """atan(u), with atan(-u) = -atan(u)."""
        return u if u.is_zero else self._odd("atan", u, odd=True)

    def erf(self, u: Form) -> Form:
        """erf(u), with erf(-u) = -erf(u)."""
        return u if u.is_zero else self._odd("erf", u, odd=True)

    def step(self, u: Form) -> Form:
        """step(u) off the kink: step(-u) = 1 - step(u), and step(q u) = step(u) for a number or an exp q > 0."""
        u = self._without_exponentials(u)
        number = u.number
        if number is not None:
            return self.one if number > 0 else self.zero
        if self._has_one_sign(u):
            return self.one if u.lead > 0 else self.zero
        u = u.scaled(1 / abs(u.lead))
        for candidate, sign in ((u, 1), (-u, -1)):
            known = self._find("step", candidate)
            if known is not None:
                step = self._generator_form(known)
                return step if sign > 0 else 1 - step
        known = self._new_function("step", u)
        self.kinks += 1
        step = self._generator_form(known)
        self._rules[known] = (2, lambda: step)
        self._ruled |= ((1 << BITS) - 2) << (known * BITS)
        return step

    def floor(self, u: Form) -> Form:
        """floor(u): an unknown function but for numbers; that floor(u + 1) = floor(u) + 1 is not known."""
        number = u.number
        return self._odd("floor", u, odd=False) if number is None else self.rational(floor(number))

    def equal(self, a: Form, b: Form) -> Form:
        """1 where a = b: decided only where the difference is a number."""
        number = (a - b).number
        if number is None:
            raise CannotDecide("whether two expressions are equal depends on the point")
        return self.zero if number else self.one

    def _odd(self, kind: str, u: Form, *, odd: bool) -> Form:
        """The generator of a function that is odd or has no symmetry."""
        for sign in (1, -1) if odd else (1,):
            known = self._find(kind, u.scaled(sign))
            if known is not None:
                return self._generator_form(known).scaled(sign)
        return self._generator_form(self._new_function(kind, u))

    def _find(self, kind: str, argument: Form) -> int | None:
        """The generator of this kind whose argument equals `argument`."""
        key = (kind, argument.key)
        if key in self._exact:
            return self._exact[key]
        for generator in self._kinds.get(kind, ()):
            if (self.arguments[generator] - argument).is_zero:
                self._exact[key] = generator
                return generator
        return None

    def _new_function(self, kind: str, argument: Form) -> int:
        number = len(self.names)
        self._generator(f"{kind}{number}")
        self.arguments[number] = argument
        self._kinds.setdefault(kind, []).append(number)
        self._exact[(kind, argument.key)] = number
        return number

    def describe(self, u: Form, terms: int = 4) -> str:
        """The first terms of a form, for a message."""

        def monomial(m: int) -> str:
            return "*".join(self.names[g] + (f"^{e}" if e > 1 else "") for g, e in exponents(m))

        shown = [
            f"{c}*{monomial(m)}" if m else str(c) for m, c in sorted(u.terms.items(), reverse=True)[:terms]
        ]  # fmt: skip
        text = " + ".join(shown) or "0"
        if len(u.numerator) > terms:
            text += f" + … ({len(u.numerator)} terms)"
        return f"({text}) / …" if u.monomial or u.factors else text


class _Row:
    """A linear combination of the exponentials' arguments, reduced by the rows before it."""

    __slots__ = ("combination", "pivot", "vector")

    def __init__(self, pivot: Any, vector: dict[Any, Fraction], combination: dict[int, Fraction]) -> None:
        self.pivot, self.vector, self.combination = pivot, vector, combination


_SCALARS = (Form, int, Fraction)

_K = TypeVar("_K")
_T = TypeVar("_T")


def _combined(a: dict[_K, Fraction], b: dict[_K, Fraction], scale: Coefficient) -> dict[_K, Fraction]:
    """a + scale * b, of vectors."""
    result = dict(a)
    for key, coefficient in b.items():
        total = result.get(key, _ZERO) + scale * coefficient
        if total:
            result[key] = total
        else:
            result.pop(key, None)
    return result


def _monomials(factor: sp.Poly, generators: list[int]) -> Polynomial:
    """A polynomial of SymPy as ours."""
    return {
        sum(generator_monomial(g, e) for g, e in zip(generators, powers, strict=True)): int(c)
        for powers, c in factor.terms()
    }


def in_tower(body: Callable[[Tower], _T], budget: Budget | None = None) -> _T:
    """Carry out `body` in a new Tower, again with finer generators as long as that is needed.

    Raises
    ------
    BudgetExceeded
        If the budget is spent (repetitions count).
    CannotDecide
        If `body` needs what normal forms do not have.
    """
    budget = budget or Budget(DEFAULT_BUDGET)
    divisors: dict[int, int] = {}
    for _ in range(8):
        try:
            return body(Tower(budget, divisors))
        except Refinement as finer:
            divisors[finer.generator] = finer.divisor
    raise CannotDecide("the exponentials' arguments need finer and finer fractions: simplify the equations")
