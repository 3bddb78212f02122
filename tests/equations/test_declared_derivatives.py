"""Declared derivatives: what is typed, what is derived from it, and that everything that shows it says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.joined import join_primal
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.codegen.module import write_module
from gatedsym.errors import EquationError
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import Pointwise, pointwise
from gatedsym.proofs.engine.brute_force import prove_adjoint
from gatedsym.proofs.engine.decide import Refutation
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit.compile import load_module
from gatedsym.typesetting.pages.derivation import FORMATS, derivation, render

pytestmark = pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")

SPIKING = """x in R^n; v in R^n
s = step(v - 1) with derivative 1/(1 + 10*abs(v - 1))^2
v' = x + v/2 - s"""
SURROGATE = """x in R^n; v in R^n
g(u) = 1/(1 + 10*abs(u))^2
s = step(v - 1) with derivative g
v' = x + v/2 - s"""


def cell(text: str) -> gs.Cell:
    return gs.Cell(text, name="told")


def gradients(text: str, x: list[float], state: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """The state after one step, and the derivative of its sum by the state before, from emitted kernels."""
    one = cell(text)
    one.kernels = Kernels(uncompiled(load_module(write_module(one.recurrence), "told"), NUMPY))
    (name,) = one.states
    run = one.forward({}, np.array(x)[None, None], initial={name: np.array(state)[None]})
    found = one.backward({}, run, {name: np.ones((1, 1, len(x)))})
    return run[name][1, 0], np.ravel(found.initial[name])


def refusal(lines: str) -> str:
    with pytest.raises(EquationError) as caught:
        cell(f"x in R^n; v in R^n\n{lines}").recurrence  # noqa: B018
    return str(caught.value)


def test_the_value_is_the_step_and_the_derivative_what_was_declared() -> None:
    after, slope = gradients(SPIKING, [0.0, 0.0, 0.0], [0.5, 1.0, 1.5])
    np.testing.assert_allclose(after, [0.25, 0.5, -0.25])
    np.testing.assert_allclose(slope, 0.5 - 1 / (1 + 10 * np.array([0.5, 0.0, 0.5])) ** 2, rtol=1e-15)


def test_a_function_may_be_named_as_the_derivative() -> None:
    assert cell(SURROGATE).recurrence.program == cell(SPIKING).recurrence.program


def test_a_definition_may_declare_its_derivative() -> None:
    text = "x in R^n; v in R^n\nspike(u) = step(u) with derivative 1/(1 + 10*abs(u))^2\nv' = x + v/2 - spike(v - 1)"
    for found, expected in zip(gradients(text, [0.0], [1.25]), gradients(SPIKING, [0.0], [1.25]), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_line_may_go_on_with_its_derivative() -> None:
    broken = SPIKING.replace(" with derivative", "\n    with derivative")
    assert cell(broken).recurrence.program == cell(SPIKING).recurrence.program


def test_what_is_stopped_passes_its_value_and_no_change() -> None:
    after, slope = gradients("x in R^n; v in R^n\nv' = x + v * stop(v)", [0.0], [3.0])
    assert (after.tolist(), slope.tolist()) == ([9.0], [3.0])


def test_straight_through_passes_the_change_as_it_is() -> None:
    after, slope = gradients("x in R^n; v in R^n\nv' = x + 2 * straight_through(floor(v))", [0.0], [3.7])
    assert (after.tolist(), slope.tolist()) == ([6.0], [2.0])


def test_the_second_derivative_of_a_surrogate_is_its_own_derivative_and_that_of_a_stop_is_zero() -> None:
    step = cell("x in R^n; v in R^n\ns = step(v) with derivative sigmoid\nv' = x + s + stop(v)").recurrence.program
    adjoint = join_primal(derive_adjoint(step, ["v"]), step)
    tangent = derive_tangent(adjoint)
    values = {"v": np.array([0.3]), "d_v'": np.ones(1), "x": np.zeros(1)}
    values |= {f"dot_{name}": np.zeros(1) for name in values} | {"dot_v": np.ones(1)}
    known = values | evaluate(adjoint, {n: values[n] for n in adjoint.sources}, NUMPY)
    known |= evaluate(tangent, {n: known[n] for n in tangent.sources}, NUMPY)
    gate = 1 / (1 + np.exp(-0.3))
    np.testing.assert_allclose(known["d_v"], gate, rtol=1e-15)
    np.testing.assert_allclose(known["dot_d_v"], gate * (1 - gate), rtol=1e-15)


def test_the_proof_holds_the_adjoint_to_the_declaration_and_says_so() -> None:
    step = cell(SPIKING).recurrence.program
    proof = prove_adjoint(step, derive_adjoint(step))
    assert "taking as declared, not as derived, what s pass on" in proof.notes


def test_an_adjoint_that_does_not_follow_the_declaration_is_refuted() -> None:
    step = cell(SPIKING).recurrence.program
    adjoint = derive_adjoint(step)
    statements = tuple(
        pointwise(s.target, 2 * s.expression, s.operands)
        if isinstance(s, Pointwise) and any(r.name.startswith("slope") for r in s.operands)
        else s
        for s in adjoint.statements
    )
    assert statements != adjoint.statements
    with pytest.raises(Refutation):
        prove_adjoint(step, replace(adjoint, statements=statements))


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_a_page_says_in_every_format_that_the_derivative_is_declared(format: str) -> None:
    page = render(derivation(cell(SPIKING).recurrence), format)
    assert "not the derivative of the value" in " ".join(page.split())


def test_cell_module_and_caption_say_that_a_derivative_is_declared() -> None:
    from gatedsym.figures.words import warnings_of
    from gatedsym.flow.attributes import declarations

    one = cell(SPIKING)
    assert repr(one) == "Cell('told', states v; derivatives declared: s)"
    assert "It is not the derivative of the value" in write_module(one.recurrence)
    (warning,) = warnings_of(declarations([one, gs.cell("rnn")]))
    assert "s of told" in warning


def test_every_line_that_stops_a_value_is_told() -> None:
    one = cell("x in R^n; v in R^n\na = tanh(x + stop(v))\nb = sigmoid(stop(v))\nv' = a * b + v")
    assert one.declared == ("a", "b")


def test_a_cell_without_declarations_says_nothing_of_them() -> None:
    from gatedsym.flow.attributes import declarations

    one = cell("x in R^n; v in R^n\nstop(u) = u / 2\nv' = tanh(x + stop(v))")
    assert one.declared == ()
    assert repr(one) == "Cell('told', states v)"
    assert declarations([one]) == {}
    assert "eclared" not in write_module(one.recurrence)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("v' = x + v with derivative 1", "follows one function of one argument"),
        ("s = step(v/3) with derivative abs(v)\nv' = x - s", "declared(step(v/3), abs(v), v/3)"),
        ("s = step(v/3) with derivative abs(v)\nv' = x - s", "declared(step(v/3), abs(v), v)"),
        ("v' = straight_through(v + x)", "declared(value, 1, by)"),
        ("v' = x + declared(step(v), v)", "takes a value, its derivative, and by what"),
    ],
)
def test_what_is_no_declaration_or_has_two_readings_is_refused(lines: str, told: str) -> None:
    assert told in refusal(lines)


def test_either_reading_that_is_offered_is_accepted() -> None:
    _, by_argument = gradients("x in R^n; v in R^n\nv' = x + declared(step(v/3), abs(v), v/3)", [0.0], [2.0])
    _, by_name = gradients("x in R^n; v in R^n\nv' = x + declared(step(v/3), abs(v), v)", [0.0], [2.0])
    np.testing.assert_allclose([*by_argument, *by_name], [2 / 3, 2], rtol=1e-15)
