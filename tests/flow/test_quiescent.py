"""Networks at rest: discs of the LSTM and the GRU, critical gains, and regions that are no disc."""

import numpy as np
import pytest
from literature import SHUFFLED

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.flow import quiescent
from gatedsym.flow.analyses.fixed_point_spectrum import (
    critical_gain,
    make_network,
    predicted_disc,
    predicted_radius,
    read_law,
    why_no_region,
    why_not_applicable,
)
from gatedsym.flow.ensemble import Setting
from gatedsym.flow.theory.fixed_point import Network

OWN = """
x in R^m; h, s in R^n
W_{a,b} in R^(n,m); U_{a,b} in R^(n,n); b_{a,b} in R^n
a = σ(W_a x + U_a h + b_a)
s' = (1 - a)*s + a*tanh(W_b x + U_b h + b_b)
h' = 0.4*h + 0.6*tanh(s')
"""


def sigmoid(b):
    return 1 / (1 + np.exp(-b))


def at_rest(cell, n, bias, gain=1.0, seed=0, scheme="gaussian"):
    network = make_network(Setting(cell, scheme, gain, bias), 2, n, seed)
    state = network.fixed_point()
    return network, state, read_law(network, state)


@pytest.mark.parametrize("bias", [0.0, 1.0])
def test_the_disc_of_the_lstm_has_centre_f_and_radius_i_o_sigma(bias):
    _, _, law = at_rest(gs.cell("lstm"), 400, bias, gain=1.5)
    centre, radius = predicted_disc(law)
    assert np.isclose(centre, sigmoid(bias), atol=1e-9)
    # The weights' own mean square stands for σ²: n² entries give it to 0.4 % (3 standard errors).
    assert np.isclose(radius, 0.25 * 1.5, rtol=0.004)


def test_the_disc_of_the_gru_has_radius_of_what_is_not_kept():
    centre, radius = predicted_disc(at_rest(gs.cell("gru"), 400, 1.0)[2])
    assert np.isclose(centre, sigmoid(1.0), atol=1e-9)
    assert np.isclose(radius, (1 - sigmoid(1.0)) / 2, rtol=0.006)


@pytest.mark.parametrize("name", ["lstm", "gru", "lstm_peephole"])
@pytest.mark.long
def test_spectral_radii_at_rest_are_predicted_to_one_percent(name):
    ratios = []
    for seed in range(2):
        network, state, law = at_rest(gs.cell(name), 600, 0.0, gain=2.0, seed=seed)
        assert np.isclose(predicted_radius(law), 1.0, atol=0.003)
        ratios.append(np.abs(np.linalg.eigvals(network.jacobian(state))).max() / predicted_radius(law))
    assert np.isclose(np.mean(ratios), 1, atol=0.01), ratios


def test_critical_gains_at_zero_bias_are_two():
    assert np.isclose(critical_gain(gs.cell("lstm"), 0.0, n=600), 2.0, rtol=0.003)
    assert np.isclose(critical_gain(gs.cell("lstm"), 0.0, n=600, weights=["U_g"]), 2.0, rtol=0.003)
    assert np.isnan(critical_gain(gs.cell("lstm"), 0.0, n=50, weights=["U_f"]))
    assert np.isclose(critical_gain(gs.cell("gru"), 0.0, n=600), 2.0, rtol=0.003)


def test_the_line_of_the_lstm_falls_with_the_bias_and_that_of_the_gru_stands():
    biases = np.array([-1.0, 0.0, 1.0, 2.0])
    lstm = [critical_gain(gs.cell("lstm"), bias, n=200) for bias in biases]
    gru = [critical_gain(gs.cell("gru"), bias, n=200) for bias in biases]
    assert np.allclose(lstm, (1 - sigmoid(biases)) / 0.25, rtol=0.011)
    assert np.allclose(gru, 2.0, rtol=0.011)


def test_renamed_and_reordered_the_lstm_has_the_same_spectrum_and_law():
    lstm, _, law = at_rest(gs.cell("lstm"), 40, 1.0)
    gates = dict(zip("psqw", "figo"))
    renamed = {f"{new}_{a}": lstm.values[f"{old}_{b}"] for a, b in gates.items() for new, old in zip("ABz", "WUb")}
    shuffled = Network(gs.Cell(SHUFFLED, name="shuffled"), renamed, {"l": 40, "k": 2})
    spectra = [np.sort(np.abs(np.linalg.eigvals(net.jacobian(net.fixed_point())))) for net in (lstm, shuffled)]
    assert np.allclose(*spectra, rtol=1e-9)
    assert np.isclose(predicted_radius(law), predicted_radius(read_law(shuffled, shuffled.fixed_point())), rtol=1e-9)


@pytest.mark.long
def test_a_cell_of_ones_own_has_a_region_that_holds_its_eigenvalues():
    network, state, law = at_rest(gs.Cell(OWN, name="own"), 300, 1.0)
    eigenvalues = np.linalg.eigvals(network.jacobian(state))
    assert np.isnan(predicted_disc(law)).all()
    assert np.mean(law.growth(eigenvalues) > 0.8) > 0.98
    assert np.isclose(np.abs(eigenvalues).max(), predicted_radius(law), rtol=0.03)


@pytest.mark.long
def test_a_fixed_point_that_is_not_zero_is_found_and_steps_to_itself():
    network, state, law = at_rest(gs.cell("slstm"), 300, None, gain=1.5, scheme="gaussian")
    assert np.allclose(state["n"], 2.0)
    following = network.after(state)
    assert all(np.allclose(following[s], state[s], rtol=1e-10) for s in state)
    measured = np.abs(np.linalg.eigvals(network.jacobian(state))).max()
    assert np.isclose(measured, predicted_radius(law), rtol=0.04)


def test_the_jacobian_at_rest_is_the_difference_quotient():
    network = make_network(Setting(gs.cell("gru"), "uniform", 1.0, 0.5), 2, 7, 0)
    state = network.fixed_point()
    step = 1e-6
    columns = [(network.after({"h": state["h"] + step * e})["h"] - network.after({"h": state["h"] - step * e})["h"])
               / (2 * step) for e in np.eye(7)]  # fmt: skip
    assert np.abs(state["h"]).max() > 1e-3
    assert np.allclose(network.jacobian(state), np.array(columns).T, atol=1e-9)


@pytest.mark.long
def test_measured_critical_gains_lie_near_the_predicted_ones():
    data = quiescent(["rnn", "lstm"], n=100, seeds=2, retention=0.0)
    ratio = data["critical_gain_measured"] / data["critical_gain"]
    assert np.nanmax(np.abs(ratio.values - 1)) < 0.12
    assert np.isfinite(ratio.values).sum() == 4


def test_what_has_no_region_or_no_rest_is_said():
    assert why_not_applicable(gs.cell("lstm")) == ""
    assert "no state" in why_not_applicable(gs.cell("glu"))
    assert "coupled" in why_no_region(gs.cell("lstm_layer_norm"), "gaussian")
    assert "independent" in why_no_region(gs.cell("rnn"), "orthogonal")
    with pytest.raises(ArgumentError, match="no state"):
        quiescent("glu")
