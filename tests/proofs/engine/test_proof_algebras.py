"""Normal forms and the identity test know how exponentials, roots, circles and steps are related, no more."""

from collections.abc import Iterator
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from gatedsym.ir.functions import equal, floor, step
from gatedsym.proofs.engine.algebra import Algebra, BudgetExceeded, CannotDecide, Interpreter
from gatedsym.proofs.engine.decide import Entry, Refutation, decide
from gatedsym.proofs.engine.field import Number, PrimeField, check_identity
from gatedsym.proofs.engine.normal_form import Tower, in_tower
from gatedsym.proofs.engine.polynomial import Budget

x, y, z = sp.symbols("x y z", real=True)
logistic = 1 / (1 + sp.exp(-x))

EQUAL_EVERYWHERE = [
    (sp.exp(x) * sp.exp(y) * sp.exp(-x - y), sp.S.One),
    (sp.exp(x / 3) ** 3, sp.exp(x)),
    (sp.exp(2 * x / 3 + y / 5) ** 15, sp.exp(10 * x + 3 * y)),
    (sp.tanh(x / 2), 2 * logistic - 1),
    (sp.tanh(2 * x), 2 * sp.tanh(x) / (1 + sp.tanh(x) ** 2)),
    (logistic.diff(x), logistic * (1 - logistic)),
    (sp.exp(sp.log(1 + x**2) + y), (1 + x**2) * sp.exp(y)),
    (sp.log(sp.exp(x) + 1) + sp.log(1 / (1 + sp.exp(x))), sp.S.Zero),
    (sp.sqrt(x + y) ** 3, (x + y) * sp.sqrt(x + y)),
    (1 / sp.sqrt(x + y), sp.sqrt(x + y) / (x + y)),
    (sp.sqrt(8), 2 * sp.sqrt(2)),
    (sp.sin(x - y) ** 2, 1 - sp.cos(y - x) ** 2),
    (sp.erf(x - y), -sp.erf(y - x)),
    (step(x - y), 1 - step(y - x)),
    (step(x) ** 3, step(2 * x)),
    ((1 + step(x)) ** 2, 1 + 3 * step(x)),
    (step(sp.Rational(-1, 2)) + step(sp.S(3)), sp.S.One),
    (floor(sp.Rational(-1, 2)) + floor(sp.Rational(7, 3)), sp.S.One),
    (floor(x + y) - floor(y + x), sp.S.Zero),
    (equal(x, x) + equal(x, x + 1), sp.S.One),
    ((x**2 - y**2) / (x - y), x + y),
    (1 / (x + 1) + 1 / (x - 1), 2 * x / (x**2 - 1)),
]

EXACT_ONLY = [
    (sp.log(1 + sp.exp(x)) - sp.log(1 + sp.exp(-x)), x),
    (sp.log(logistic), -sp.log(1 + sp.exp(-x))),
    (sp.log(1 - logistic), sp.log(logistic) - x),
    (step((x - y) * sp.exp(x - z)), 1 - step((y - x) * sp.exp(-y))),
    (step(x * logistic), step(x * (1 - logistic))),
]

DIFFERENT = [
    (sp.tanh(x).diff(x), (1 - sp.tanh(x)) ** 2),
    (sp.exp(x + y), sp.exp(x) + sp.exp(y)),
    (sp.exp(x * y), sp.exp(x) * sp.exp(y)),
    (sp.sqrt(x**2 + 1), x + 1),
    (step(x) * step(y), step(x * y)),
    (step(x), step(y)),
    (floor(-x), -floor(x)),
    (floor(x), x),
    (sp.erf(x), sp.tanh(x)),
    (sp.sin(x), x - x**3 / 6),
]


def _sides(left: sp.Expr, right: sp.Expr) -> object:
    def sides(algebra: Algebra) -> Iterator[Entry]:
        interpret = Interpreter(algebra)
        yield "left = right", interpret(left), interpret(right)

    return sides


def _difference_is_zero(left: sp.Expr, right: sp.Expr) -> bool:
    def body(tower: Tower) -> bool:
        interpret = Interpreter(tower)
        return bool((interpret(left) - interpret(right)).is_zero)

    return in_tower(body)


@pytest.mark.parametrize(("left", "right"), EQUAL_EVERYWHERE + EXACT_ONLY, ids=str)
def test_normal_form_sees_that_both_sides_are_equal(left: sp.Expr, right: sp.Expr) -> None:
    assert _difference_is_zero(left, right)


@pytest.mark.parametrize(("left", "right"), EQUAL_EVERYWHERE, ids=str)
def test_identity_test_sees_that_both_sides_are_equal(left: sp.Expr, right: sp.Expr) -> None:
    def residuals(algebra: Algebra) -> dict[str, object]:
        interpret = Interpreter(algebra)
        return {"": interpret(left) - interpret(right)}

    outcome = check_identity(residuals)
    assert not outcome.failed
    assert outcome.error_bound < 1e-100


@pytest.mark.parametrize(("left", "right"), DIFFERENT, ids=str)
def test_no_algebra_makes_different_sides_equal(left: sp.Expr, right: sp.Expr) -> None:
    assert not _difference_is_zero(left, right)

    def residuals(algebra: Algebra) -> dict[str, object]:
        interpret = Interpreter(algebra)
        return {"": interpret(left) - interpret(right)}

    assert check_identity(residuals).failed == ("",)


def test_powers_of_a_root_below_its_degree_stand_as_they_are() -> None:
    def body(tower: Tower) -> bool:
        root = tower.root(Interpreter(tower)(1 + x**2), 16)
        return bool(((root + 1) ** 3 - (root**3 + 3 * root**2 + 3 * root + 1)).is_zero)

    assert in_tower(body)


def test_identity_test_tries_every_pattern_of_few_steps() -> None:
    def residuals(algebra: Algebra) -> dict[str, object]:
        interpret = Interpreter(algebra)
        return {"": interpret(step(x) * step(y) * step(z))}

    outcome = check_identity(residuals)
    assert (outcome.failed, outcome.points) == (("",), 8)


def test_a_refutation_shows_both_sides_at_a_point() -> None:
    with pytest.raises(Refutation) as caught:
        decide("tanh' = (1 - tanh)²", _sides(sp.tanh(x).diff(x), (1 - sp.tanh(x)) ** 2))
    assert float(caught.value.left) != float(caught.value.right)


def test_a_spent_budget_is_an_error_that_says_so() -> None:
    with pytest.raises(BudgetExceeded, match="more than 100 term operations"):
        in_tower(lambda tower: Interpreter(tower)((x + y + z + 1) ** 20), Budget(100))


def test_an_astronomical_power_is_refused_in_time() -> None:
    with pytest.raises(BudgetExceeded):
        in_tower(lambda tower: Interpreter(tower)(x ** (10**9)))


def test_a_function_that_proofs_do_not_know_is_refused() -> None:
    with pytest.raises(CannotDecide, match="gamma"):
        in_tower(lambda tower: Interpreter(tower)(sp.gamma(x)))


_atoms = st.sampled_from([x, y, sp.exp(x), sp.exp(-y), logistic, sp.tanh(y), step(x), sp.Rational(2, 3), sp.S(-1)])
_expressions = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        inner.map(lambda e: e**2),
        inner.map(lambda e: e / (x**2 + 1)),
    ),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None)
@given(_expressions, _expressions)
def test_normal_forms_obey_the_laws_of_a_ring(a: sp.Expr, b: sp.Expr) -> None:
    def body(tower: Tower) -> bool:
        interpret = Interpreter(tower)
        u, v = interpret(a), interpret(b)
        laws = [(u + v) * (u - v) - (u * u - v * v), u * v - v * u, (u + v) * v - (u * v + v * v)]
        return all(law.is_zero for law in laws)

    assert in_tower(body)


@settings(max_examples=40, deadline=None)
@given(_expressions)
def test_expanding_an_expression_keeps_its_normal_form(e: sp.Expr) -> None:
    assert _difference_is_zero(e, sp.expand(e))


@pytest.mark.parametrize("number", [Fraction(4), Fraction(9, 25), Fraction(1, 16)])
def test_the_field_takes_the_positive_root_of_a_rational_square(number: Fraction) -> None:
    root = PrimeField().root(Number.of(number), 2).rational
    assert root is not None
    assert root > 0
    assert root**2 == number
