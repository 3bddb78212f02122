"""Functions of vectors, powers with vectors as exponents, other spellings: the Programs they give, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.errors import EquationError
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import Program
from gatedsym.proofs.engine.brute_force import prove_adjoint

pytestmark = pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")


def program(lines: str) -> Program:
    return gs.Cell(f"x in R^n; h in R^n\n{lines}", name="one").recurrence.program


def next_state(lines: str, x: list[float], h: list[float]) -> np.ndarray:
    return evaluate(program(lines), {"x": np.array(x), "h": np.array(h)}, NUMPY)["h'"]


def refusal(lines: str) -> str:
    with pytest.raises(EquationError) as caught:
        gs.Cell(f"x in R^n; h in R^n; U in R^(n,n)\n{lines}", name="one").recurrence  # noqa: B018
    return str(caught.value)


def test_a_softmax_subtracts_the_largest_entry_so_that_nothing_overflows() -> None:
    found = next_state("h' = softmax(x + h)", [1000.0, 999.0, -1e6], [0.0, 0.0, 0.0])
    np.testing.assert_allclose(found, [1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1)), 0], rtol=1e-15)


def test_a_log_softmax_keeps_what_a_softmax_loses() -> None:
    found = next_state("h' = log_softmax(x + h)", [0.0, -2000.0], [0.0, 0.0])
    np.testing.assert_array_equal(found, [0.0, -2000.0])


@pytest.mark.parametrize("word", ["softmax", "log_softmax"])
def test_the_proof_differentiates_through_the_largest_entry_whose_path_the_adjoint_leaves_out(word: str) -> None:
    step = program(f"h' = {word}(x + h)")
    adjoint = derive_adjoint(step)
    assert not any(tensor.name.startswith(("share", "attained")) for tensor in adjoint.tensors)
    assert prove_adjoint(step, adjoint).entries == 6  # three of x, three of h


def test_a_path_that_does_matter_cannot_be_left_out() -> None:
    from dataclasses import replace

    from gatedsym.ir.functions import pivot
    from gatedsym.ir.program import Pointwise, pointwise
    from gatedsym.proofs.engine.decide import Refutation

    step = program("a = x * h\nh' = tanh(a)")
    statements = tuple(
        pointwise(s.target, s.expression.xreplace({r.symbol: pivot(r.symbol) for r in s.operands}), s.operands)
        if isinstance(s, Pointwise) and s.target.name == "h'"
        else s
        for s in step.statements
    )
    step = replace(step, statements=statements)
    with pytest.raises(Refutation):
        prove_adjoint(step, derive_adjoint(step))


def test_the_norm_of_a_vector() -> None:
    np.testing.assert_allclose(next_state("h' = x / norm(x + h)", [3.0, 4.0], [0.0, 0.0]), [0.6, 0.8], rtol=1e-15)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Sigmoid(x)", "sigmoid(x)"),
        ("sigm(x)", "sigmoid(x)"),
        ("Tanh(x)", "tanh(x)"),
        ("arctan(x)", "atan(x)"),
        ("sgn(x)", "sign(x)"),
        ("ReLU(x)", "relu(x)"),
        ("hardtanh(x)", "hard_tanh(x)"),
        ("clamp(x, -1, 1)", "clip(x, -1, 1)"),
        ("LeakyReLU(x, 0.01)", "leaky_relu(x, 0.01)"),
        ("square(x)", "x**2"),
    ],
)
def test_other_spellings_give_the_same_program(typed: str, meant: str) -> None:
    assert program(f"h' = h/2 + {typed}") == program(f"h' = h/2 + {meant}")


def test_an_exponent_may_be_a_vector() -> None:
    found = next_state("a = sigmoid(x)\nh' = a^(8*h) + 0.5**h", [0.0, 1.0], [1.0, -1.0])
    gate = 1 / (1 + np.exp(-np.array([0.0, 1.0])))
    np.testing.assert_allclose(found, gate ** np.array([8.0, -8.0]) + 0.5 ** np.array([1.0, -1.0]), rtol=1e-14)


def test_the_logarithm_of_a_gate_to_a_power_does_not_cancel() -> None:
    from gatedsym.calculus.stable import stabilise

    stable = stabilise(program("a = sigmoid(x)\nh' = a^(8*h)"))
    assert "log_sigmoid(x[j])" in str(stable)


def test_a_name_that_a_text_gave_itself_stays_its_own() -> None:
    found = next_state("norm(v) = v / 2\nclip = 3 * x\nh' = norm(clip) + h", [1.0, 2.0], [0.0, 0.0])
    np.testing.assert_array_equal(found, [1.5, 3.0])


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("h' = softmax(U) h + x", "P[j,k] = exp(U[j,k]) / sum[q] exp(U[j,q])"),
        ("h' = softmax(U) h + x", "P[j,k] = exp(U[j,k]) / sum[p,q] exp(U[p,q])"),
        ("h' = h / norm(U) + x", "sqrt(sum(U * U))"),
        ("h' = (U h) * norm(2) + x", "takes a vector, found a number"),
        ("h' = clip(U h, 2, 1) + x", "Write the lower one first"),
        ("h' = clip(U h) + x", "takes three arguments, found 1"),
        ("h' = leaky_relu(U h) + x", "leaky_relu(U h, 0.3)"),
        ("h' = (-2)^h + U x", "the base of such a power is above 0"),
        ("h' = U^h + x", "Write U.^h for the power of each entry."),
        ("a = U x; b = x * h; a_b = U h\nh' = a^b + a_b", "the name a_b"),
    ],
)
def test_what_has_no_value_or_two_readings_is_refused_with_a_mend(lines: str, told: str) -> None:
    assert told in refusal(lines)


def test_what_is_offered_for_a_matrix_is_accepted() -> None:
    gs.Cell("U in R^(n,n); h in R^n\nP[j,k] = exp(U[j,k]) / sum[q] exp(U[j,q])\nh' = P h", name="rows").recurrence  # noqa: B018
    gs.Cell("U in R^(n,n); h in R^n\nh' = h / sqrt(sum(U * U))", name="frobenius").recurrence  # noqa: B018


def test_the_domain_of_a_power_is_told() -> None:
    from gatedsym.proofs.engine.domains import conditions

    assert conditions(["x in R^n; h in R^n; p in R\nh' = p**h + sigmoid(x)**h + log1p(x)"]) == ("p > 0", "x > -1")
