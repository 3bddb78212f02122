"""Paths of the gradient: parts that add up, a highway that is the product of forget gates, cells of any form."""

import numpy as np
import pytest
from own_cells import GATES, RenamedLSTM, own_cell

import gatedsym as gs
from gatedsym.calculus.names import HIGHWAY
from gatedsym.errors import ArgumentError
from gatedsym.flow import Loss, paths, white_noise
from gatedsym.flow.analyses.paths import CLOSURE, why_not_applicable

SMALL = {"n": 5, "seeds": 2, "lags": 12, "batch": 2}


@pytest.fixture(scope="module")
def lstm():
    return paths("lstm", white_noise(3), **SMALL)


@pytest.fixture(scope="module")
def own():
    return own_cell()


def test_parts_add_up_to_the_gradient(lstm):
    assert lstm.attrs["closure_departure"] < CLOSURE
    assert lstm.attrs["closure_last_step"] < CLOSURE
    assert float(abs(lstm["share"].sum("path") - 1).max()) < CLOSURE
    assert float(abs(lstm["square"].sum("path") + lstm["cross"] - 1).max()) < CLOSURE


def test_lags_are_counted_from_the_end_of_each_sequence_that_has_lengths():
    settings, rng = {"n": 4, "seeds": 1}, np.random.default_rng(0)
    x = np.full((9, 3, 2), np.nan)
    x[:6] = rng.standard_normal((6, 3, 2))
    short, ended = paths("lstm", x[:6], **settings), paths("lstm", x, lengths=[6, 6, 6], **settings)
    for name in ("log10_norm", "log10_whole", "share", "square", "cross"):
        found = ended[name].isel(lag=slice(0, 5))
        np.testing.assert_allclose(found, short[name], rtol=1e-9, atol=1e-9, err_msg=name)
        assert bool(ended[name].isel(lag=slice(5, None)).isnull().all()), name
    x[6:, 0] = rng.standard_normal((3, 2))
    unlike = paths(["lstm", "tau_gru_delayed_input"], x, lengths=[9, 6, 0], **settings)
    assert unlike.attrs["closure_departure"] < CLOSURE
    assert unlike.attrs["closure_last_step"] < CLOSURE
    assert float(abs(unlike["share"].sum("path") - 1).where(unlike["log10_whole"].notnull()).max()) < CLOSURE
    assert bool(unlike["log10_whole"].sel(cell="lstm").notnull().any("lag").all())
    assert list(unlike.attrs["lengths"]) == [9, 6, 0]


def run_of(cell, steps=13, n=5, seed=0, batch=1, **options):
    params = cell.init(m=3, n=n, seed=seed, scheme="xavier", **options)
    run = cell.forward(params, white_noise(3).windows(steps, batch, seed))
    return params, run, Loss().cotangents(run["h"][1:], seed)


def test_the_highway_of_an_lstm_is_the_product_of_its_forget_gates():
    data = paths("lstm", white_noise(3), **SMALL | {"batch": 1}, retention=1.0)
    _, run, (_, dh) = run_of(gs.cell("lstm"), retention=1.0)
    dc = dh[0, 0] * run["o"][-1, 0] * (1 - np.tanh(run["c"][-1, 0]) ** 2)
    for lag in (1, 5, 12):
        expected = np.linalg.norm(dc * np.prod(run["f"][-lag:, 0], axis=0))
        measured = data["log10_norm"].sel(seed=0, view="departure", path=HIGHWAY, lag=lag)
        assert float(measured.squeeze()) == pytest.approx(np.log10(expected), abs=1e-12)


def test_the_last_step_through_a_gate_is_what_a_hand_writes():
    """Lag 1 of the output gate: U_o^T (dh tanh(c) o (1 - o))."""
    data = paths("lstm", white_noise(3), **SMALL | {"batch": 1}, retention=1.0)
    params, run, (_, dh) = run_of(gs.cell("lstm"), retention=1.0)
    o, c = run["o"][-1, 0], run["c"][-1, 0]
    expected = np.linalg.norm(params["U_o"].T @ (dh[0, 0] * np.tanh(c) * o * (1 - o)))
    for view in ("departure", "last step"):
        measured = data["log10_norm"].sel(seed=0, view=view, path="o", lag=1)
        assert float(measured.squeeze()) == pytest.approx(np.log10(expected), abs=1e-12)


@pytest.mark.parametrize("bias", [0.0, 1.0, 2.0])
def test_without_weights_the_highway_decays_as_the_logistic_function_of_the_bias(bias):
    data = paths("lstm", white_noise(3), **SMALL, init="gaussian", gain=0.0, retention=bias)
    highway = data["log10_norm"].sel(view="departure", path=HIGHWAY).squeeze()
    # h reaches c through o = 1/2.
    expected = np.log10(0.5) - data["lag"].values * np.log10(1 + np.exp(-bias))
    assert np.allclose(highway, expected, rtol=0, atol=1e-12)
    assert bool((data["log10_norm"].sel(view="departure", path="g") == -np.inf).all())


def test_parts_are_carried_where_floats_underflow():
    data = paths("lstm", white_noise(3), n=3, seeds=1, lags=300, batch=1, init="gaussian", gain=0.0, retention=-3.0)
    highway = data["log10_norm"].sel(view="departure", path=HIGHWAY, lag=300)
    assert float(highway.squeeze()) == pytest.approx(np.log10(0.5) - 300 * np.log10(1 + np.exp(3.0)), abs=1e-9)


def test_parts_add_up_with_four_states():
    data = paths("slstm", white_noise(3), **SMALL)
    assert list(data["path"].values) == [HIGHWAY, "z", "a", "F", "o", "f"]
    assert data.attrs["closure_departure"] < CLOSURE


@pytest.mark.long
def test_the_whole_is_what_compiled_kernels_give_for_a_cell_of_no_library_with_a_matrix_state_and_a_delay(own):
    data = paths(own, white_noise(3), **SMALL, retention=None)
    assert list(data["path"].values) == [HIGHWAY, "k", "e", "h'"]
    assert data.attrs["closure_departure"] < CLOSURE
    params = own.init(m=3, n=5, seed=1, scheme="xavier")
    run = own.forward(params, white_noise(3).windows(13, 2, 1))
    flow = own.flow(params, run, {"h": Loss().cotangents(run["h"][1:], 1)})
    expected = np.median(flow.log_norm["state"][::-1][1:13], axis=1) / np.log(10)
    assert np.allclose(data["log10_whole"].sel(seed=1).squeeze(), expected, rtol=0, atol=1e-10)


def test_names_and_order_of_lines_do_not_matter(lstm):
    data = paths(RenamedLSTM(), white_noise(3), **SMALL)
    for own, theirs in [*GATES.items(), (HIGHWAY, HIGHWAY)]:
        mine = data["log10_norm"].sel(path=own, cell="renamed")
        assert np.allclose(mine, lstm["log10_norm"].sel(path=theirs, cell="lstm"), rtol=0, atol=1e-9)


def test_a_cell_without_input_or_gates_has_one_path():
    cell = gs.Cell("h in R^n; U in R^(n,n)\nh' = tanh(U h)", name="autonomous")
    data = paths(cell, white_noise(3), **SMALL)
    assert bool(data["log10_norm"].sel(path=HIGHWAY).isnull().all())
    assert np.allclose(data["share"].sel(path="h'"), 1)


def test_cells_that_have_no_paths_are_refused_with_the_reason():
    glu = gs.cell("glu")
    assert "no state" in why_not_applicable(glu)
    with pytest.raises(ArgumentError, match="no state"):
        paths(glu, white_noise(3), **SMALL)
    forgetful = gs.Cell("x in R^m; h in R^n; W in R^(n,m)\nh' = tanh(W x)", name="forgetful")
    assert "no result of cell forgetful depends on a previous state" in why_not_applicable(forgetful)
    assert why_not_applicable(gs.cell("rnn")) == ""


def test_a_loss_on_every_step_has_no_lag():
    with pytest.raises(ArgumentError, match="last step"):
        paths("rnn", white_noise(3), **SMALL, loss=Loss("cotangent", "every"))
