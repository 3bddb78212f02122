"""The phase diagram: its three lines where they are known, and what it says where there is none."""

import numpy as np
import pytest
from literature import CELLS, SHUFFLED
from test_mean_field import LSTM, OWN, PLAIN

from gatedsym import Cell, figures
from gatedsym.cells import cell
from gatedsym.errors import ArgumentError
from gatedsym.flow.analyses.fixed_point_spectrum import resting_gain
from gatedsym.flow.analyses.phase_diagram import averaged, phase_diagram, why_not_applicable
from gatedsym.flow.inputs.series import white_noise
from gatedsym.flow.theory.fixed_point import Network, chosen_sizes
from gatedsym.flow.theory.networks import draw_network
from gatedsym.flow.theory.population import NetworkLaw, read_theory
from gatedsym.flow.theory.second_moments import measure_along, measure_moments


def at_rest(made, networks, seed, scheme="gaussian", high=8.0):
    """The critical gain of one network at rest."""
    theory = read_theory(made)
    network = Network(made, draw_network(theory, networks, seed), chosen_sizes(made, networks.m, networks.n))
    return resting_gain(network, scheme, sorted(theory.recurrent), high)


def test_lstm_at_rest_is_critical_at_2_tied_and_at_3_46_untied():
    """Facts, Read first: diag(f) and W add on the eigenvalue scale where W stays, in quadrature where it does not."""
    tied = [at_rest(cell("lstm"), NetworkLaw(n=128, m=2), seed) for seed in range(8)]
    # The weights' own mean square stands for σ²: that of 128² entries strays by 0.55 % of σ, in eight draws by 0.2 %.
    assert abs(np.mean(tied) - 2.0) < 3 * 2.0 / 128 / np.sqrt(2 * 8)
    untied = measure_moments(
        read_theory(cell("lstm")), NetworkLaw(recurrent=np.sqrt(12), square=0.0), count=500, last=64
    )
    assert abs(untied.chi - 1) < 1e-9


@pytest.mark.long
def test_networks_without_a_law_come_to_the_same_line():
    """Weights that are taken for orthogonal have no law: the line is then that of the very networks."""
    made, networks = cell("lstm"), NetworkLaw(n=64, m=2)
    law = [at_rest(made, networks, seed) for seed in range(4)]
    very = [at_rest(made, networks, seed, scheme="orthogonal") for seed in range(4)]
    assert abs(np.mean(very) / np.mean(law) - 1) < 0.06  # the largest eigenvalue of n = 64 strays by a few per cent
    assert not np.allclose(very, law, rtol=1e-3)


def test_gru_at_rest_is_critical_where_its_disc_touches_one():
    """Facts I: z + (1 - z) r σ_h = 1, with z the share kept: at b = 0 σ = 2, whatever the bias."""
    for bias in (-1.0, 0.0, 1.0):
        found = [at_rest(cell("gru"), NetworkLaw(n=128, m=2, retention=bias), seed) for seed in range(8)]
        assert abs(np.mean(found) - 2.0) < 3 * 2.0 / 128 / np.sqrt(2 * 8)


def test_renamed_lstm_comes_to_the_same_line_at_rest():
    """Lines in another order draw other networks: each strays by 2 / (√2 n) of the means' common value."""
    networks = NetworkLaw(n=128, m=2, retention=1.0)
    lines = [
        np.mean([at_rest(c, networks, seed) for seed in range(4)])
        for c in (cell("lstm"), Cell(SHUFFLED, name="shuffled"))
    ]
    assert abs(lines[0] / lines[1] - 1) < 3 * np.sqrt(2) / 128 / np.sqrt(2 * 4)


def test_a_row_of_gains_is_what_each_gain_gives_by_itself():
    """Sites coupled by weights alone, and by more: all gains share their draws."""
    for made in (cell("lstm"), cell("lstm_layer_norm")):
        theory, gains = read_theory(made), (0.5, 2.0, 3.0)
        options = {"count": 300, "seed": 1, "steps": 4, "last": 64, "follow": 8}
        together = measure_along(theory, NetworkLaw(recurrent=gains, square=0.3), **options)
        for gain, found in zip(gains, together):
            alone = measure_moments(theory, NetworkLaw(recurrent=gain, square=0.3), **options)
            assert found.states == pytest.approx(alone.states, rel=0.05)
            if found.steps == alone.steps:
                assert found.chi == pytest.approx(alone.chi, rel=1e-9)
                assert found.followed == pytest.approx(alone.followed, rel=1e-9, nan_ok=True)
                assert found.matrix == pytest.approx(alone.matrix, rel=1e-9)


def test_followed_signal_of_an_lstm_decays_as_untied_networks_do():
    """-0.298 against -0.299 ± 0.001; the theory with an independent signal has -0.296."""
    found = [measure_moments(read_theory(cell("lstm")), LSTM, seed=s, follow=96).followed for s in range(4)]
    rates = np.log(found) / 2
    assert abs(rates.mean() + 0.299) < 3 * rates.std(ddof=1) / 2 + 0.002


@pytest.mark.long
def test_diagram_of_gated_and_plain_cells():
    data = phase_diagram(
        ["lstm", PLAIN, OWN], white_noise(16), n=24, seeds=2, population=400, steps=80,
        gain=(0.5, 2.0, 4.0), retention=(0.0, 2.0), spread=(0.0, 0.5),
    )  # fmt: skip
    assert list(data["axis"].values) == ["retention", "spread", "retention"]
    assert (np.diff(data["chi"].values, axis=-1) > 0).all()
    assert (data["tied"].sel(gain=4.0) > data["tied"].sel(gain=0.5)).all()
    # A plain network with zero biases rests at zero, where the edge is that of W: its own mean square strays by 3 %.
    assert abs(float(data["at_rest"].sel(cell="plain", place=0)) - 1) < 0.07
    assert data.attrs["at_rest_by"] == ["law"] * 3
    assert data.attrs["networks"] == 4
    assert (data["tied_error"].sel(cell="lstm") > 0).any()
    assert float(data["at_rest"].sel(cell="lstm", place=1)) < float(data["at_rest"].sel(cell="lstm", place=0))


def test_seeds_and_networks_are_axes_and_a_figure_shows_those_selected():
    options = {"population": 64, "steps": 12, "gain": (0.5, 2.0), "spread": (0.0, 0.5)}
    whole = phase_diagram([PLAIN], white_noise(4), n=6, seeds=(3, 5), networks=(1, 2, 4), **options)
    alone = phase_diagram([PLAIN], white_noise(4), n=6, seeds=(5,), networks=(2,), **options)
    assert whole["seed"].values.tolist() == [3, 5]
    assert whole["network"].values.tolist() == [1, 2, 4]
    np.testing.assert_array_equal(whole["chi"], whole["chi_of_each"].mean("seed"))
    for name, selected in (("chi", {"seed": 5}), ("tied", {"network": 2}), ("at_rest", {"seed": 5})):
        np.testing.assert_array_equal(whole[f"{name}_of_each"].sel(selected), alone[name])
    kept = averaged(whole.sel(seed=[5], network=[2]))
    np.testing.assert_array_equal(kept["tied"], alone["tied"])
    drawn = figures.phase_diagram(whole.sel(seed=5, network=[2, 4]))
    assert "mean over 2" in drawn.caption.shown.plain
    assert "of ½ ln χ over 1" in drawn.caption.note.plain


def test_cells_without_a_gain_say_so():
    assert "no recurrent weight" in why_not_applicable(cell("lru"))
    assert "no state" in why_not_applicable(Cell(CELLS["glu"], name="glu"))
    assert why_not_applicable(cell("rnn")) == ""
    with pytest.raises(ArgumentError, match="no recurrent weight"):
        phase_diagram(["lru"], white_noise(4))
    with pytest.raises(ArgumentError, match="gain"):
        phase_diagram(["rnn"], white_noise(4), gain=(1.0,))
