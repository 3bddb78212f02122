"""Choices, ``where(u > v, a, b)``: values and derivatives at ties, and that what is not chosen spoils nothing."""

from __future__ import annotations

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.codegen.module import write_module
from gatedsym.errors import EquationError
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.proofs.engine.brute_force import prove_adjoint, prove_jacobian, prove_tangent
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit.compile import load_module

pytestmark = pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")


def gradients(expression: str, x: list[float], h: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """The state after one step, and the derivative of its sum by x, from emitted kernels."""
    one = gs.Cell(f"x in R^n; h in R^n\nh' = {expression}", name="chosen")
    one.kernels = Kernels(uncompiled(load_module(write_module(one.recurrence), "chosen"), NUMPY))
    with np.errstate(all="ignore"):
        run = one.forward({}, np.array(x)[None, None], initial={"h": np.array(h)[None]})
        found = one.backward({}, run, {"h": np.ones((1, 1, len(x)))})
    return run["h"][1, 0], found.x[0, 0]


def refusal(lines: str) -> str:
    with pytest.raises(EquationError) as caught:
        gs.Cell(f"x in R^n; h in R^n; U in R^(n,n)\n{lines}", name="chosen").recurrence  # noqa: B018
    return str(caught.value)


@pytest.mark.parametrize(
    ("sign", "chosen"), [(">", [0, 0, 1]), (">=", [0, 1, 1]), ("≥", [0, 1, 1]), ("<", [1, 0, 0]), ("<=", [1, 1, 0])]
)
def test_a_tie_is_decided_by_the_sign_that_was_typed(sign: str, chosen: list[int]) -> None:
    after, slope = gradients(f"where(x {sign} h, 3*x, x) + 0*h", [-1.0, 2.0, 5.0], [2.0, 2.0, 2.0])
    factor = 1 + 2 * np.array(chosen)
    np.testing.assert_array_equal(after, factor * np.array([-1.0, 2.0, 5.0]))
    np.testing.assert_array_equal(slope, factor)


def test_a_comparison_with_no_number_chooses_the_other_value() -> None:
    after, _ = gradients("where(h > 0, 1, 2) + 0*x", [0.0, 0.0], [np.nan, 1.0])
    np.testing.assert_array_equal(after, [2.0, 1.0])


def test_choices_within_choices_make_more_branches() -> None:
    after, slope = gradients("where(x < 0, -x, where(x < 1, x^2, 2*x)) + 0*h", [-3.0, 0.5, 4.0], [0.0] * 3)
    assert (after.tolist(), slope.tolist()) == ([3.0, 0.25, 8.0], [-1.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("value", "derivative"),
    [("log(x)", 0.25), ("sqrt(x)", 0.25), ("1/x", -1 / 16), ("exp(1/x) / exp(1/x)", 0.0), ("x^(0.5*x)", None)],
)
def test_what_is_not_chosen_poisons_neither_value_nor_gradient(value: str, derivative: float | None) -> None:
    after, slope = gradients(f"where(x > 0, {value}, 7*x) + 0*h", [-1.0, 0.0, 4.0], [0.0] * 3)
    assert after[:2].tolist() == [-7.0, 0.0]
    assert slope[:2].tolist() == [7.0, 7.0]
    assert np.isfinite(after[2])
    if derivative is not None:
        np.testing.assert_allclose(slope[2], derivative, rtol=1e-15)


def test_it_poisons_no_second_derivative() -> None:
    step = gs.Cell("x in R^n; h in R^n\nh' = where(x > 0, log(x) * exp(1/x), x^3) + 0*h", name="c").recurrence.program
    adjoint = derive_adjoint(step, ["x"])
    tangent = derive_tangent(adjoint)
    known = {"x": np.array([-2.0, 0.0, 1.0]), "h": np.zeros(3), "d_h'": np.ones(3)}
    with np.errstate(all="ignore"):
        known |= evaluate(step, {n: known[n] for n in ("x", "h")}, NUMPY)
        known |= {f"dot_{name}": np.zeros(3) for name in known} | {"dot_x": np.ones(3)}
        for program in (adjoint, tangent):
            known |= evaluate(program, {n: known[n] for n in program.sources}, NUMPY)
    np.testing.assert_allclose(known["dot_d_x"], [-12.0, 0.0, -3 * np.e], rtol=1e-14)


def test_a_choice_is_proven() -> None:
    from gatedsym.calculus.jacobian import derive_jacobian

    text = "x in R^n; h in R^n; U in R^(n,n)\nh' = where(U h > x, log(U h - x), exp(x) * h) + h/2"
    step = gs.Cell(text, name="c").recurrence.program
    assert prove_adjoint(step, derive_adjoint(step)).off_kinks
    prove_tangent(step, derive_tangent(step))
    prove_jacobian(step, derive_jacobian(step))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("a = log(x)\nh' = where(x > 0, a, U h)", "no choice can shield 'a'"),
        ("h' = where(x > 0, U log(x), h)", "W @ where(x > 0, log(x), 0)"),
        ("h' = where(x, U h, h)", "takes a comparison and two values"),
        ("h' = where(x > 0, U h)", "takes a comparison and two values"),
        ("h' = tanh(U h > x)", "Write where(U h > x, 1, 0)"),
        ("h' = U h + (x > 0)", "A comparison chooses: write where(u > v, a, b)"),
    ],
)
def test_what_a_choice_cannot_shield_and_what_chooses_nothing_is_refused(lines: str, told: str) -> None:
    assert told in refusal(lines)


def test_what_both_values_rest_on_needs_no_shield() -> None:
    after, slope = gradients("where(a > 1, 2*a, a^2) + 0*h\na = 1 / x", [0.5, 2.0], [0.0] * 2)
    np.testing.assert_allclose(after, [4.0, 0.25])
    np.testing.assert_allclose(slope, [-8.0, -0.25], rtol=1e-14)


def test_bounded_names_may_stand_outside_of_a_choice() -> None:
    after, slope = gradients("where(x > 0, a, 2*x) + 0*h\na = exp(-relu(x)) / (1 + x^2)", [-1.0, 1.0], [0.0] * 2)
    np.testing.assert_allclose(after, [-2.0, np.exp(-1) / 2])
    np.testing.assert_allclose(slope, [2.0, -np.exp(-1)], rtol=1e-14)
