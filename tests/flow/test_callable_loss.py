"""A function as the loss: its gradient enters the backward pass, and what is no gradient is refused in a sentence."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.flow.callable_loss import CallableLoss


def half_square(h):
    """Half of |h_T|^2, which has h_T as its gradient."""
    dh = np.zeros_like(h)
    dh[-1] = h[-1]
    return (h[-1] ** 2).sum() / 2, dh


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(9, 2, 3))


def flow_of(loss, x, **options):
    return gs.gradient_flow("rnn", x, n=4, seeds=1, init="xavier", loss=loss, **options)


def test_the_gradient_of_the_last_step_is_what_the_function_says(x):
    data = flow_of(half_square, x)
    params = gs.cell("rnn").init(m=3, n=4, seed=0, scheme="xavier")
    last = gs.cell("rnn").forward(params, x)["h"][-1]
    found = float(data["log10_norm"].sel(quantity="h", lag=0).squeeze())
    assert np.isclose(found, np.log10(np.linalg.norm(last, axis=-1)).mean(), rtol=1e-12)


def test_cotangents_of_every_step_add_up(x):
    def every(h):
        return h.sum(), np.ones_like(h)

    run = gs.cell("rnn").forward(params := gs.cell("rnn").init(m=3, n=4, seed=0, scheme="xavier"), x)
    total = gs.cell("rnn").flow(params, run, {"h": np.ones((9, 2, 4))}).log_norm["h"]
    found = flow_of(every, x)["log10_norm"].sel(quantity="h").squeeze().values
    assert np.allclose(found[:9], total[::-1][:9].mean(axis=-1) / np.log(10), rtol=1e-12)


def test_the_caption_names_the_function_and_where_it_stands(x):
    told = gs.figures.gradient_norm(flow_of(half_square, x)).caption.text
    assert "loss: as given, half_square (test_callable_loss.py, line " in told
    assert "a lambda (" in CallableLoss(function=lambda h: h).description


def test_a_loss_on_sequences_with_lengths_goes_back_from_the_end_of_each(x):
    data = flow_of(half_square, x, lengths=[9, 5])
    params, rnn = gs.cell("rnn").init(m=3, n=4, seed=0, scheme="xavier"), gs.cell("rnn")
    ends = [rnn.forward(params, x[:steps, [b]])["h"][-1] for b, steps in ((0, 9), (1, 5))]
    found = float(data["log10_norm"].sel(quantity="h", lag=0).squeeze())
    assert np.isclose(found, np.mean([np.log10(np.linalg.norm(h)) for h in ends]), rtol=1e-12)


def test_paths_take_a_loss_of_the_last_step_and_refuse_one_of_earlier_steps(x):
    options = {"n": 4, "seeds": 1, "retention": 0.0}
    assert gs.flow.paths("rnn", x, loss=half_square, **options).attrs["loss"].startswith("as given, half_square")
    with pytest.raises(ArgumentError, match=r"reads steps before the last.*h\[-1\]\.$"):
        gs.flow.paths("rnn", x, loss=lambda h: (h.sum(), np.ones_like(h)), **options)


def test_paths_take_lengths_beside_a_function_that_sees_the_whole_trajectory(x):
    def at_ends(h):
        assert h.shape == (9, 2, 4)
        return half_square(h)

    options = {"n": 4, "seeds": 1, "retention": 0.0}
    both = gs.flow.paths("rnn", x, loss=at_ends, lengths=[9, 5], **options)["log10_whole"].squeeze()
    long, short = (
        gs.flow.paths("rnn", x[:steps, [b]], loss=half_square, **options)["log10_whole"].squeeze()
        for b, steps in ((0, 9), (1, 5))
    )
    np.testing.assert_allclose(both[:4], (long[:4] + short) / 2, rtol=1e-10)
    np.testing.assert_allclose(both[4:], long[4:], rtol=1e-10)


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        (lambda h: h.sum(), r"its gradient is needed: return \(value, gradient\)"),
        (lambda h: (h.sum(), h[-1]), r"a gradient of shape \(2, 4\), and the trajectory that it got has shape"),
        (lambda h: (h, h), r"a value of shape \(9, 2, 4\): return one number"),
        (lambda h: (0.0, "h"), "return an array of shape"),
    ],
)
def test_what_is_no_gradient_is_refused(loss, told, x):
    with pytest.raises(ArgumentError, match=told):
        flow_of(loss, x)


def test_a_mistake_in_the_function_is_told_with_what_it_got(x):
    with pytest.raises(AttributeError) as caught:
        flow_of(lambda h: h.no_such_thing(), x)
    assert any("NumPy array of shape (9, 2, 4)" in note for note in caught.value.__notes__)
