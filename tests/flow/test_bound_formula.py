"""The bound of a step as formulas: known cells, a cell of one's own, and agreement with the numbers."""

import numpy as np
import pytest
from own_cells import RenamedLSTM, own_cell

import gatedsym as gs
from gatedsym.flow import bound, white_noise
from gatedsym.flow.theory.bound_formula import number_text


def lines(cell):
    data = bound([cell], white_noise(3), n=4, seeds=1, lags=3, init="xavier")
    return {str(b): str(m) for b, m in zip(data["block_text"].values, data["most_text"].values)}


@pytest.mark.parametrize(
    ("cell", "most"),
    [
        ("rnn", "‖U‖"),
        ("rnn_logistic", "0.25 ‖U‖"),
        ("gru", "‖U_g‖ (0.25 ‖U_r‖ + 1) + 0.5 ‖U_z‖ + 1"),
        ("indrnn", "max|u|"),
    ],
)
def test_a_single_state_is_bounded_by_slopes_and_norms(cell, most):
    """tanh' is at most 1 and the logistic function's slope 1/4: Pascanu, Mikolov and Bengio 2013."""
    assert lines(cell) == {"‖∂h_t/∂h_{t−1}‖": most}


LSTM = {
    "‖∂c_t/∂h_{t−1}‖": "0.25 max|c_{t−1}| ‖U_f‖ + ‖U_g‖ + 0.25 ‖U_i‖",
    "‖∂c_t/∂c_{t−1}‖": "1",
    "‖∂h_t/∂h_{t−1}‖": "0.25 ‖U_o‖ + ‖∂c_t/∂h_{t−1}‖",
    "‖∂h_t/∂c_{t−1}‖": "‖∂c_t/∂c_{t−1}‖",
}


def test_an_lstm_is_bounded_but_for_its_cell_state():
    assert lines("lstm") == LSTM


def test_an_lstm_by_other_names_has_the_same_lines():
    found = lines(RenamedLSTM())
    assert sorted(sorted(most.split(" + ")).__len__() for most in found.values()) == [1, 1, 2, 3]
    assert "1" in found.values()
    assert sum("0.25 max|" in most for most in found.values()) == 1


@pytest.mark.long
def test_every_block_of_a_cell_of_ones_own_has_a_line():
    data = bound([own_cell()], white_noise(3), n=4, seeds=1, lags=3)
    blocks = [str(b) for b in data["block_text"].values]
    assert len(set(blocks)) == len(blocks) > 4
    assert all(str(m).startswith("<math>") for m in data["paths_mathml"].values)
    assert set(data["line_cell"].values) == {own_cell().name}


def test_the_formula_of_a_gru_has_the_value_that_is_drawn():
    data = bound(["gru"], white_noise(3), n=5, seeds=1, lags=1, init="xavier").squeeze()
    params = gs.cell("gru").init(m=3, n=5, seed=0, scheme="xavier", retention=1.0)
    u = {k: np.linalg.norm(params[f"U_{k}"], 2) for k in "gzr"}
    allowed = u["g"] * (u["r"] / 4 + 1) + u["z"] / 2 + 1
    assert 10 ** float(data["log10_bound"].sel(norm="2", lag=1)) == pytest.approx(allowed, rel=1e-10)


def test_printed_maxima_are_rounded_up():
    assert number_text(0.25 * (1 + 2e-16)) == "0.25"
    assert number_text(0.38490017946) == "0.385"
    assert number_text(0.38491) == "0.385"
    assert number_text(1 + 1e-15) == "1"
    assert float(number_text(1.23456)) > 1.23456
