"""Every cell of the library as a layer: its bits, forward mode against reverse mode, a symmetric Hessian."""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="jax is not installed; `pip install jax` to test its layers")

import jax.numpy as jnp  # noqa: E402

import gatedsym as gs  # noqa: E402
import gatedsym.jax as gj  # noqa: E402
from gatedsym.bench.points import Point  # noqa: E402
from gatedsym.bench.problem import make_problem  # noqa: E402
from gatedsym.library import load as library  # noqa: E402

pytestmark = [pytest.mark.usefixtures("float64_in_jax", "plain"), pytest.mark.long]


def dot(one, other):
    return sum(jnp.sum(a * b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


def like(tree, seed):
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda a: rng.normal(size=np.shape(a)), tree)


def of_what_moves(name):
    """A problem of a cell, its layer as a function of what has a derivative, and the point; tokens are held."""
    problem = make_problem(Point(name, "float64", 3, 2, 4))
    domains, layer = problem.cell.interface.domains, gj.layer(problem.cell)
    held = {n: v for n, v in problem.inputs.items() if n in domains and domains[n].whole}
    free = {n: v for n, v in problem.inputs.items() if n not in held}
    return (
        problem,
        lambda params, x, initial: layer(params, {**x, **held}, initial),
        (dict(problem.params), free, dict(problem.initial)),
    )


@pytest.mark.parametrize("name", library.names())
def test_a_cell_of_the_library_is_a_layer_in_both_modes_and_orders(name):
    problem, f, at = of_what_moves(name)
    cell, v, w = problem.cell, like(at, 1), like(at, 2)
    y, pull = jax.vjp(f, *at)
    run = cell.forward(problem.params, dict(problem.inputs), initial=dict(problem.initial))
    for key, value in y.items():
        np.testing.assert_array_equal(value, run[key], err_msg=key)
    c = like(y, 0)
    gradients = pull(c)
    steps = {n: np.asarray(u[1:] if n in cell.states else u) for n, u in c.items()}
    for key, value in cell.backward(problem.params, run, steps).params.items():
        np.testing.assert_array_equal(gradients[0][key], value, err_msg=key)

    along = jax.jvp(f, at, v)[1]
    scale = np.sqrt(dot(along, along) * dot(c, c))
    np.testing.assert_allclose(dot(gradients, v), dot(along, c), rtol=0, atol=1e-11 * scale)

    def turned(direction):
        return jax.jvp(jax.grad(lambda *at: dot(f(*at), c), (0, 1, 2)), at, direction)[1]

    if cell.declared:
        with pytest.raises(gs.GatedsymError, match="declares derivatives"):
            turned(v)
        return
    by_v, by_w = turned(v), turned(w)
    scale = np.sqrt(dot(by_v, by_v) * dot(w, w)) + np.sqrt(dot(by_w, by_w) * dot(v, v))
    np.testing.assert_allclose(dot(by_v, w), dot(by_w, v), rtol=0, atol=1e-10 * scale)
