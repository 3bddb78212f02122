"""The figures of networks at rest and of timescales: what is drawn, what is said, what is marked."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym import figures, flow
from gatedsym.errors import ArgumentError


@pytest.fixture(scope="module")
def spectra():
    return flow.quiescent(["lstm", "antisymmetric_rnn"], n=16, seeds=2, retention=(0.0, 1.0))


@pytest.fixture(scope="module")
def times():
    return flow.timescales(["gru", "lru"], flow.white_noise(3), n=6, seeds=2, steps=10, biases=np.linspace(-8, 20, 29))


def test_a_panel_for_each_cell_and_bias(spectra):
    figure = figures.quiescent(spectra)
    assert len(figure.drawing.axes) == 3
    text = figure.caption.plain
    for said in ("tied", "2 networks", "LSTM, bias 0", "independent entries", "No region is predicted for"):
        assert said in text
    assert len(figure.table) == 6


def test_half_lives_outside_the_panel_are_marked(times):
    figure = figures.timescales(times)
    assert len(figure.drawing.axes) == 2
    markers = [line.get_marker() for line in figure.drawing.axes[0].lines]
    # Biases reach to -8, a half-life of 0.09 steps, and to 20, one of 3e8.
    assert {"^", "v"} <= set(markers)
    assert "h of GRU, b_z = −4.97" in figure.caption.plain
    assert set(figure.table["quantity"]) >= {"half_life", "chrono_bias", "bias_for_half_life", "constant_half_life"}


@pytest.mark.long
def test_the_same_data_gives_the_same_bytes(spectra, times):
    assert figures.quiescent(spectra).render("svg") == figures.quiescent(spectra).render("svg")
    assert figures.timescales(times).csv() == figures.timescales(times).csv()


def test_other_data_is_refused(times):
    with pytest.raises(ArgumentError, match="quiescent"):
        figures.quiescent(times)
    assert gs.cell("lru").states == ("p", "q")
