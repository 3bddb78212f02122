"""Compiled Hessian–vector products against those of frameworks: torch's double backward, jax's jvp of grad."""

import numpy as np
import pytest
from cells.particulars import COMPILED

import gatedsym as gs
from gatedsym.bench.points import Point
from gatedsym.bench.problem import make_problem

PLAIN = ("rnn",)
"""Compiled in every run."""

_named = [name if name in PLAIN else pytest.param(name, marks=pytest.mark.long) for name in COMPILED]


def draw(name):
    """A cell's problem, and a direction of all that moves."""
    problem, rng = make_problem(Point(name, "float64", 5, 2, 4)), np.random.default_rng(1)
    groups = {"params": problem.params, "inputs": problem.inputs, "initial": problem.initial}
    return problem, {g: {n: rng.normal(size=np.shape(a)) for n, a in v.items()} for g, v in groups.items()}


def product(problem, direction):
    run = problem.cell.forward(problem.params, dict(problem.inputs), initial=dict(problem.initial))
    return problem.cell.hessian_product(problem.params, run, problem.cotangents, direction)


@pytest.mark.parametrize("name", _named)
def test_a_hessian_product_is_that_of_torch(name):
    pytest.importorskip("torch", reason="torch is not installed; `pip install torch` to compare with it")
    from gatedsym.bench.torch_program import TorchProgram

    problem, direction = draw(name)
    found, theirs = product(problem, direction), TorchProgram(problem).hessian_product(direction)
    for group in ("params", "inputs"):
        for key, value in theirs[group].items():
            scale = np.abs(value).max(initial=1e-300)
            np.testing.assert_allclose(getattr(found, group)[key], value, rtol=1e-9, atol=1e-11 * scale, err_msg=key)
    for key, value in theirs["initial"].items():
        ours = found.initial[key].reshape(value.shape)
        np.testing.assert_allclose(ours, value, rtol=1e-9, atol=1e-11 * np.abs(value).max(initial=1e-300))


SURROGATES = {
    "surrogate": "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\n"
    "a = W @ x + U @ h\nz = declared(step(a), sigmoid(a) * (1 - sigmoid(a)), a)\nh' = z * tanh(a) + h / 2",
    "stop": "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ x + U @ h) * stop(sigmoid(h))",
}


@pytest.mark.long
@pytest.mark.parametrize("name", SURROGATES)
def test_a_product_of_declared_derivatives_is_that_of_torch(name):
    """Both differentiate the declared gradient, by the same declarations."""
    pytest.importorskip("torch", reason="torch is not installed; `pip install torch` to compare with it")
    from gatedsym.bench.torch_program import TorchProgram

    problem, direction = draw("rnn")
    own = type(problem)(
        gs.Cell(SURROGATES[name], name=name),
        problem.point,
        problem.sizes,
        {k: v for k, v in problem.params.items() if k != "b"},
        problem.inputs,
        problem.initial,
        problem.cotangents,
    )
    direction = {**direction, "params": {k: direction["params"][k] for k in own.params}}
    found, theirs = product(own, direction), TorchProgram(own).hessian_product(direction)
    for key, value in theirs["params"].items():
        np.testing.assert_allclose(found.params[key], value, rtol=1e-10, atol=1e-12)


BY_HAND = {
    "rnn": "one product",
    "gru": "two products after each other",
    "lstm": "two states",
    "lstmp": "a state of another width",
    "lstm_layer_norm": "norms over the vectors of all gates",
    "lem": "a state computed from another state's new value",
    "tau_gru_delayed_input": "a state and an input of three steps ago",
    "qrnn": "an input of one step ago, an output that is no state",
    "lru": "a diagonal of complex numbers",
    "s5": "a complex state",
    "mlstm": "a matrix as state, a maximum",
    "delta_net": "a matrix as state, vectors of length 1",
}
"""Cells whose steps are written again in jax (cells/jax_steps.py), with the kind of structure for which each stands."""

BY_PROGRAM = {
    "gru_torch": "a product with a bias inside a gate",
    "rnn_relu": "a kink",
    "lif": "a declared derivative, a stopped one",
    "glu": "no state",
    "gru_d": "several inputs",
    "lstm_peephole": "a gate that sees the new value of a state",
    "rhn": "micro-steps",
}
"""Cells whose Programs jax carries out."""

_slow = [name if name in PLAIN else pytest.param(name, marks=pytest.mark.long) for name in BY_HAND]


@pytest.mark.usefixtures("float64_in_jax")
@pytest.mark.parametrize("name", _slow)
def test_a_hessian_product_is_that_of_jax(name):
    from cells.jax_hessian import hessian_product, loss_by_hand
    from cells.jax_steps import STEPS

    problem, direction = draw(name)
    theirs = hessian_product(problem, direction, loss_by_hand(problem, STEPS[name]))
    assert_same_products(product(problem, direction), theirs)


@pytest.mark.usefixtures("float64_in_jax")
@pytest.mark.long
@pytest.mark.parametrize("name", BY_PROGRAM)
def test_a_hessian_product_is_that_of_jax_on_the_program(name):
    """Equations are read once for both; derivatives are taken twice by each for itself."""
    from cells.jax_hessian import hessian_product, loss_by_program

    problem, direction = draw(name)
    assert_same_products(product(problem, direction), hessian_product(problem, direction, loss_by_program(problem)))


def assert_same_products(found, theirs):
    """Rounding alone differs: relative to the largest entry of each array, that measures 6e-15 at most."""
    assert theirs["params"]
    for group, arrays in theirs.items():
        for key, value in arrays.items():
            ours = np.reshape(getattr(found, group)[key], value.shape)
            largest = np.abs(value).max(initial=1e-300)
            np.testing.assert_allclose(ours, value, rtol=0, atol=1e-12 * largest, err_msg=f"{group} {key}")
