"""The phase diagram: its three lines where they are known, and what it says where there is none."""

import numpy as np
import pytest
from literature import CELLS, SHUFFLED
from test_mean_field import LSTM, OWN, PLAIN

from gatedsym import Cell
from gatedsym.cells import cell
from gatedsym.errors import ArgumentError
from gatedsym.flow.data import white_noise
from gatedsym.flow.networks import quiescent_gain, resting_radius
from gatedsym.flow.phase_diagram import phase_diagram, reason_against
from gatedsym.flow.population import Ensemble, read_theory
from gatedsym.flow.second_moments import measure_moments


def test_lstm_at_rest_is_critical_at_2_tied_and_at_3_46_untied():
    """Facts, Read first: diag(f) and W add on the eigenvalue scale where W stays, in quadrature where it does not."""
    theory = read_theory(cell("lstm"))
    tied = [quiescent_gain(theory, Ensemble(n=64, m=2), seed=s, tolerance=1e-2) for s in range(4)]
    assert abs(np.mean(tied) / 2.0 - 1) < 0.06  # the largest eigenvalue of n = 64 strays by a few per cent
    untied = measure_moments(theory, Ensemble(recurrent=np.sqrt(12), square=0.0), count=500, last=64)
    assert abs(untied.chi - 1) < 1e-9
    assert abs(untied.followed - 1) < 1e-9 or np.isnan(untied.followed)


def test_gru_at_rest_is_critical_where_its_disc_touches_one():
    """Facts I: z + (1 - z) r σ_h = 1, with z the share kept: at b = 0 σ = 2, whatever the bias."""
    theory = read_theory(cell("gru"))
    radius = [resting_radius(theory, Ensemble(n=128, m=2, recurrent=2.0, retention=1.0), seed=s) for s in range(3)]
    keep = 1 / (1 + np.exp(-1))
    # The disc has centre z and radius (1 - z)/2 σ.
    assert abs(np.mean(radius) - (keep + (1 - keep) * 0.5 * 2.0)) < 0.03


def test_renamed_lstm_comes_to_the_same_line_at_rest():
    ensemble = Ensemble(n=48, m=2, retention=1.0)
    lines = [
        np.mean([quiescent_gain(read_theory(c), ensemble, seed=s, tolerance=1e-2) for s in range(4)])
        for c in (cell("lstm"), Cell(SHUFFLED, name="shuffled"))
    ]
    # Lines in another order draw other networks: the means differ by their noise.
    assert abs(lines[0] / lines[1] - 1) < 0.12


def test_followed_signal_of_an_lstm_decays_as_untied_networks_do():
    """-0.298 against -0.299 ± 0.001; the theory with an independent signal has -0.296."""
    found = [measure_moments(read_theory(cell("lstm")), LSTM, seed=s, follow=96).followed for s in range(4)]
    rates = np.log(found) / 2
    assert abs(rates.mean() + 0.299) < 3 * rates.std(ddof=1) / 2 + 0.002


def test_diagram_of_gated_and_plain_cells():
    data = phase_diagram(
        ["lstm", PLAIN, OWN], white_noise(16), n=24, seeds=2, population=400, steps=80,
        gain=(0.5, 2.0, 4.0), retention=(0.0, 2.0), spread=(0.0, 0.5),
    )  # fmt: skip
    assert list(data["axis"].values) == ["retention", "spread", "retention"]
    assert (np.diff(data["chi"].values, axis=-1) > 0).all()
    assert (data["tied"].sel(gain=4.0) > data["tied"].sel(gain=0.5)).all()
    # A plain network with zero biases rests at zero, where the spectral radius is that of W.
    assert abs(float(data["at_rest"].sel(cell="plain", place=0)) - 1) < 0.25
    assert float(data["at_rest"].sel(cell="lstm", place=1)) < float(data["at_rest"].sel(cell="lstm", place=0))


def test_cells_without_a_gain_say_so():
    assert "no recurrent weight" in reason_against(cell("lru"))
    assert "no state" in reason_against(Cell(CELLS["glu"], name="glu"))
    assert reason_against(cell("rnn")) == ""
    with pytest.raises(ArgumentError, match="no recurrent weight"):
        phase_diagram(["lru"], white_noise(4))
    with pytest.raises(ArgumentError, match="gain"):
        phase_diagram(["rnn"], white_noise(4), gain=(1.0,))
