"""The library's cells under the analyses: the numbers of cells written by hand, and the orders that theory says."""

import numpy as np
import pytest
from plain_cells import PlainLSTM

import gatedsym as gs
from gatedsym.flow import Loss, clipping, gradient_flow, shipped_text, summary, truncation, white_noise


def test_the_derived_lstm_flows_as_the_one_written_by_hand():
    derived, plain = gs.cell("lstm"), PlainLSTM()
    params = derived.init(m=3, n=5, seed=0, scheme="xavier", retention=1.0)
    x = white_noise(3).windows(20, 2, 0)
    run, by_hand = derived.forward(params, x), plain.forward(params, x)
    cotangent = {"h": Loss().cotangents(by_hand["h"][1:], 0)}
    norms, expected = derived.flow(params, run, cotangent).log_norm, plain.flow(params, by_hand, cotangent).log_norm
    for name in ("h", "x"):
        assert np.allclose(norms[name], expected[name], rtol=0, atol=1e-10)
    # The total adjoint of c counts what passes through h of the same step; the cell by hand holds h and c apart.
    adjoints, _, _ = plain.sweep(params, by_hand, cotangent)
    total = adjoints["c"][1:] + adjoints["h"][1:] * run["o"] * (1 - np.tanh(run["c"][1:]) ** 2)
    assert np.allclose(np.exp(norms["c"][1:]), np.linalg.norm(total, axis=-1), rtol=1e-10)


@pytest.fixture(scope="module")
def medians():
    flow = gradient_flow(
        ["rnn", "lstm", "gru"], shipped_text(), n=64, seeds=5, lags=100, batch=2, init="xavier", retention=(0.0, 2.0)
    )
    at = summary(flow)["median"].sel(init="xavier", gain=1.0, quantity="h", lag=100)
    return lambda cell, retention: float(at.sel(cell=cell, retention=retention))


def test_under_xavier_with_zero_biases_gated_cells_keep_less_than_the_plain_one(medians):
    assert medians("lstm", "0") < medians("rnn", "none") - 5
    assert medians("gru", "0") < medians("rnn", "none") - 5


def test_under_xavier_a_retention_bias_of_2_brings_the_gradient_back(medians):
    assert medians("lstm", "2") > medians("lstm", "0") + 5
    assert medians("gru", "2") > medians("gru", "0") + 5


def test_truncation_and_clipping_take_the_library_by_name():
    lost = truncation("gru", "text", n=8, seeds=1, steps=20, windows=(5, 20), batch=1, retention=0.0)
    assert float(lost["relative_error"].sel(window=20).max()) == 0
    assert float(lost["relative_error"].sel(window=5).min()) > 0
    clipped = clipping("gru", "text", n=8, seeds=1, steps=20, sequences=2, gain=1.0)
    assert bool(clipped["cosine"].notnull().all())
