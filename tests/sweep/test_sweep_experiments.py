"""What a sweep measures is what the analysis, or gs.learn, gives when it is asked for the same at once."""

import numpy as np
import pytest
import xarray as xr

import gatedsym as gs
from gatedsym import sweep

NETWORKS = {"cell": ["rnn", "gru"], "retention": [0.0, 1.0], "init": ["uniform", "xavier"]}


@pytest.fixture
def one_process(monkeypatch):
    monkeypatch.setenv("GATEDSYM_THREADS", "1")


@pytest.mark.long
@pytest.mark.usefixtures("one_process")
def test_the_dataset_of_an_analysis_is_its_own_and_its_figure_says_the_same(tmp_path):
    grid = {"experiment": "gradient_norm", **NETWORKS, "n": [6, 8], "lags": 15, "batch": 2, "seeds": 2}
    swept = sweep.run(grid, out=tmp_path / "s")
    once = gs.gradient_flow(
        ["rnn", "gru"], "text", n=[6, 8], lags=15, batch=2, seeds=2, init=("uniform", "xavier"), retention=(0.0, 1.0)
    )
    xr.testing.assert_identical(swept["log10_norm"], once["log10_norm"])
    assert {name: swept.attrs[name] for name in ("cells", "seeds", "input", "lags")} == {
        name: once.attrs[name] for name in ("cells", "seeds", "input", "lags")
    }
    captions = [str(gs.figures.gradient_norm(data.sel(n=8)).caption) for data in (swept, once)]
    assert captions[0] == captions[1]


@pytest.mark.long
@pytest.mark.usefixtures("one_process")
def test_a_phase_diagram_has_the_means_over_the_seeds_of_all_points(tmp_path):
    small = {"n": 6, "population": 64, "steps": 40}
    lists = {"gain": [0.5, 1.0, 2.0], "retention": [0.0, 1.0], "spread": [0.0, 1.0]}
    grid = {"experiment": "phase_diagram", "cell": ["gru", "rnn"], **small, "seeds": 2}
    swept = sweep.run(grid | {name: [values] for name, values in lists.items()}, out=tmp_path / "s")
    once = gs.flow.phase_diagram(["gru", "rnn"], "text", **small, **lists, seeds=2)
    for name in ("chi", "chi_error", "tied", "tied_error", "at_rest", "bias"):
        np.testing.assert_array_equal(swept[name].values, once[name].values, name)
    captions = [str(gs.figures.phase_diagram(data).caption) for data in (swept, once)]
    assert captions[0] == captions[1]


@pytest.mark.long
@pytest.mark.usefixtures("one_process")
def test_a_point_of_learning_is_a_seed_of_gs_learn(tmp_path):
    grid = {
        "experiment": "learning", "cell": "gru", "retention": 1.0, "n": 6, "T": 6, "seeds": [3],
        "task": {"name": "recall", "lags": "uniform"}, "recipe": {"name": "fast", "rate": 1e-2, "updates": 12},
    }  # fmt: skip
    swept = sweep.run(grid, out=tmp_path / "s").squeeze(drop=True)
    net = gs.Network("gru", gs.tasks.recall(T=6, lags="uniform"), n=6, retention=1.0)
    once = gs.learn(net, gs.tasks.recall(T=6, lags="uniform"), rate=1e-2, updates=12, seeds=[3])
    for name in ("held_out_loss", "metric", "gradient_at_lag", "spectral_radius"):
        np.testing.assert_array_equal(swept[name].values, once[name].squeeze().values, name)
    assert swept["loss"].item() == once["held_out_loss"].values[-1]
    assert swept["updates_made"].item() == 12


def test_a_cell_of_which_an_analysis_makes_no_sense_is_refused_and_the_others_keep_their_places(tmp_path, monkeypatch):
    monkeypatch.setenv("GATEDSYM_THREADS", "1")
    stateless = {"label": "plain", "equations": "x in R^m; y in R^n; W in R^(n,m)\noutput y\ny = W @ x"}
    points = sweep.product_points(cell=[stateless, "rnn"], n=4, lags=5, seed=[0, 1])
    data = sweep.run(points, "gradient_norm", out=tmp_path / "s")
    assert data["cell"].values.tolist() == ["plain", "rnn"]
    assert np.isnan(data["log10_norm"].sel(cell="plain").values).all()
    assert "plain" in data.attrs["failed"]
    assert data.attrs["measured"] == 2
