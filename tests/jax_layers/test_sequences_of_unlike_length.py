"""A layer with lengths: as each sequence alone, whatever the padding holds, in every mode."""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="jax is not installed; `pip install jax` to test its layers")

import jax.numpy as jnp  # noqa: E402

import gatedsym as gs  # noqa: E402
import gatedsym.jax as gj  # noqa: E402
from gatedsym.bench.points import Point  # noqa: E402
from gatedsym.bench.problem import make_problem  # noqa: E402

pytestmark = pytest.mark.usefixtures("float64_in_jax", "plain")

LENGTHS = np.array([3, 0, 4, 3])
T, B = 4, 4
CELLS = {"rnn": "one state", "tau_gru_delayed_input": "a past of several rows", "qrnn": "an output, a delayed input"}


@pytest.fixture(params=CELLS)
def case(request):
    """A layer, its arguments, and weights of all rows of its trajectories."""
    problem, rng = make_problem(Point(request.param, "float64", T, B, 3)), np.random.default_rng(0)
    f, at = gj.layer(problem.cell), (dict(problem.params), problem.x, dict(problem.initial))
    return f, at, {n: rng.normal(size=y.shape) for n, y in f(*at).items()}


def together(f, weights):
    def loss(params, x, initial):
        return sum((jnp.sin(y) * weights[n]).sum() for n, y in f(params, x, initial, lengths=LENGTHS).items())

    return loss


def alone(f, weights):
    """The same loss, of one sequence after the other; rows after the end repeat the state there."""
    delays = f.cell.interface.delays

    def loss(params, x, initial):
        total = 0.0
        for b, length in enumerate(LENGTHS):
            past = {n: v[:, b : b + 1] if delays[n] > 1 else v[b : b + 1] for n, v in initial.items()}
            for name, y in f(params, x[:length, b : b + 1], past).items():
                total += (jnp.sin(y) * weights[name][: len(y), b : b + 1]).sum()
                if name in f.cell.states:
                    total += (jnp.sin(y[-1]) * weights[name][len(y) :, b]).sum()
        return total

    return loss


def assert_same(found, expected):
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12), found, expected)


def test_values_and_gradients_are_those_of_each_sequence_alone(case):
    f, at, weights = case
    assert_same(together(f, weights)(*at), alone(f, weights)(*at))
    gradients = jax.jit(jax.grad(together(f, weights), (0, 1, 2)))(*at)
    assert_same(gradients, jax.grad(alone(f, weights), (0, 1, 2))(*at))


def test_padding_reaches_nothing(case):
    f, (params, x, initial), weights = case
    holed = np.where((np.arange(T)[:, None] < LENGTHS)[..., None], x, np.nan)
    gradient = jax.grad(together(f, weights), (0, 1, 2))
    for one, other in zip(*map(jax.tree.leaves, (gradient(params, holed, initial), gradient(params, x, initial)))):
        np.testing.assert_array_equal(one, other)


def test_forward_and_second_derivatives_are_those_of_each_sequence_alone(case):
    f, at, weights = case
    rng = np.random.default_rng(1)
    v = jax.tree.map(lambda a: rng.normal(size=np.shape(a)), at)
    found, expected = (jax.jvp(jax.value_and_grad(loss(f, weights), (0, 1, 2)), at, v)[1] for loss in (together, alone))
    assert_same(found, expected)


def test_lengths_are_mapped_like_any_array():
    f, rng = gj.layer("rnn"), np.random.default_rng(2)
    params, x = dict(f.cell.init(m=2, n=3)), rng.normal(size=(2, T, B, 2))
    lengths = np.stack([LENGTHS, LENGTHS[::-1]])
    found = jax.vmap(lambda x, lengths: f(params, x, lengths=lengths)["h"])(x, lengths)
    for one, row, own in zip(found, x, lengths, strict=True):
        np.testing.assert_array_equal(one, f.cell.forward(params, row, lengths=own)["h"])


def test_lengths_that_do_not_fit_are_refused():
    f = gj.layer("rnn")
    params, x = dict(f.cell.init(m=2, n=3)), np.ones((T, B, 2))
    with pytest.raises(gs.GatedsymError, match="lengths is float64; it must be integers"):
        f(params, x, lengths=LENGTHS * 1.0)
    with pytest.raises(gs.GatedsymError, match=r"lengths has shape \(3,\); it must be \(4,\)"):
        f(params, x, lengths=LENGTHS[:3])
    with pytest.raises(gs.GatedsymError, match=r"lengths\[2\] is 5; there are 4 steps"):
        f(params, x, lengths=np.array([3, 0, 5, 3]))
