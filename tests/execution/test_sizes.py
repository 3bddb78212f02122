"""Sizes that no array shows by itself: states that are sums of dimensions, cells without parameters."""

import numpy as np
import pytest
from literature import CELLS

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled

pytestmark = pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")

SUM = """
x in R^m; h, c in R^(n+p); W_{f,g} in R^(n+p, m); U_{f,g} in R^(n+p, n+p); b_{f,g} in R^(n+p)
p = 3
f = σ(W_f x + U_f h + b_f)
g = tanh(W_g x + U_g h + b_g)
c' = f*c + (1 - f)*g
h' = tanh(c')
"""
WHOLE = SUM.replace("n+p", "n").replace("p = 3", "")
COUNTER = "h in R^n\nh' = 2*h + 1"


def plain(equations, name="own"):
    """The cell, its kernels run as plain Python."""
    cell = gs.Cell(equations, name=name)
    cell.kernels = Kernels(uncompiled(cell.kernels.module, NUMPY))
    return cell


@pytest.fixture(scope="module")
def cells():
    return plain(SUM), plain(WHOLE)


@pytest.fixture(scope="module")
def runs(cells):
    """Both cells with the same parameters on the same input, and what flows back."""
    summed, whole = cells
    params = whole.init(m=2, n=7, seed=1)
    generator = np.random.default_rng(0)
    x, dh = generator.standard_normal((5, 2, 2)), generator.standard_normal((5, 2, 7))
    found = []
    for cell in (summed, whole):
        run = cell.forward(dict(params), x)
        found.append((cell, params, run, {"h": dh}))
    return found


def test_a_state_that_is_a_sum_of_dimensions_runs_as_one_of_that_size(runs):
    (_, _, run, _), (_, _, same, _) = runs
    assert np.allclose(run["c"], same["c"], rtol=0, atol=1e-14)
    assert run.call_shape.sizes == {"m": 2, "n": 4, "p": 3}


def test_its_gradients_flow_as_those_of_one_of_that_size(runs):
    grads, flows, jacobians = [], [], []
    for cell, params, run, cotangents in runs:
        grads.append(cell.backward(params, run, cotangents))
        flows.append(cell.flow(params, run, cotangents).log_norm)
        jacobians.append(sum(float((block**2).sum()) for block in cell.jacobian(params, run).values()))
    for name in grads[1].params:
        assert np.allclose(grads[0].params[name], grads[1].params[name], rtol=0, atol=1e-13)
    for name in ("h", "c", "x", "state"):
        assert np.allclose(flows[0][name], flows[1][name], rtol=0, atol=1e-12)
    assert np.isclose(*jacobians, rtol=1e-13)


def test_its_tangents_move_as_those_of_one_of_that_size(runs):
    direction = np.random.default_rng(2).standard_normal((3, 2, 7))
    moved = [cell.tangent(params, run, {"c": direction}) for cell, params, run, _ in runs]
    for name in ("h", "c"):
        summed, whole = (np.ldexp(m.states[name], m.exponents[..., None]) for m in moved)
        assert np.allclose(summed, whole, rtol=1e-12)


def test_a_bias_that_is_a_sum_of_dimensions_is_a_bias(cells):
    summed, _ = cells
    params = summed.init(m=2, n=4, scheme="xavier", retention=2.0)
    assert params["b_f"].tolist() == [2.0] * 7
    assert not params["b_g"].any()


def test_a_size_that_only_sums_show_is_the_one_that_was_drawn(cells):
    summed, _ = cells
    params = summed.init(m=2, n=4, p=5)
    assert summed.forward(params, np.zeros((1, 1, 2))).call_shape.sizes == {"m": 2, "n": 4, "p": 5}
    # Without what `init` remembers the equations decide, p = 3.
    assert summed.forward(dict(params), np.zeros((1, 1, 2))).call_shape.sizes == {"m": 2, "n": 6, "p": 3}


def test_a_cell_without_parameters_and_input_runs_with_what_init_remembers():
    cell = plain(COUNTER)
    run = cell.forward(cell.init(n=2), steps=3, batch=1)
    assert run["h"][:, 0].tolist() == [[0, 0], [1, 1], [3, 3], [7, 7]]
    with pytest.raises(ArgumentError, match="needs the size of n"):
        cell.forward({}, steps=3, batch=1)


@pytest.mark.parametrize("name", ["lstm", "two_inputs"])
def test_drawn_parameters_know_all_sizes(name):
    cell = gs.cell("lstm") if name == "lstm" else plain(CELLS[name])
    sizes = {d.name: 2 + k for k, d in enumerate(cell.interface.dimensions)}
    assert cell.init(**sizes).sizes == sizes


def test_initial_states_show_the_sizes_of_a_cell_without_parameters_and_inputs() -> None:
    cell = gs.Cell("h, c in R^n\nh' = tanh(c)\nc' = h", "mine")
    run = cell.forward({}, initial={"c": np.ones((2, 3))}, steps=4, batch=2)
    assert run["h"].shape == (5, 2, 3)
    with pytest.raises(ArgumentError, match="needs the size of n"):
        cell.forward({}, steps=4, batch=2)
    with pytest.raises(ArgumentError, match="initial"):
        cell.forward({}, initial={"c": np.ones((2, 3)), "h": np.ones((2, 4))}, steps=4, batch=2)
