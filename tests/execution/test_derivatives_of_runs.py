"""Gradients against values: Taylor remainders, ⟨Jv, w⟩ = ⟨v, Jᵀw⟩, formulas by hand, norms below every float."""

from itertools import pairwise

import numpy as np
import pytest
from reference.by_hand import CELLS
from reference.problems import small

import gatedsym as gs
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.ir.evaluate import NUMPY, evaluate


def inner(direction, grads):
    """⟨gradient, direction⟩ over parameters, input and initial states."""
    total = sum((grads.params[k] * v).sum() for k, v in direction["params"].items())
    total += sum((grads.states[k][0] * v).sum() for k, v in direction["initial"].items())
    return float(total + (grads.x * direction["x"]).sum())


@pytest.mark.sampled
@pytest.mark.parametrize("name", CELLS)
def test_taylor_remainder_of_first_order_has_slope_2(name):
    """Steps of 2^-13 … 2^-17: the third order and rounding (1e-14) each move a slope by less than 0.02."""
    problem = small(name)
    direction = problem.direction(seed=1)
    value, slope = problem.loss(), inner(direction, problem.backward())
    steps = [2.0**-k for k in range(13, 18)]
    remainders = [abs(problem.moved(direction, s).loss() - value - s * slope) for s in steps]
    slopes = [np.log2(a / b) for a, b in pairwise(remainders)]
    assert np.allclose(slopes, 2, atol=0.02)


@pytest.mark.sampled
@pytest.mark.parametrize("name", CELLS)
def test_dot_product_of_tangent_and_adjoint_of_states(name):
    """⟨J v, w⟩ = ⟨v, Jᵀ w⟩, J the derivative of the last state by the first, for several v at once."""
    problem, count = small(name), 6
    generator = np.random.default_rng(2)
    run = problem.forward()
    v = {s: generator.normal(size=(count, *a.shape)) for s, a in problem.initial.items()}
    w = {s: generator.normal(size=a.shape) for s, a in problem.initial.items()}
    tangents = problem.cell.tangent(problem.params, run, v)
    forward = {s: a * 2.0 ** tangents.exponents[..., None] for s, a in tangents.states.items()}
    back = problem.cell.backward(problem.params, run, {s: ([-1], a[None]) for s, a in w.items()})
    left = sum((forward[s] * w[s]).sum(axis=(1, 2)) for s in w)
    right = sum((v[s] * back.states[s][0]).sum(axis=(1, 2)) for s in w)
    assert np.allclose(left, right, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", CELLS)
def test_dot_product_of_the_tangent_program_and_the_whole_adjoint(name):
    """The tangent Program, carried through time, moves parameters, input and initial state together."""
    problem = small(name)
    direction = problem.direction(seed=3)
    run, program = problem.forward(), problem.cell.recurrence.program
    tangent = derive_tangent(program)
    moving = {k: direction["initial"][k] for k in problem.initial}
    left = 0.0
    for t in range(len(problem.x)):
        values = {**problem.params, "x": problem.x[t], **{s: run[s][t] for s in problem.initial}}
        known = evaluate(program, values, NUMPY)
        dots = {**direction["params"], "x": direction["x"][t], **moving}
        known |= {f"dot_{k}": v for k, v in dots.items()}
        found = evaluate(tangent, {k: v for k, v in known.items() if k in tangent.sources}, NUMPY)
        moving = {s: found[f"dot_{s}'"] for s in moving}
        left += sum(float((moving[s] * problem.cotangents[s][t]).sum()) for s in moving)
    assert left == pytest.approx(inner(direction, problem.backward()), rel=1e-12)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize(
    ("steps", "batch", "m", "n"), [(3, 1, 1, 1), (2, 7, 3, 8), (3, 8, 8, 9), (2, 9, 17, 16), (2, 17, 5, 33)]
)
def test_kernels_agree_with_formulas_by_hand_on_both_sides_of_every_tile_edge(name, steps, batch, m, n):
    problem = small(name, steps, batch, m, n)
    values, params, x, states = problem.by_hand()
    run, grads = problem.forward(), problem.backward()
    for key, value in values.items():
        np.testing.assert_allclose(run[key], value, rtol=1e-11, atol=1e-13)
    for key, value in params.items():
        np.testing.assert_allclose(grads.params[key], value, rtol=1e-11, atol=1e-13)
    for key, value in states.items():
        np.testing.assert_allclose(grads.states[key], value, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(grads.x, x, rtol=1e-11, atol=1e-13)


@pytest.mark.sampled
@pytest.mark.parametrize("name", CELLS)
def test_products_of_step_jacobians_are_what_backward_carries(name):
    """Compared at row 0: a later c_t also reaches the loss through its own h_t, which no step's Jacobian holds."""
    problem = small(name)
    run = problem.forward()
    blocks = problem.cell.jacobian(problem.params, run)
    last = {s: d[-1:] for s, d in problem.cotangents.items()}
    grads = problem.cell.backward(problem.params, run, {s: ([-1], d) for s, d in last.items()})
    carried = {s: d[0] for s, d in last.items()}
    for t in reversed(range(len(problem.x))):
        carried = {
            to: sum(np.einsum("bjk,bj->bk", blocks[f"{of}'", to][t], carried[of]) for of in carried) for to in carried
        }
    for s in carried:
        np.testing.assert_allclose(grads.states[s][0], carried[s], rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.sampled
def test_flow_and_backward_give_the_same_norms(name):
    problem = small(name)
    run, grads = problem.forward(), problem.backward()
    log_norm = problem.cell.flow(problem.params, run, problem.cotangents).log_norm
    for key, adjoint in {"x": grads.x, **grads.states}.items():
        np.testing.assert_allclose(log_norm[key], np.log(np.linalg.norm(adjoint, axis=-1)), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru"])
@pytest.mark.long
def test_the_norm_of_the_whole_state_is_what_products_of_step_jacobians_carry(name):
    problem = small(name)
    run = problem.forward()
    states = problem.cell.states
    last = np.random.default_rng(3).normal(size=run["h"][-1].shape)
    log_norm = problem.cell.flow(problem.params, run, {"h": ([-1], last[None])}).log_norm["state"]
    blocks = problem.cell.jacobian(problem.params, run)
    carried = {s: last if s == "h" else np.zeros_like(last) for s in states}
    for t in range(len(log_norm) - 1, -1, -1):
        norm = np.sqrt(sum((v**2).sum(axis=-1) for v in carried.values()))
        np.testing.assert_allclose(log_norm[t], np.log(norm), rtol=1e-11, atol=1e-12)
        if t:
            carried = {
                s: sum(np.einsum("bjk,bj->bk", blocks[f"{r}'", s][t - 1], carried[r]) for r in states) for s in states
            }


LONG = 5000


def halved_rnn(n=8, m=3):
    cell = gs.cell("rnn")
    params = cell.init(m=m, n=n, seed=4, scheme="gaussian")
    for value in params.values():
        value *= 0.5
    return cell, params


def test_norms_far_below_the_smallest_float_are_finite_logarithms():
    """Against a product of Jacobians in plain NumPy that is brought back to norm 1 at every step, its logs added up."""
    cell, params = halved_rnn()
    x = np.random.default_rng(4).normal(size=(LONG, 2, 3))
    run = cell.forward(params, x)
    d = np.random.default_rng(5).normal(size=(1, 2, 8))
    log_norm = cell.flow(params, run, {"h": ([-1], d)}).log_norm["h"]
    carried, total = d[0], np.zeros(2)
    expected = np.empty((LONG + 1, 2))
    for t in reversed(range(LONG + 1)):
        norm = np.linalg.norm(carried, axis=-1)
        total = total + np.log(norm)
        expected[t] = total
        if t:
            carried = (carried / norm[:, None] * (1 - run["h"][t] ** 2)) @ params["U"]
    assert np.isfinite(log_norm).all()
    assert (log_norm[0] < 3 * np.log(5e-324)).all()
    np.testing.assert_allclose(log_norm, expected, rtol=1e-12, atol=1e-11)


def test_without_input_the_slope_is_the_logarithm_of_the_spectral_radius():
    """h = 0 throughout, so the gradient is (Uᵀ)ᵏ d: over k steps its slope is log ρ(U) up to O(1/k)."""
    cell, params = halved_rnn()
    run = cell.forward(params, np.zeros((LONG, 1, 3)))
    log_norm = cell.flow(params, run, {"h": ([-1], np.ones((1, 1, 8)))}).log_norm["h"]
    radius = np.abs(np.linalg.eigvals(params["U"])).max()
    assert (log_norm[LONG] - log_norm[0]) / LONG == pytest.approx(-np.log(radius), rel=2e-3)


def test_tangents_far_below_the_smallest_float_keep_their_exponent():
    cell, params = halved_rnn()
    run = cell.forward(params, np.zeros((LONG, 1, 3)))
    tangents = cell.tangent(params, run, {"h": np.ones((1, 1, 8))})
    log2_norm = np.log2(np.linalg.norm(tangents.states["h"][0, 0])) + tangents.exponents[0, 0]
    radius = np.abs(np.linalg.eigvals(params["U"])).max()
    assert log2_norm / LONG == pytest.approx(np.log2(radius), rel=2e-3)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru_torch"])
def test_gradients_of_single_steps_add_up_to_the_gradient(name):
    problem = small(name)
    run, grads = problem.forward(), problem.backward()
    flow = problem.cell.flow(problem.params, run, problem.cotangents)
    for parameter, whole in grads.params.items():
        mantissas, exponents = flow.parameter_steps(parameter)
        steps = mantissas * (2.0**exponents).reshape(-1, *(1,) * whole.ndim)
        np.testing.assert_allclose(steps.sum(axis=0), whole, rtol=1e-10, atol=1e-12 * np.abs(whole).max())


def test_gradients_of_single_steps_of_what_is_no_parameter_are_refused():
    problem = small("rnn")
    flow = problem.cell.flow(problem.params, problem.forward(), problem.cotangents)
    with pytest.raises(ValueError, match="there is no 'V' among the parameters of rnn; there are W, U, b"):
        flow.parameter_steps("V")
