"""Roots, absolute values, maxima, steps, logarithms: what is true of one sign alone is never called proven."""

import random
from collections.abc import Iterator

import pytest
import sympy as sp

from gatedsym.ir.functions import FUNCTIONS
from gatedsym.library.claims import Identity
from gatedsym.proofs.engine.algebra import Algebra, Interpreter
from gatedsym.proofs.engine.claims import prove_identity
from gatedsym.proofs.engine.decide import Entry, Proof, Refutation, Undecided, decide
from gatedsym.proofs.engine.field import PRIME, PrimeField, check_identity

PAIRS = 40
"""Random pairs of each kind; `--proof-pairs` gives another number."""

a, b, c = sp.symbols("a b c", real=True)
f = {name: entry.function for name, entry in FUNCTIONS.items()}
root, magnitude, relu, largest, least = (f[n] for n in ("sqrt", "absolute", "relu", "maximum", "minimum"))

# Each takes two expressions of both signs that have nothing to do with each other.
TRUE = {
    "a root of a square": lambda u, v: (root(u**2), magnitude(u)),
    "a root of a product of squares": lambda u, v: (root(u**2 * v**2), magnitude(u * v)),
    "a root of a fourth power": lambda u, v: (root(u**4), u**2),
    "a square of a root": lambda u, v: (root(u) ** 2, u),
    "a root of a quotient's square": lambda u, v: (root(u**2 / v**2), magnitude(u) / magnitude(v)),
    "a root of what is positive": lambda u, v: (root((1 + u**2) ** 2), 1 + u**2),
    "a root of an exponential": lambda u, v: (root(f["exp"](2 * u)), f["exp"](u)),
    "a larger number by its distance": lambda u, v: (largest(u, v), (u + v + magnitude(u - v)) / 2),
    "a larger and a smaller number": lambda u, v: (largest(u, v) + least(u, v), u + v),
    "a rectifier on both sides": lambda u, v: (relu(u) - relu(-u), u),
    "a magnitude on both sides": lambda u, v: (relu(u) + relu(-u), magnitude(u)),
    "a logarithm of an exponential": lambda u, v: (f["log"](f["exp"](u) * f["exp"](v)), u + v),
    "an exponential of a logarithm": lambda u, v: (f["exp"](f["log"](u) + v), u * f["exp"](v)),
    "a softplus on both sides": lambda u, v: (f["softplus"](u) - f["softplus"](-u), u),
    "a quotient of itself": lambda u, v: (u * v / v, u),
}

# Each holds on an orthant, for one sign of a root, or near zero alone.
FALSE = {
    "a root of a square without its sign": lambda u, v: (root(u**2), u),
    "a root of a square under another": lambda u, v: (root(u**2) * v, u * v),
    "a root of a product of squares": lambda u, v: (root(u**2 * v**2), u * v),
    "a root of nine fourth powers": lambda u, v: (root(9 * u**4), -3 * u**2),
    "a root of a large square": lambda u, v: (root((u - 50) ** 2), 50 - u),
    "a square taken out of a root": lambda u, v: (root(u**2 * (1 + v**2)), u * root(1 + v**2)),
    "a square put into a root": lambda u, v: (u * root(1 + v**2), root(u**2 + u**2 * v**2)),
    "a magnitude as its argument": lambda u, v: (magnitude(u), u),
    "a magnitude of one factor": lambda u, v: (magnitude(u * v), magnitude(u) * v),
    "a larger number as the first": lambda u, v: (largest(u, v), u),
    "a larger number, multiplied": lambda u, v: (largest(u, v) * u, largest(u**2, u * v)),
    "a rectifier of a product": lambda u, v: (relu(u * v), relu(u) * relu(v)),
    "a step of a product": lambda u, v: (f["step"](u * v), f["step"](u) * f["step"](v)),
    "a smooth magnitude": lambda u, v: (root(u**2 + sp.Rational(1, 10**12)), magnitude(u)),
    "half the logarithm of a square": lambda u, v: (f["exp"](f["log"](u**2) / 2), u),
    "a floor of a sum": lambda u, v: (f["floor"](u + v), f["floor"](u) + f["floor"](v)),
    "a hard sigmoid as its line": lambda u, v: (f["hard_sigmoid"](u), u / 6 + sp.Rational(1, 2)),
    "an elu as its argument": lambda u, v: (f["elu"](u), u),
    "a softsign without its magnitude": lambda u, v: (f["softsign"](u), u / (1 + u)),
}

BOTH_SIGNS = (lambda p, q: p, lambda p, q: p - 2 * q, lambda p, q: p * q, lambda p, q: f["tanh"](p) + q)
ONE_TO_ONE = (lambda e: e, lambda e: f["tanh"](e), lambda e: e + c**2, lambda e: f["sigmoid"](3 - e), lambda e: -2 * e)


@pytest.fixture(scope="module")
def pairs(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--proof-pairs") or PAIRS)


def random_pair(rules: dict, seed: int) -> tuple[str, sp.Expr, sp.Expr]:
    """A rule by turns, with arguments of both signs, inside of a function that is one to one."""
    draw = random.Random(seed)
    name = list(rules)[seed % len(rules)]
    around, inside = draw.choice(ONE_TO_ONE), draw.choice(BOTH_SIGNS)
    left, right = rules[name](inside(a, c), draw.choice((b, b - c**3)))
    return name, around(left), around(right)


def outcome(left: sp.Expr, right: sp.Expr) -> Proof | Exception:
    def sides(algebra: Algebra) -> Iterator[Entry]:
        interpret = Interpreter(algebra)
        yield "left = right", interpret(left), interpret(right)

    try:
        return decide("left = right", sides)
    except (Refutation, Undecided) as found:
        return found


def test_no_false_identity_is_proven(pairs: int) -> None:
    for seed in range(pairs):
        name, left, right = random_pair(FALSE, seed)
        assert not isinstance(outcome(left, right), Proof), (name, left, right)


def test_no_true_identity_is_refuted_and_most_are_proven(pairs: int) -> None:
    proven = 0
    for seed in range(pairs):
        name, left, right = random_pair(TRUE, seed)
        found = outcome(left, right)
        assert not isinstance(found, Refutation), (name, left, right)
        proven += isinstance(found, Proof)
    assert proven >= 0.8 * pairs


@pytest.mark.parametrize("fault", [lambda e: -e, lambda e: e + a / 10**6, lambda e: e * (1 + b**2), lambda e: 2 * e])
def test_a_fault_in_a_true_identity_is_refuted(fault: object, pairs: int) -> None:
    for seed in range(0, pairs, 2):
        name, left, right = random_pair(TRUE, seed)
        assert isinstance(outcome(left, fault(right)), Refutation), (name, left, fault(right))


def test_a_root_of_one_sign_is_not_the_gate_that_it_agrees_with() -> None:
    with pytest.raises(Refutation):
        prove_identity(Identity("a square under a root", "tanh(sqrt(p*p)*q)", "tanh(p*q)", "p, q in R^n"))


def test_the_root_of_a_square_is_the_magnitude() -> None:
    assert prove_identity(Identity("the magnitude", "sqrt(p*p)", "abs(p)", "p in R^n"))


def test_what_no_method_decides_is_undecided_and_not_refuted() -> None:
    with pytest.raises(Undecided):
        prove_identity(Identity("where both are positive", "log(p*q)", "log(p) + log(q)", "p, q in R^n"))


def test_where_no_real_point_is_in_the_domain_nothing_is_decided() -> None:
    with pytest.raises(Undecided, match="lies in the domain"):
        prove_identity(Identity("nowhere", "log(-1 - p*p)", "log(-1 - p*p) + sqrt(-p*p - 2)", "p in R^n"))


def test_numbers_that_are_squares_of_reals_are_squares_of_the_field() -> None:
    assert sp.isprime(PRIME)
    assert PRIME % 8 == 7
    assert all(pow(int(q), (PRIME - 1) // 2, PRIME) == 1 for q in (*sp.primerange(3, 200), 271))


def test_both_signs_of_a_root_are_met_among_the_points_of_the_field() -> None:
    """The root of a square is a for about half of all points: one point alone says nothing of the reals."""
    signs = set()
    for seed in range(20):
        place = PrimeField(seed)
        u = place.symbol("a")
        signs.add((place.root(u * u, 2) - u).value == 0)
    assert signs == {True, False}


def test_roots_that_depend_on_each_other_are_tested_for_every_choice_of_signs() -> None:
    """sqrt(a) sqrt(b) = sqrt(ab) is true where all three exist; sqrt(ab) = b where a = b is not asked."""

    def residuals(place: PrimeField) -> dict:
        u, v = place.symbol("a"), place.symbol("b")
        return {"": place.root(u, 2) * place.root(v, 2) - place.root(u * v, 2)}

    outcome = check_identity(residuals)
    assert outcome.failed == ()
    assert outcome.on_reals
    assert outcome.points == 45 * 2**3
    assert outcome.error_bound < 1e-19
