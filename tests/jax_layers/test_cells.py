"""Cells of every kind of structure as layers: values are those of a run, derivatives hold against differences."""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="jax is not installed; `pip install jax` to test its layers")

import jax.numpy as jnp  # noqa: E402
from jax.test_util import check_grads  # noqa: E402

import gatedsym as gs  # noqa: E402
import gatedsym.jax as gj  # noqa: E402
from gatedsym.bench.points import Point  # noqa: E402
from gatedsym.bench.problem import make_problem  # noqa: E402

pytestmark = pytest.mark.usefixtures("float64_in_jax", "plain")

CELLS = {
    "rnn": "one product",
    "lstm": "two states",
    "lstm_peephole": "a gate that sees the new value of a state",
    "lstmp": "a state of another width",
    "gru": "two products after each other",
    "gru_torch": "a product with a bias inside a gate",
    "rhn": "micro-steps",
    "lem": "a state computed from another state's new value",
    "slstm_heads": "the index form, a maximum",
    "mlstm": "a matrix as state, an output that is no state",
    "qrnn": "a delayed input",
    "tau_gru_delayed_input": "a state and an input of three steps ago",
    "lru": "functions of parameters alone",
    "s5": "a complex state",
    "glu": "no state",
    "gru_d": "several inputs",
}
"""Cells of the library, with the kind of structure for which each stands."""


def given(name):
    """The arguments of a layer, and of a run, for a cell."""
    problem = make_problem(Point(name, "float64", 4, 2, 4))
    return problem, (dict(problem.params), dict(problem.inputs), dict(problem.initial))


@pytest.mark.sampled
@pytest.mark.parametrize("name", CELLS)
def test_values_are_those_of_a_run(name):
    problem, at = given(name)
    run = problem.cell.forward(problem.params, dict(problem.inputs), initial=dict(problem.initial))
    found = jax.jit(gj.layer(problem.cell))(*at)
    assert set(found) == {*problem.cell.states, *problem.cell.outputs}
    for key, value in found.items():
        np.testing.assert_array_equal(value, run[key], err_msg=key)


@pytest.mark.sampled
@pytest.mark.parametrize("name", CELLS)
def test_derivatives_are_differences_forward_and_in_reverse(name):
    problem, at = given(name)
    f = gj.layer(problem.cell)

    def loss(params, inputs, initial):
        return sum(jnp.sin(y).sum() for y in f(params, inputs, initial).values())

    # Inputs that a law keeps in a domain (a mask) are held: a step along a difference would leave it.
    free = {n: v for n, v in at[1].items() if n not in problem.cell.interface.domains}
    check_grads(lambda p, x, s: loss(p, {**at[1], **x}, s), (at[0], free, at[2]), order=1, rtol=1e-4, atol=1e-4)


@pytest.mark.long
@pytest.mark.parametrize("name", CELLS)
def test_a_derivative_of_gradients_is_the_hessian_product(name):
    """Of a loss that is linear in trajectories it is that of `Cell.hessian_product`."""
    problem, at = given(name)
    f, rng = gj.layer(problem.cell), np.random.default_rng(1)
    v = jax.tree.map(lambda a: rng.normal(size=np.shape(a)), at)

    def loss(params, inputs, initial):
        found, states = f(params, inputs, initial), problem.cell.states
        return sum((c * found[n][1 if n in states else 0 :]).sum() for n, c in problem.cotangents.items())

    found = jax.jvp(jax.grad(loss, (0, 1, 2)), at, v)[1]
    run = problem.cell.forward(problem.params, dict(problem.inputs), initial=dict(problem.initial))
    direction = dict(zip(("params", "inputs", "initial"), v, strict=True))
    expected = problem.cell.hessian_product(problem.params, run, problem.cotangents, direction)
    for group, arrays in zip(("params", "inputs", "initial"), found, strict=True):
        for key, value in arrays.items():
            other = np.reshape(getattr(expected, group)[key], value.shape)
            np.testing.assert_allclose(value, other, rtol=1e-11, atol=1e-13, err_msg=key)


def test_a_cell_is_a_name_a_text_or_an_object():
    text = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ x + U @ h)"
    printed = r"x \in \mathbb{R}^m, h \in \mathbb{R}^n" "\n"
    printed += r"W \in \mathbb{R}^{n \times m}, U \in \mathbb{R}^{n \times n}" "\n"
    printed += r"h_t = \tanh(W x_t + U h_{t-1})"
    params = {n: a for n, a in gs.cell("rnn").init(m=2, n=3, seed=1).items() if n != "b"}
    x = np.random.default_rng(0).normal(size=(3, 2, 2))
    expected = gj.layer("rnn")({**params, "b": np.zeros(3)}, x)["h"]
    for given_as in (text, printed, gs.Cell(text, name="mine")):
        np.testing.assert_allclose(gj.layer(given_as)(params, x)["h"], expected, rtol=1e-14)


def test_a_complex_array_is_given_whole_or_in_parts():
    problem, (params, inputs, initial) = given("s5")
    f = gj.layer(problem.cell)
    whole = {n: v for n, v in params.items() if not n.startswith("Lambda")}
    whole["Lambda"] = params["Lambda_re"] + 1j * params["Lambda_im"]
    np.testing.assert_array_equal(f(whole, inputs, initial)["y"], f(params, inputs, initial)["y"])
    gradient = jax.grad(lambda p: f(p, inputs, initial)["y"].sum())(whole)["Lambda"]
    assert np.abs(gradient.imag).max() > 0


def test_a_cell_without_input_takes_steps_and_batch():
    f = gj.layer(gs.Cell("h in R^n; U in R^(n,n); b in R^n\nh' = tanh(U @ h + b)", name="alone"))
    params = f.cell.init(n=3)
    y = f(params, steps=4, batch=2)["h"]
    assert y.shape == (5, 2, 3)
    assert jax.vmap(lambda s: f(params, initial={"h": s}, steps=4, batch=2)["h"])(np.ones((6, 2, 3))).shape[0] == 6


def test_tokens_stand_beside_inputs_that_move():
    text = "token in {0..m-1}; x in R^k; h in R^n; E in R^(n,m); V in R^(n,k); U in R^(n,n)\n"
    f = gj.layer(gs.Cell(text + "h' = tanh(E @ onehot(token) + V @ x + U @ h)", name="words"))
    rng, params = np.random.default_rng(0), f.cell.init(m=4, n=3, k=2)
    token, at = rng.integers(0, 4, size=(3, 2)), (params, rng.normal(size=(3, 2, 2)))

    def loss(params, x):
        return jnp.sin(f(params, {"token": token, "x": x})["h"]).sum()

    check_grads(loss, at, order=2, rtol=1e-4, atol=1e-4)
    with pytest.raises(gs.GatedsymError, match=r"token\[0, 0\] is .*; words reads token in"):
        f(params, {"token": token + 4, "x": at[1]})


def test_a_stack_with_a_loss_is_a_layer():
    """Its loss is an output, its target an input: what jax differentiates is the derived adjoint of the loss."""
    two = gs.stack(["rnn", "gru"], head=gs.head.classification(3))
    rng, params = np.random.default_rng(0), two.init(m=2, n=3)
    inputs = {"x": rng.normal(size=(3, 2, 2)), "target": rng.integers(0, 3, size=(3, 2))}
    run = two.forward(params, inputs)
    expected = two.backward(params, run, gs.head.cotangents(run)).params
    found = jax.grad(lambda p: gj.layer(two)(p, inputs)["loss"].mean())(params)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-12, atol=1e-15)


def test_a_declared_derivative_is_that_of_backward_and_has_none_itself():
    text = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ x + U @ h) * stop(sigmoid(h))"
    cell = gs.Cell(text, name="stopped")
    params, x = dict(cell.init(m=2, n=3)), np.random.default_rng(0).normal(size=(4, 2, 2))

    def loss(params):
        return gj.layer(cell)(params, x)["h"][1:].sum()

    expected = cell.backward(params, cell.forward(params, x), {"h": np.ones((4, 2, 3))})
    for name, value in jax.grad(loss)(params).items():
        np.testing.assert_array_equal(value, expected.params[name])
    with pytest.raises(gs.GatedsymError, match="declares derivatives"):
        jax.jvp(jax.grad(loss), (params,), (params,))
