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


@pytest.mark.parametrize("name", ["rnn", pytest.param("gru", marks=pytest.mark.long)])
def test_a_hessian_product_is_that_of_jax(name):
    jax = pytest.importorskip("jax", reason="jax is not installed; `pip install jax` to compare with it")
    problem, direction = draw(name)
    jax.config.update("jax_enable_x64", True)
    step = {"rnn": _rnn_step, "gru": _gru_step}[name]

    def loss(params, inputs, initial):
        _, rows = jax.lax.scan(lambda h, x: (step(jax.numpy, params, h, x),) * 2, initial["h"], inputs["x"])
        return (rows * problem.cotangents["h"]).sum()

    at = tuple(dict(group) for group in (problem.params, problem.inputs, problem.initial))
    along = tuple(direction[group] for group in ("params", "inputs", "initial"))
    _, theirs = jax.jvp(jax.grad(loss, argnums=(0, 1, 2)), at, along)
    found = product(problem, direction)
    for key, value in theirs[0].items():
        np.testing.assert_allclose(found.params[key], value, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found.x, theirs[1]["x"], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found.initial["h"][0], theirs[2]["h"], rtol=1e-9, atol=1e-11)


def _rnn_step(np, p, h, x):
    return np.tanh(x @ p["W"].T + h @ p["U"].T + p["b"])


def _gru_step(np, p, h, x):
    z, r = (1 / (1 + np.exp(-(x @ p[f"W_{k}"].T + h @ p[f"U_{k}"].T + p[f"b_{k}"]))) for k in "zr")
    g = np.tanh(x @ p["W_g"].T + (r * h) @ p["U_g"].T + p["b_g"])
    return (1 - z) * h + z * g
