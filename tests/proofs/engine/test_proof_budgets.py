"""A proof ends: with a verdict, or undecided with the budget that ended, counted in operations and not in seconds."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.equations import read_equations
from gatedsym.proofs.engine import budgets, decide
from gatedsym.proofs.engine.brute_force import prove_adjoint
from gatedsym.proofs.engine.budgets import Allowance
from gatedsym.proofs.engine.counting import count_operations
from gatedsym.proofs.engine.decide import Proof, Undecided
from gatedsym.proofs.engine.field import Number, PrimeField, check_identity

ATTENTION = """
x in R^m; h in R^n; M in R^(k,d); W in R^(a,n); U in R^(a,d); v in R^a
W_{z,r,c} in R^(n,m); U_{z,r,c} in R^(n,n); C_{z,r,c} in R^(n,d); b_{z,r,c} in R^n
q = W @ h
e[p] = sum[j] v[j] * tanh(q[j] + sum[l] U[j,l] * M[p,l])
w = exp(e - max(e)) / sum(exp(e - max(e)))
s[j] = sum[p] w[p] * M[p,j]
z = sigmoid(W_z @ x + U_z @ h + C_z @ s + b_z)
r = sigmoid(W_r @ x + U_r @ h + C_r @ s + b_r)
g = tanh(W_c @ x + U_c @ (r * h) + C_c @ s + b_c)
h' = (1 - z) * h + z * g
"""

NINE_KINKS = """
s, b_1, b_2, b_3, b_4, b_5, b_6, b_7, b_8, b_9 in R; x in R
a = s * x
s' = exp(relu(a + b_1) + relu(a + b_2) * abs(s - b_3)) * softplus(max(a, b_4) + relu(s * b_5))
     + tanh(min(a, b_6 * s) + relu(b_7 + s)) / (1 + sqrt(1 + abs(b_8 * s + 1) * relu(s * a - b_9)))
""".replace("\n     +", " +")


def prove(text: str, budget: int = 20_000) -> Proof:
    """Prove the adjoint; normal forms soon give up, so that the identity test has to decide."""
    program = read_equations(text, name="cell").program
    return prove_adjoint(program, derive_adjoint(program), budget=budget)


@pytest.mark.parametrize("text", [ATTENTION, NINE_KINKS])
@pytest.mark.long
def test_attention_and_nine_kinks_in_one_step_have_a_verdict(text: str) -> None:
    assert decide.IDENTITY_TEST in prove(text).method


@pytest.mark.long
def test_a_proof_that_does_not_fit_is_undecided_and_says_which_budget_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "POINT_BUDGET", 30_000)
    with pytest.raises(Undecided, match="its budget of operations ends after 1"):
        prove(ATTENTION, budget=2_000)
    monkeypatch.setattr(decide, "POINT_BUDGET", 1_000)
    with pytest.raises(Undecided, match="Computing both sides once takes more than 1000 operations"):
        prove(ATTENTION, budget=2_000)


def test_statements_about_one_cell_share_what_they_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    program = read_equations("h in R^n; x in R^m; W in R^(n,m)\nh' = tanh(W @ x + h)", name="cell").program
    adjoint = derive_adjoint(program)
    needed = prove_adjoint(program, adjoint).operations
    shared = Allowance(terms=needed, last_terms=0, points=5_000)
    assert prove_adjoint(program, adjoint, budget=shared).method == decide.NORMAL_FORM
    assert prove_adjoint(program, adjoint, budget=shared).method == decide.NORMAL_FORM  # each has a little of its own
    monkeypatch.setattr(budgets, "LEAST_TERMS", needed - 1)
    assert prove_adjoint(program, adjoint, budget=shared).method == decide.IDENTITY_TEST
    shared.take_point(shared.points)
    with pytest.raises(Undecided, match="of the cell's 5000 the statements before leave 0"):
        prove_adjoint(program, adjoint, budget=shared)


def test_any_number_of_steps_takes_one_point_unless_their_values_decide() -> None:
    def sides(algebra):
        above = [algebra.symbol(f"u_{k}") for k in range(40)]
        steps = [algebra.step(u) for u in above]
        rectified = [algebra.step(3 * u * step) for u, step in zip(above, steps, strict=True)]
        yield "", sum(steps[1:], steps[0]), sum(rectified[-2::-1], rectified[-1])

    def opposite(algebra):
        u = algebra.symbol("u")
        yield "", algebra.step(u) * 3, (1 - algebra.step(-u)) * 3

    assert check_identity(_residual(sides)).points == 1
    assert check_identity(_residual(opposite)).points == 2  # the second knows that no step is in u

    def square(algebra):
        step = algebra.step(algebra.symbol("u"))
        yield "", step * step, step

    outcome = check_identity(_residual(square))
    assert (outcome.points, outcome.failed) == (2, ())


def test_a_step_of_what_may_be_zero_and_of_its_negative_need_not_add_up_to_one() -> None:
    def sides(algebra):
        u, v = algebra.symbol("u"), algebra.symbol("v")
        rectified = algebra.step(u) * u * v
        yield "", algebra.step(rectified) + algebra.step(-rectified), algebra.rational(Fraction(1))

    assert check_identity(_residual(sides)).failed == ("",)


def test_which_value_is_the_largest_is_asked_for_each_pattern_of_steps() -> None:
    def sides(algebra):
        u, v = algebra.symbol("u"), algebra.symbol("v")
        above = algebra.step(u - v)
        largest = above * u + (1 - above) * v
        yield "", algebra.equal(largest, u), algebra.rational(Fraction(0))

    assert check_identity(_residual(sides)).failed == ("",)


def _residual(sides: decide.Sides) -> Callable[[PrimeField], dict[str, Number]]:
    return lambda place: {label: left - right for label, left, right in sides(place)}


def test_counting_stops_at_its_limit_and_counts_the_same_each_time() -> None:
    def sides(algebra):
        value = algebra.symbol("u")
        yield "", 2 / (1 + algebra.exp(-value)), value**3

    assert count_operations(sides, 100) == count_operations(sides, 100)
    with pytest.raises(decide.CannotDecide, match="more than 5 operations"):
        count_operations(sides, 5)
