"""Every mode of differentiation of a layer, against the same cell written as a loop in jax: none gives zeros."""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="jax is not installed; `pip install jax` to test its layers")

import jax.numpy as jnp  # noqa: E402

import gatedsym as gs  # noqa: E402
import gatedsym.jax as gj  # noqa: E402

pytestmark = pytest.mark.usefixtures("float64_in_jax", "plain")

T, B, M, N, K = 3, 2, 2, 3, 2


def loop(params, x, initial=None):
    """An RNN as a person writes it."""
    rows = [jnp.zeros((x.shape[1], N)) if initial is None else initial["h"]]
    for row in x:
        rows.append(jnp.tanh(row @ params["W"].T + rows[-1] @ params["U"].T + params["b"]))
    return {"h": jnp.stack(rows)}


def loss_of(f):
    """A number to which all rows of a trajectory, the initial one too, contribute nonlinearly."""

    def loss(params, x, initial=None):
        h = f(params, x, initial)["h"]
        return jnp.sin(h).sum() + (h[-2:] ** 3).sum()

    return loss


def of_bias(loss, params, x, initial):
    return lambda b: loss({**params, "b": b}, x, initial)


@pytest.fixture
def point():
    rng = np.random.default_rng(0)
    params = dict(gs.cell("rnn").init(m=M, n=N))
    return params, rng.normal(size=(T, B, M)), {"h": rng.normal(size=(B, N))}


@pytest.fixture
def direction(point):
    rng = np.random.default_rng(1)
    return jax.tree.map(lambda a: rng.normal(size=np.shape(a)), point)


def assert_same(found, expected):
    """Rounding alone differs; and something is there to differ."""
    found, expected = jax.tree.leaves(found), jax.tree.leaves(expected)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert np.abs(other).max() > 1e-6
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11 * np.abs(other).max())


def scanned(f):
    """A loss of a scan over windows of an input, the state carried on."""

    def loss(params, windows, initial):
        def body(h, x):
            y = f(params, x, {"h": h})["h"]
            return y[-1], (y**2).sum()

        return jax.lax.scan(body, initial["h"], windows)[1].sum()

    return loss


FIRST = {
    "grad": lambda f, at, v: jax.grad(loss_of(f), (0, 1, 2))(*at),
    "grad of the input alone": lambda f, at, v: jax.grad(loss_of(f), 1)(*at),
    "grad of the initial state alone": lambda f, at, v: jax.grad(loss_of(f), 2)(*at),
    "grad of one parameter": lambda f, at, v: jax.grad(of_bias(loss_of(f), *at))(at[0]["b"]),
    "value_and_grad": lambda f, at, v: jax.value_and_grad(loss_of(f), (0, 1, 2))(*at),
    "jit of grad": lambda f, at, v: jax.jit(jax.grad(loss_of(f), (0, 1, 2)))(*at),
    "grad of jit": lambda f, at, v: jax.grad(jax.jit(loss_of(f)), (0, 1, 2))(*at),
    "vjp": lambda f, at, v: jax.vjp(f, *at)[1](f(*v)),
    "jvp": lambda f, at, v: jax.jvp(loss_of(f), at, v),
    "jit of jvp": lambda f, at, v: jax.jit(lambda *a: jax.jvp(f, a, v))(*at),
    "linearize": lambda f, at, v: jax.linearize(loss_of(f), *at)[1](*v),
    "jit of linearize": lambda f, at, v: jax.jit(lambda *a: jax.linearize(f, *a)[1](*v))(*at),
    "linear_transpose": lambda f, at, v: jax.linear_transpose(jax.linearize(loss_of(f), *at)[1], *at)(1.0),
    "jacrev": lambda f, at, v: jax.jacrev(lambda x: f(at[0], x, at[2])["h"][-1])(at[1]),
    "jacfwd": lambda f, at, v: jax.jacfwd(lambda x: f(at[0], x, at[2])["h"][-1])(at[1]),
    "jacfwd of a parameter": lambda f, at, v: jax.jacfwd(of_bias(loss_of(f), *at))(at[0]["b"]),
    "checkpoint": lambda f, at, v: jax.grad(jax.checkpoint(loss_of(f)), (0, 1, 2))(*at),
    "jit of checkpoint": lambda f, at, v: jax.jit(jax.grad(jax.checkpoint(loss_of(f)), (0, 1, 2)))(*at),
}

MAPPED = {
    "vmap of inputs": lambda f, at, v: jax.vmap(loss_of(f), (None, 0, None))(at[0], twice(at[1]), at[2]),
    "vmap of grad": lambda f, at, v: jax.vmap(jax.grad(loss_of(f)), (None, 0, None))(at[0], twice(at[1]), at[2]),
    "vmap of grad of the input": lambda f, at, v: jax.vmap(jax.grad(loss_of(f), 1), (None, 2, None), 1)(
        at[0], np.moveaxis(twice(at[1]), 0, 2), at[2]
    ),
    "grad of vmap": lambda f, at, v: jax.grad(
        lambda p, x, h: jax.vmap(loss_of(f), (None, 0, None))(p, x, h).sum(), (0, 1, 2)
    )(at[0], twice(at[1]), at[2]),
    "vmap of parameters": lambda f, at, v: jax.vmap(loss_of(f), (0, None, None))(
        jax.tree.map(twice, at[0]), at[1], at[2]
    ),
    "jit of vmap of everything": lambda f, at, v: jax.jit(jax.vmap(jax.grad(loss_of(f), (0, 1, 2))))(
        *jax.tree.map(twice, at)
    ),
    "vmap of vmap": lambda f, at, v: jax.vmap(jax.vmap(loss_of(f), (None, 0, None)), (0, None, None))(
        jax.tree.map(twice, at[0]), twice(at[1]), at[2]
    ),
    "vmap of the initial state": lambda f, at, v: jax.vmap(jax.grad(loss_of(f), 2), (None, None, 0))(
        at[0], at[1], jax.tree.map(twice, at[2])
    ),
    "vmap of jvp": lambda f, at, v: jax.vmap(
        lambda p, x: jax.jvp(lambda p, x: f(p, x, at[2])["h"][-1], (p, x), (v[0], v[1])), (None, 0)
    )(at[0], twice(at[1])),
    "grad of scan": lambda f, at, v: jax.jit(jax.grad(scanned(f), (0, 1, 2)))(at[0], twice(at[1]), at[2]),
    "jvp of scan": lambda f, at, v: jax.jvp(scanned(f), (at[0], twice(at[1]), at[2]), (v[0], twice(v[1]), v[2])),
    "grad of a checkpointed scan": lambda f, at, v: jax.grad(scanned(jax.checkpoint(f)), (0, 1, 2))(
        at[0], twice(at[1]), at[2]
    ),
}

SECOND = {
    "hessian": lambda f, at, v: jax.hessian(of_bias(loss_of(f), *at))(at[0]["b"]),
    "jacrev of jacrev": lambda f, at, v: jax.jacrev(jax.jacrev(of_bias(loss_of(f), *at)))(at[0]["b"]),
    "jacrev of jacfwd": lambda f, at, v: jax.jit(jax.jacrev(jax.jacfwd(of_bias(loss_of(f), *at))))(at[0]["b"]),
    "jacfwd of jacfwd": lambda f, at, v: jax.jacfwd(jax.jacfwd(of_bias(loss_of(f), *at)))(at[0]["b"]),
    "a Hessian product": lambda f, at, v: jax.jvp(jax.grad(loss_of(f), (0, 1, 2)), at, v)[1],
    "a Hessian product of a scan": lambda f, at, v: jax.jit(
        lambda *a: jax.jvp(jax.grad(scanned(f), (0, 1, 2)), a, (v[0], twice(v[1]), v[2]))[1]
    )(at[0], twice(at[1]), at[2]),
    "grad of a gradient's norm": lambda f, at, v: jax.grad(
        lambda p: (jax.grad(loss_of(f), 1)(p, at[1], at[2])[0] ** 2).sum()
    )(at[0]),
    "vmap of Hessian products": lambda f, at, v: jax.vmap(
        lambda d: jax.jvp(jax.grad(lambda x: loss_of(f)(at[0], x, at[2])), (at[1],), (d,))[1]
    )(twice(v[1])),
    "a third derivative": lambda f, at, v: jax.grad(
        lambda p: (jax.jvp(jax.grad(loss_of(f)), (p, *at[1:]), v)[1]["b"] ** 2).sum()
    )(at[0]),
    "a third derivative forward": lambda f, at, v: jax.jvp(
        lambda x: jax.jvp(lambda x: jax.jvp(lambda x: loss_of(f)(at[0], x, at[2]), (x,), v[1:2])[1], (x,), v[1:2])[1],
        at[1:2],
        v[1:2],
    )[1],
}


def twice(a):
    """Two unlike arrays of a shape."""
    return np.stack([a, a * 0.5 + 0.1])


@pytest.mark.sampled
@pytest.mark.parametrize("mode", FIRST)
def test_a_first_derivative_is_that_of_a_loop(mode, point, direction):
    assert_same(FIRST[mode](gj.layer("rnn"), point, direction), FIRST[mode](loop, point, direction))


@pytest.mark.sampled
@pytest.mark.parametrize("mode", MAPPED)
def test_what_is_mapped_or_scanned_is_that_of_a_loop(mode, point, direction):
    assert_same(MAPPED[mode](gj.layer("rnn"), point, direction), MAPPED[mode](loop, point, direction))


@pytest.mark.long
@pytest.mark.parametrize("mode", SECOND)
def test_a_derivative_of_derivatives_is_that_of_a_loop(mode, point, direction):
    assert_same(SECOND[mode](gj.layer("rnn"), point, direction), SECOND[mode](loop, point, direction))


def test_gradients_are_the_bits_that_backward_gives(point):
    params, x, initial = point
    rnn, rng = gs.cell("rnn"), np.random.default_rng(2)
    dh = rng.normal(size=(T, B, N))
    run = rnn.forward(params, x, initial=initial)
    expected = rnn.backward(params, run, {"h": dh})
    y, pull = jax.vjp(gj.layer("rnn"), *point)
    np.testing.assert_array_equal(y["h"], run["h"])
    found = pull({"h": jnp.concatenate([jnp.zeros((1, B, N)), dh])})
    for name in params:
        np.testing.assert_array_equal(found[0][name], expected.params[name])
    np.testing.assert_array_equal(found[1], expected.inputs["x"])
    np.testing.assert_array_equal(found[2]["h"], expected.states["h"][0])


def test_parameters_of_init_are_a_pytree_that_keeps_names_and_sizes(point):
    params = gs.cell("rnn").init(m=M, n=N)
    gradients = jax.grad(loss_of(gj.layer("rnn")))(params, *point[1:])
    assert jax.tree.structure(gradients) == jax.tree.structure(params)
    assert gradients.sizes == params.sizes == {"m": M, "n": N}
    assert_same(dict(gradients), jax.grad(loss_of(loop))(dict(params), *point[1:]))
    paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(params)]
    assert paths == ["['W']", "['U']", "['b']"]


def test_what_is_mapped_over_inputs_is_one_call(point):
    """The mapped axis becomes more sequences; parameters of their own take a loop."""
    params, x, _ = point
    f = gj.layer("rnn")
    text = str(jax.make_jaxpr(jax.vmap(f, (None, 0)))(params, np.stack([x] * 5)))
    assert "scan" not in text
    assert text.count("gatedsym_run") == 1
    assert "scan" in str(jax.make_jaxpr(jax.vmap(f, (0, None)))(jax.tree.map(twice, params), x))
