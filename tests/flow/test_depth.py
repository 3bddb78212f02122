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


def test_the_caption_says_what_the_data_say(linear):
    data = gs.flow.depth(linear, white_noise(3), n=3, seeds=2, lags=10, batch=2, retention=None)
    figure = gs.figures.depth(data)
    ratio = sum(A**i * B ** (10 - i) for i in range(11)) / B**10
    sentence = figure.caption.plain
    assert "at the last step the gradient of the lowest of 2 layers is 1 times that of the uppermost" in sentence
    assert f"10 steps before it {ratio:.3g} times" in sentence
    assert len(figure.table) == 22
