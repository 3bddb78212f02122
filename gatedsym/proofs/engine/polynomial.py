"""Sparse polynomials over the integers: a dict from monomials to coefficients, each monomial one integer.

The exponents of a monomial lie side by side in the integer, `BITS` bits each, so that the product of two monomials is
their sum, and comparison of integers is the lexicographic order of monomials with the youngest generator first.
"""

from __future__ import annotations

from math import gcd

from gatedsym.proofs.engine.algebra import BudgetExceeded

Polynomial = dict[int, int]

BITS = 16
_MASK = (1 << BITS) - 1
DEGREE_LIMIT = 1 << (BITS - 1)
"""Total degrees stay below this, so that exponents never run into each other."""


class Budget:
    """Counts term operations (a product or a sum of two terms) and stops at a limit."""

    def __init__(self, limit: int) -> None:
        self.limit, self.spent = limit, 0

    def spend(self, operations: int) -> None:
        """Count; raise BudgetExceeded before what would go past the limit."""
        if self.spent + operations > self.limit:
            raise BudgetExceeded(f"a normal form needs more than {self.limit} term operations: raise the budget")
        self.spent += operations


def generator_monomial(generator: int, exponent: int = 1) -> int:
    """The monomial of one generator."""
    return exponent << (generator * BITS)


def exponent_in(monomial: int, generator: int) -> int:
    """The exponent of a generator in a monomial."""
    return (monomial >> (generator * BITS)) & _MASK


def exponents(monomial: int) -> list[tuple[int, int]]:
    """(generator, exponent) of a monomial, oldest generator first."""
    found = []
    while monomial:
        generator = ((monomial & -monomial).bit_length() - 1) // BITS
        exponent = exponent_in(monomial, generator)
        found.append((generator, exponent))
        monomial -= exponent << (generator * BITS)
    return found


def divides(divisor: int, monomial: int) -> bool:
    """True if the first monomial divides the second."""
    return all(exponent_in(monomial, g) >= e for g, e in exponents(divisor))


def least_common_multiple(a: int, b: int) -> int:
    """Of two monomials."""
    if not a or not b or a == b:
        return a or b
    powers = dict(exponents(a))
    for generator, exponent in exponents(b):
        powers[generator] = max(powers.get(generator, 0), exponent)
    return sum(generator_monomial(g, e) for g, e in powers.items())


def common_monomial(polynomial: Polynomial, within: int | None = None) -> int:
    """The largest monomial that divides every term, and `within` where that is given."""
    terms = iter(polynomial)
    start = next(terms) if within is None else within
    result = dict(exponents(start))
    for monomial in terms:
        if not result:
            return 0
        for generator in list(result):
            least = min(result[generator], exponent_in(monomial, generator))
            if least:
                result[generator] = least
            else:
                del result[generator]
    return sum(generator_monomial(g, e) for g, e in result.items())


def combine(a: Polynomial, b: Polynomial, factor_a: int, factor_b: int, budget: Budget) -> Polynomial:
    """factor_a * a + factor_b * b."""
    budget.spend(len(a) + len(b))
    result = dict(a) if factor_a == 1 else {m: c * factor_a for m, c in a.items()}
    for monomial, coefficient in b.items():
        total = result.get(monomial, 0) + factor_b * coefficient
        if total:
            result[monomial] = total
        else:
            del result[monomial]
    return result


def multiply(a: Polynomial, b: Polynomial, budget: Budget) -> Polynomial:
    """a * b."""
    budget.spend(len(a) * len(b))
    if len(a) > len(b):
        a, b = b, a
    if len(a) == 1:
        ((shift, factor),) = a.items()
        if factor == 1:
            return {m + shift: c for m, c in b.items()} if shift else b
        return {m + shift: c * factor for m, c in b.items()}
    result: Polynomial = {}
    for monomial_a, coefficient_a in a.items():
        for monomial_b, coefficient_b in b.items():
            monomial = monomial_a + monomial_b
            result[monomial] = result.get(monomial, 0) + coefficient_a * coefficient_b
    return {m: c for m, c in result.items() if c}


def primitive(a: Polynomial) -> tuple[Polynomial, int]:
    """The polynomial divided by the common divisor of its coefficients, the first one positive; and the divisor."""
    content = gcd(*a.values())
    if a[max(a)] < 0:
        content = -content
    return (a if content == 1 else {m: c // content for m, c in a.items()}), content


def divide_exactly(a: Polynomial, b: Polynomial, budget: Budget) -> Polynomial | None:
    """The quotient a / b by a primitive polynomial b, if it is a polynomial, else None."""
    lead = max(b)
    if not divides(lead, max(a)) or not divides(min(b), min(a)):
        return None
    rest: Polynomial = dict(a)
    quotient: Polynomial = {}
    while rest:
        budget.spend(len(rest) + len(b))
        top = max(rest)
        ratio, remainder = divmod(rest[top], b[lead])
        if remainder or not divides(lead, top):
            return None
        quotient[top - lead] = ratio
        for monomial, coefficient in b.items():
            shifted = monomial + top - lead
            total = rest.get(shifted, 0) - ratio * coefficient
            if total:
                rest[shifted] = total
            else:
                del rest[shifted]
    return quotient
