"""Rates of change: read as sources write them, made a step by the scheme that the text names."""

from __future__ import annotations

import numpy as np
import pytest

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.equations import edit_equations, read_equations
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.proofs.engine.brute_force import prove_adjoint
from gatedsym.proofs.engine.domains import conditions

HEAD = "x in R^m; h in R^n; W in R^(n,n); U in R^(n,m); tau in R^n\n"
RATE = "dh/dt = -h/tau + tanh(W @ h + U @ x)\n"


def lines(text: str) -> list[str]:
    return [equation.text for equation in read_equations(text).equations]


@pytest.mark.parametrize(
    "typed",
    [
        "tau dh/dt = -h + tanh(W @ h + U @ x)",
        "τ·dh/dt = −h + tanh(W h + U x)",
        "tau * d h / d t = -h(t) + tanh(W @ h(t) + U @ x(t))",
        "τ ∂h/∂t = -h_t + tanh(W @ h_t + U @ x_t)",
        "τ d/dt h = -h + tanh(W @ h + U @ x)",
        "τ ḣ = -h + tanh(W @ h + U @ x)",
        "tau dh_t/dt = -h + tanh(W @ h + U @ x)   (3)",
        r"\tau \frac{dh}{dt} = -h + \tanh(W h + U x)",
        r"\tau\,\frac{\mathrm{d} h(t)}{\mathrm{d} t} = -h(t) + \tanh(W h(t) + U x(t))",
        r"\tau \dot{h} = -h + \tanh(W h + U x)",
        r"$$\tau \dot{h}(t) = -h(t) + \tanh(W h(t) + U x(t))$$",
    ],
)
@pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")
def test_a_rate_may_be_written_as_sources_write_it(typed):
    expected = read_equations(f"{HEAD}rate_h = (-h + tanh(W @ h + U @ x)) / tau\nh' = h + dt * rate_h\ndt = 0.1")
    found = read_equations(f"{HEAD}{typed}\nstep dt = 0.1\nscheme euler")
    assert found.program == expected.program
    assert found.scheme == "euler with the step dt"


def test_the_step_may_be_an_input_or_have_another_name():
    as_input = read_equations(f"{HEAD}dt in R, dt >= 0\n{RATE}scheme euler")
    assert [layout.name for layout in as_input.inputs] == ["x", "dt"]
    named = read_equations(f"{HEAD}step eta = 0.1\n{RATE}scheme Euler")
    assert lines(f"{HEAD}step eta = 0.1\n{RATE}scheme Euler")[-1] == "h' = h + eta * rate_h"
    assert named.constants.keys() == {"eta"}


def test_a_name_with_a_dot_stays_a_name_where_nothing_of_that_name_is_declared():
    assert lines("g in R^n\nh_dot = tanh(g)\ng' = h_dot")[0] == "h_dot = tanh(g)"


def test_several_states_move_at_once_and_lines_between_them_are_stages():
    text = "a, b in R^n; dt = 0.1\ng = tanh(b)\nda/dt = g - a\ndb/dt = -a\nscheme rk4"
    found = lines(text)
    assert found[:3] == ["g = tanh(b)", "rate_a = g - a", "rate_b = -a"]
    assert "g_3 = tanh(b_3)" in found
    assert "rate_a_3 = g_3 - a_3" in found
    assert found[-1] == "b' = b + dt / 6 * (rate_b + 2 * rate_b_2 + 2 * rate_b_3 + rate_b_4)"


@pytest.mark.parametrize(
    ("rate", "decay", "drive"),
    [
        ("dh/dt = -h/tau + b", "1 / tau", "b"),
        ("tau dh/dt = -h + g * (b - h)", "(1 + g) / tau", "g * b / tau"),
        ("dh/dt = b - (1/tau + g) * h", "1 / tau + g", "b"),
        ("dh/dt = -2 * tau * h + W @ h", "2 * tau", "W @ h"),
        ("dh/dt = -h tau + b", "tau", "b"),
    ],
)
def test_the_decay_of_exponential_euler_is_read_from_the_text(rate, decay, drive):
    gate = "g = sigmoid(h)\n" if "g" in rate else ""
    text = f"h, b, tau in R^n; W in R^(n,n); dt = 0.1\n{gate}{rate}\noutput y; y = W @ (tau * b)\n"
    found = lines(f"{text}scheme exponential_euler")
    assert f"decay_h = {decay}" in found
    assert f"drive_h = {drive}" in found
    assert "h' = keep_h * h + (1 - keep_h) * drive_h / decay_h" in found


def test_a_decay_alone_is_an_exponential():
    assert lines("h, a in R^n\ndh/dt = -a * h\nstep dt = 1\nscheme exponential_euler")[-1] == "h' = keep_h * h"


def after(scheme: str, dt: float, steps: int) -> float:
    """The solution of dh/dt = -2 h + sin(h) + x at time 1, from 1."""
    program = read_equations(f"x, h in R\ndt in R, dt > 0\ndh/dt = -2*h + sin(h) + x\nscheme {scheme}").program
    h = np.asarray(1.0)
    for _ in range(steps):
        h = evaluate(program, {"h": h, "x": np.asarray(0.3), "dt": np.asarray(dt)}, NUMPY)["h'"]
    return float(h)


@pytest.mark.parametrize(("scheme", "order"), [("euler", 1), ("exponential_euler", 1), ("rk4", 4)])
def test_schemes_have_their_order(scheme, order):
    exact = after("rk4", 1 / 2000, 2000)
    errors = [abs(after(scheme, 1 / steps, steps) - exact) for steps in (20, 40)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.15)


def test_exponential_euler_is_exact_for_a_linear_rate():
    program = read_equations("x, h in R; dt in R, dt > 0\ndh/dt = -3*h + x\nscheme exponential_euler").program
    found = evaluate(program, {k: np.asarray(v) for k, v in {"h": 2.0, "x": 0.5, "dt": 0.7}.items()}, NUMPY)["h'"]
    assert float(found) == pytest.approx(0.5 / 3 + (2 - 0.5 / 3) * np.exp(-2.1), rel=1e-15)


@pytest.mark.parametrize("scheme", ["euler", "exponential_euler", "rk4"])
@pytest.mark.long
def test_the_adjoint_of_a_step_is_proven(scheme):
    program = read_equations(f"{HEAD}step dt = 0.1\n{RATE}scheme {scheme}").program
    assert prove_adjoint(program, derive_adjoint(program), wrt=("x", "h", "W", "U", "tau")) is not None


def test_conditions_are_those_of_the_step():
    assert set(conditions([f"{HEAD}step dt = 0.1\n{RATE}scheme exponential_euler"])) == {"tau ≠ 0", "decay_h ≠ 0"}


def test_an_edit_of_a_state_gives_it_another_rate():
    text = f"{HEAD}step dt = 0.1\n{RATE}scheme euler"
    edited = edit_equations(text, {"h": "-h/tau + W @ h + U @ x"})
    assert "dh/dt = -h/tau + W @ h + U @ x\n" in edited
