"""A vector passed through a layer again and again."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.figures.layers import layers as draw
from gatedsym.flow.analyses.layers import activation, critical_gain, layers, why_not_applicable

SIZES = {"n": 40, "seeds": 3, "depth": 30}


@pytest.fixture(scope="module")
def data():
    return layers(**SIZES, gain=(0.5, 2.0))


@pytest.mark.parametrize(("name", "gain"), [("tanh", 1.0), ("identity", 1.0), ("relu", np.sqrt(2))])
def test_the_critical_gain_is_the_known_one(name, gain):
    # tanh: 1 over its slope at 0; relu: the square root of 2 (He et al. 2015). Calculated, not simulated: 1e-4.
    assert critical_gain(name) == pytest.approx(gain, abs=1e-4)


def test_without_an_activation_sizes_grow_as_the_matrix_does(data):
    generator = np.random.default_rng([0, 0x1A7E5])
    x, _ = generator.standard_normal(40), generator.standard_normal(40)
    matrix = generator.standard_normal((40, 40)) * 2 / np.sqrt(40)
    expected = np.linalg.matrix_power(matrix, 30) @ x
    size = data["log10_size"].sel(function="identity", gain=2.0, seed=0).isel(depth=-1)
    assert float(size) == pytest.approx(np.log10(np.sqrt(np.mean(expected**2))), abs=1e-9)


def test_tanh_bounds_what_grows_and_loses_what_decays(data):
    last = data.isel(depth=-1)
    assert (last["log10_size"].sel(function="tanh", gain=2.0) < 0).all()
    assert (last["log10_size"].sel(function="identity", gain=2.0) > 5).all()
    assert (last["log10_size"].sel(function="tanh", gain=0.5) < -5).all()


def test_the_logistic_function_keeps_the_size_and_loses_the_difference(data):
    last = data.isel(depth=-1).sel(function="sigmoid", gain=2.0)
    assert (last["log10_size"] > -0.5).all()
    assert (last["log10_distance"] < -5).all()


def test_a_small_difference_is_that_of_two_runs(data):
    generator = np.random.default_rng([1, 0x1A7E5])
    x, d = generator.standard_normal(40), generator.standard_normal(40)
    matrix = generator.standard_normal((40, 40)) * 2 / np.sqrt(40)
    other = x + 1e-7 * d / np.linalg.norm(d)
    for _ in range(5):
        x, other = np.tanh(matrix @ x), np.tanh(matrix @ other)
    grown = np.log10(np.linalg.norm(other - x) / 1e-7)
    assert float(data["log10_distance"].sel(function="tanh", gain=2.0, seed=1, depth=5)) == pytest.approx(
        grown, abs=1e-4
    )


def test_activations_are_those_of_the_cells():
    found = layers(["lstm", "rnn_relu"], n=8, seeds=1, depth=3, gain=1.0)
    assert sorted(found["function"].values) == ["identity", "relu", "sigmoid", "tanh"]
    assert "no activation" in why_not_applicable(gs.cell("lru"))


def test_what_is_no_activation_is_refused():
    with pytest.raises(ArgumentError, match="tanh"):
        activation("sin")
    with pytest.raises(ArgumentError, match="same, fresh"):
        layers(**SIZES, weights="other")


def test_the_figure_has_a_row_for_each_activation_and_one_without(data):
    figure = draw(data)
    assert len(figure.drawing.axes) == 9
    assert "no activation" in figure.caption.plain
