"""Timescales: which bias retains what, found from the equations; half-lives and chrono initialisation."""

import numpy as np
import pytest
from literature import SHUFFLED

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.flow import timescales, white_noise
from gatedsym.flow.analyses.timescales import chrono_expectations, find_memories, half_life, why_not_applicable

OWN = """
x in R^m; s in R^n
W_{a,b} in R^(n,m); U_{a,b} in R^(n,n); b_{a,b} in R^n
a = σ(W_a x + U_a s + b_a)
s' = (1 - 0.5*a)*s + a*tanh(W_b x + U_b s + b_b)
"""


def sigmoid(b):
    return 1 / (1 + np.exp(-b))


def described(cell):
    return [(m.name, m.parameter, m.sign) for m in find_memories(cell)]


def test_the_gate_that_retains_is_found_from_the_equations():
    assert described(gs.cell("lstm")) == [("c", "b_f", 1)]
    assert described(gs.cell("gru")) == [("h", "b_z", -1)]
    assert described(gs.cell("lstm_peephole")) == [("c", "b_f", 1)]
    assert described(gs.cell("janet")) == [("h", "b_f", 1)]
    assert described(gs.cell("min_lstm")) == [("h", "b_f", 1), ("h", "b_i", -1)]
    assert described(gs.cell("slstm")) == [("c", "b_F", 1), ("n", "b_F", 1)]
    assert described(gs.cell("leaky_rnn")) == [("h", "", 0)]
    assert described(gs.Cell(SHUFFLED, name="shuffled")) == [("c", "z_p", 1)]
    assert described(gs.Cell(OWN, name="own")) == [("s", "b_a", -1)]


RECTIFIED = "x in R^m; h in R^n; W in R^(n,m); u, b in R^n\nh' = relu(W x + u*h + b)"


def test_a_bias_that_only_switches_is_no_timescale():
    """A rectifier keeps u of its state while its unit is on; a running maximum keeps all or nothing."""
    (memory,) = find_memories(gs.Cell(RECTIFIED, name="rectified"))
    assert (memory.name, memory.parameter, memory.switch) == ("h", "", "b")
    data = timescales(gs.cell("indrnn"), white_noise(3), n=4, seeds=1, steps=4).squeeze()
    u = np.quantile(gs.cell("indrnn").init(m=16, n=64, seed=0, scheme="paper")["u"], data["quantile"])
    assert np.allclose(data["constant_half_life"], -np.log(2) / np.log(u), rtol=0.02)
    assert described(gs.cell("slstm_exp")) == [("c", "b_F", 1), ("n", "b_F", 1)]


def test_shares_are_those_of_the_gates():
    b = np.linspace(-4, 4, 9)
    kept = {name: find_memories(gs.cell(name))[0].kept(b) for name in ("lstm", "gru", "janet", "slstm")}
    assert all(np.allclose(k, sigmoid(b), rtol=1e-12) for k in kept.values())
    normalised = find_memories(gs.cell("min_lstm"))[1].kept(b)
    assert np.allclose(normalised, 0.5 / (0.5 + sigmoid(-b)), rtol=1e-12)
    assert np.allclose(find_memories(gs.Cell(OWN, name="own"))[0].kept(b), 1 - 0.5 * sigmoid(-b), rtol=1e-12)


def test_the_bias_for_a_horizon_inverts_the_share():
    memory = find_memories(gs.cell("lstm"))[0]
    shares = 0.5 ** (1 / np.array([10.0, 100.0, 1000.0]))
    assert np.allclose(memory.bias_for(shares), np.log(shares / (1 - shares)), atol=1e-9)
    bounded = find_memories(gs.Cell(OWN, name="own"))[0]
    assert np.isnan(bounded.bias_for(np.array([0.4]))).all()
    assert np.allclose(bounded.kept(bounded.bias_for(np.array([0.9, 0.99]))), [0.9, 0.99], atol=1e-9)


def test_chrono_expectations_by_quadrature():
    for cell in (gs.cell("lstm"), gs.cell("gru"), gs.Cell(SHUFFLED, name="shuffled")):
        bias, kept = chrono_expectations(find_memories(cell)[0], 100)
        assert np.isclose(bias, 3.6420, atol=1e-4)
        assert np.isclose(kept, 0.14965, atol=1e-4)


@pytest.fixture(scope="module")
def data():
    return timescales(["lstm", "leaky_rnn"], white_noise(3), n=64, seeds=12, steps=20, retention=(0.0, 2.0))


def test_chrono_expectations_by_sampling(data):
    lstm = data.sel(entry="lstm: c by b_f")
    for name, value in (("bias", 3.6420), ("kept", 0.14965)):
        error = float(lstm[f"chrono_mean_{name}_error"])
        assert 0 < error < 0.1 * value
        assert abs(float(lstm[f"chrono_mean_{name}_sampled"]) - value) < 3 * error


def test_quantiles_of_chrono_biases_are_logarithms(data):
    lstm = data.sel(entry="lstm: c by b_f")
    assert np.allclose(lstm["chrono_bias"], np.log(1 + 98 * data["quantile"]), atol=1e-9)


def test_the_highway_decays_as_the_power_of_the_gate(data):
    lstm = data.sel(entry="lstm: c by b_f")
    assert np.allclose(lstm["kept_of_horizon"], sigmoid(data["bias"]) ** 100, rtol=1e-9)
    assert np.allclose(lstm["half_life"], -np.log(2) / np.log(sigmoid(data["bias"])), rtol=1e-9)


def test_a_constant_share_is_measured_as_it_is(data):
    leaky = data.sel(entry="leaky_rnn: h")
    expected = -np.log(2) / np.log(0.7)
    assert np.allclose(leaky["constant_half_life"], expected, rtol=1e-12)
    measured = leaky["measured_half_life"].sel(retention="none").values
    assert np.allclose(measured, expected, rtol=1e-12)


def test_measured_half_lives_are_those_of_the_gates_values():
    cell, series = gs.cell("gru"), white_noise(3)
    data = timescales(cell, series, n=5, seeds=1, steps=12, retention=1.0)
    params = cell.init(m=3, n=5, seed=0, scheme="xavier", retention=1.0)
    run = cell.forward(params, series.windows(12, 1, 0))
    rate = np.log(1 - run["z"][:, 0]).mean(axis=0)
    expected = np.quantile(-np.log(2) / rate, data["quantile"].values)
    assert np.allclose(np.ravel(data["measured_half_life"]), expected, rtol=1e-9)


def test_oscillating_states_keep_the_modulus_of_their_eigenvalue():
    (memory,) = find_memories(gs.cell("lru"))
    assert memory.name == "p, q"
    data = timescales("lru", white_noise(3), n=6, seeds=1, steps=4, init="uniform")
    params = gs.cell("lru").init(m=3, n=6, seed=0, scheme="uniform")
    expected = np.quantile(half_life(np.exp(-np.exp(params["nu"]))), data["quantile"].values)
    assert np.allclose(np.ravel(data["measured_half_life"]), expected, rtol=1e-9)


def test_cells_that_keep_nothing_by_themselves_say_so():
    assert "no direct path" in why_not_applicable(gs.cell("rnn"))
    assert "no state" in why_not_applicable(gs.cell("glu"))
    assert why_not_applicable(gs.cell("lstm")) == ""
    with pytest.raises(ArgumentError, match="no direct path"):
        timescales("rnn")
