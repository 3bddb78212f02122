"""The gradient through depth and time: each layer's adjoint, total, at each lag."""

from __future__ import annotations

import numpy as np
import pytest
from plain_kernels import as_python

import gatedsym as gs
from gatedsym.calculus.layers import layers_of
from gatedsym.errors import ArgumentError
from gatedsym.flow import white_noise
from gatedsym.flow.analyses.depth import why_not_applicable
from gatedsym.flow.loss import compared_state

A, B = 0.9, 0.7
LEAK = "x, h in R^n; leak = {}\nh' = leak * h + x"
LEAKY = "cell leak:\n  x, h in R^n\n  h' = 0.7 * h + x\n"
TYPED = f"""x in R^n
use above as top: x = low.h'
use below as low: x = x_t
cell below:
  x, h in R^n
  h' = {A} * h + x
cell above:
  x, h in R^n
  h' = {B} * h + x
"""


@pytest.fixture(scope="module")
def linear():
    return as_python(gs.stack([LEAK.format(A), LEAK.format(B)], name="linear"))


def test_the_gradient_of_linear_layers_is_that_of_all_ways_down_and_back(linear):
    lags = 12
    data = gs.flow.depth(linear, white_noise(3), n=3, seeds=2, lags=lags, batch=2, retention=None)
    found = data["log10_norm"].isel(init=0, gain=0, retention=0)
    lag = np.arange(lags + 1)
    below = [sum(A**i * B ** (k - i) for i in range(k + 1)) for k in lag]
    assert np.allclose(found.sel(layer=2), lag * np.log10(B), atol=1e-12)
    assert np.allclose(found.sel(layer=1), np.log10(below), atol=1e-12)
    assert list(data["layer_name"].values[0]) == ["1: h_1", "2: h_2"]


def test_layers_stand_in_the_order_in_which_they_enter_each_other():
    cell = gs.Cell(TYPED, "typed")
    assert [(layer.name, layer.last) for layer in layers_of(cell.recurrence)] == [
        ("low", ("h_low",)),
        ("top", ("h_top",)),
    ]
    assert compared_state(cell) == "h_top"


def test_a_layer_is_measured_where_it_is_read_out():
    layers = layers_of(gs.stack(["slstm", gs.stack(["lstm", "rnn"])], readout="h_2").recurrence)
    assert [(layer.name, layer.last) for layer in layers] == [("1", ("h_1",)), ("2.1", ("h_1_2",)), ("2.2", ("h_2_2",))]
    assert layers[0].states == ("h_1", "c_1", "n_1", "m_1")


def test_states_of_the_text_itself_are_a_layer():
    text = "x in R^m; y in R^n; V in R^(n,n)\nuse rnn as inner: x = x_t\ny' = tanh(V @ inner.h' + y)"
    assert [layer.name for layer in layers_of(gs.Cell(text).recurrence)] == ["inner", "y"]


def test_a_cell_without_depth_is_refused_with_what_has_some():
    assert "lstm is one cell" in why_not_applicable(gs.cell("lstm"))
    assert "states of one cell alone" in why_not_applicable(gs.Cell(LEAK.format(0.5), "leak"))
    with pytest.raises(ArgumentError, match=r"gs.stack\(\[…\]\)"):
        gs.flow.depth("rnn", white_noise(3))


def test_a_cross_entropy_tells_all_classes_of_a_text_apart(linear):
    data = gs.flow.depth(linear, "text", n=3, seeds=1, lags=4, batch=2, retention=None, loss="cross-entropy")
    assert bool(np.isfinite(data["log10_norm"]).all())
    assert str(data.attrs["loss"]).startswith("cross-entropy")


def test_the_loss_is_on_the_uppermost_layer_even_where_a_lower_one_has_the_h():
    cell = as_python(gs.Cell("x in R^n; h in R^n\nuse leak as top: x = h'\nh' = 0.9 * h + x\n" + LEAKY, "own"))
    assert list(cell.states) == ["h", "h_top"]
    data = gs.flow.depth(cell, white_noise(3), n=3, seeds=1, lags=3, batch=1, retention=None)
    assert data.attrs["compared_states"] == ["h_top"]
    assert np.allclose(data["log10_norm"].sel(lag=0), 0, atol=1e-12)  # of both layers: all passes from one to the other


def test_a_selection_of_lags_and_layers_is_drawn_and_told_as_what_it_is(linear):
    data = gs.flow.depth(linear, white_noise(3), n=3, seeds=1, lags=10, batch=1, retention=None)
    later = gs.figures.depth(data.isel(lag=slice(4, 9, 2)))
    assert later.drawing.axes[0].images[0].get_extent()[:2] == [3, 9]
    assert "4 steps before the last one the gradient of the lowest of 2 layers" in later.caption.plain
    upper = gs.figures.depth(data.isel(layer=[1]))
    assert [t.get_text() for t in upper.drawing.axes[0].get_yticklabels()] == ["2"]
    assert "lowest of" not in upper.caption.plain
    with pytest.raises(ArgumentError, match="evenly spaced"):
        gs.figures.depth(data.isel(lag=[0, 1, 4]))


def test_the_caption_tells_the_gain_and_where_the_loss_is():
    cell = as_python(gs.stack(["rnn", "rnn"], name="two"))
    every = gs.flow.Loss("cotangent", "every")
    settings = {"n": 3, "seeds": 1, "lags": 4, "batch": 1, "init": "gaussian", "gain": (2.0, 1.0), "loss": every}
    sentence = gs.figures.depth(gs.flow.depth(cell, white_noise(3), **settings)).caption.plain
    assert "Gaussian, gain 2." in sentence
    assert "on the state of every step" in sentence
    assert "reads out at the last step" not in sentence


def test_the_caption_says_what_the_data_say(linear):
    data = gs.flow.depth(linear, white_noise(3), n=3, seeds=2, lags=10, batch=2, retention=None)
    figure = gs.figures.depth(data)
    ratio = sum(A**i * B ** (10 - i) for i in range(11)) / B**10
    sentence = figure.caption.plain
    assert "at the last step the gradient of the lowest of 2 layers is 1 times that of the uppermost" in sentence
    assert f"10 steps before it {ratio:.3g} times" in sentence
    assert len(figure.table) == 22
