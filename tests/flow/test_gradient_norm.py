"""Gradient norm against lag: the dataset says what it holds, and holds what brute force gives."""

import numpy as np
import pytest
import xarray as xr
from plain_cells import PlainCell, PlainLSTM, PlainRNN

from gatedsym.errors import ArgumentError
from gatedsym.figures import gradient_norm as draw
from gatedsym.flow import Loss, fitted_rate, gradient_flow, summary, truncation, white_noise
from gatedsym.flow.analyses.gradient_norm import quartiles

SMALL = {"n": 6, "seeds": 3, "lags": 12, "batch": 2}


@pytest.fixture
def flow(cells):
    return gradient_flow(cells, white_noise(3), **SMALL)


def test_every_dimension_is_labelled(flow):
    assert dict(flow["log10_norm"].sizes) == {
        "cell": 3, "init": 2, "gain": 1, "retention": 5, "seed": 3, "quantity": 4, "lag": 13,
    }  # fmt: skip
    assert list(flow["cell"].values) == ["rnn", "lstm", "gru"]
    assert list(flow["retention"].values) == ["0", "1", "2", "chrono", "none"]
    assert list(flow["quantity"].values) == ["h", "x", "state", "c"]
    assert flow.attrs["n"] == 6
    assert flow.attrs["seeds"] == 3
    assert "white noise" in flow.attrs["input_description"]


def test_settings_that_a_cell_lacks_are_missing_and_all_others_are_there(flow):
    values = flow["log10_norm"].sel(quantity=["h", "x", "state"])
    assert bool(values.sel(cell="rnn", retention="0").isnull().all())
    assert bool(values.sel(cell="rnn", retention="none").notnull().all())
    assert bool(values.sel(cell="lstm", retention=["0", "1", "2", "chrono"]).notnull().all())
    assert bool(flow["log10_norm"].sel(cell="gru", quantity="c").isnull().all())


def test_the_gradient_at_lag_0_is_the_cotangent(flow):
    at_end = flow["log10_norm"].sel(lag=0, quantity="h")
    assert float(abs(at_end).max()) < 1e-12


def test_norms_are_those_of_finite_differences():
    cell, lag = PlainRNN(), 4
    x = white_noise(3).windows(9, 1, 7)
    flow = gradient_flow(cell, x, n=5, seeds=1, init="xavier")
    params = cell.init(m=3, n=5, seed=0, dtype="float64", scheme="xavier", gain=1.0, retention=None, horizon=8)
    run = cell.forward(params, x)
    _, dh = Loss().cotangents(run["h"][1:], 0)
    tail = x[len(x) - lag :]

    def end(h):
        return float((cell.forward(params, tail, initial={"h": h})["h"][-1] * dh[0]).sum())

    start, step = run["h"][len(x) - lag], 1e-6
    gradient = [(end(start + step * e) - end(start - step * e)) / (2 * step) for e in np.eye(5)]
    measured = float(flow["log10_norm"].sel(lag=lag, quantity="h").squeeze())
    assert np.isclose(10**measured, np.linalg.norm(gradient), rtol=1e-7)


def test_input_gradients_are_counted_from_the_last_input():
    cell = PlainRNN()
    x = white_noise(3).windows(9, 1, 7)
    flow = gradient_flow(cell, x, n=5, seeds=1, init="xavier")
    params = cell.init(m=3, n=5, seed=0, dtype="float64", scheme="xavier", gain=1.0, retention=None, horizon=8)
    h = cell.forward(params, x)["h"]
    _, dh = Loss().cotangents(h[1:], 0)
    expected = np.linalg.norm((dh[0] * (1 - h[-1] ** 2)) @ params["W_h"])
    assert np.isclose(10 ** float(flow["log10_norm"].sel(lag=0, quantity="x").squeeze()), expected, rtol=1e-12)


def test_the_same_call_gives_the_same_numbers(flow, cells):
    assert flow.identical(gradient_flow(cells, white_noise(3), **SMALL))


def test_a_larger_retention_bias_keeps_more_at_zero_bias_weights(flow):
    at_end = summary(flow)["median"].sel(cell="lstm", init="uniform", gain=1, quantity="c").isel(lag=-1)
    kept = [float(at_end.sel(retention=r)) for r in ("0", "1", "2")]
    assert kept == sorted(kept)


def test_with_zero_weights_the_highway_keeps_sigma_of_the_bias():
    class Still(PlainLSTM):
        def init(self, **options):
            return {k: v * (k == "b_f") for k, v in PlainCell.init(self, **options).items()}

    flow = gradient_flow(Still(), white_noise(3), n=4, seeds=1, lags=10, init="xavier", retention=2.0)
    rate = float(fitted_rate(flow, first=2, last=9).sel(quantity="c").squeeze())
    assert np.isclose(rate, np.log10(1 / (1 + np.exp(-2.0))), rtol=1e-12)


class Dead(PlainRNN):
    """A cell that forgets everything: what it passes back is exactly zero."""

    def transpose(self, p, old, h, above):
        return {"h": 0 * above["h"]}, {"h": above["h"]}, {}


def test_a_gradient_of_exactly_zero_is_minus_infinity_and_has_no_rate():
    flow = gradient_flow(Dead(), white_noise(3), n=4, seeds=3, lags=10, init="xavier")
    numbers = summary(flow).sel(quantity="h").squeeze()
    assert np.all(np.isneginf(numbers["median"].values[1:]))
    assert np.all(np.isneginf(numbers["lower"].values[1:]))
    assert np.all(numbers["zero"].values[1:] == 3)
    assert np.isnan(float(fitted_rate(flow, first=2).sel(quantity="h").squeeze()))


def test_the_rate_of_a_straight_line_is_its_slope():
    lag = np.arange(50)
    values = -0.25 * lag[None, :] + np.array([[0.0], [1.0], [3.0]])
    flow = xr.Dataset({"log10_norm": (("seed", "lag"), values)}, coords={"lag": lag})
    assert np.isclose(float(fitted_rate(flow, 10, 40)), -0.25, rtol=1e-12)


def test_gains_are_refused_where_the_initialisation_has_none(cells):
    with pytest.raises(ValueError, match="gaussian"):
        gradient_flow(cells, white_noise(3), init="xavier", gain=3.0, **SMALL)


@pytest.mark.parametrize("size", ["n", "seeds", "lags", "batch"])
def test_sizes_below_1_are_refused_by_name(cells, size):
    with pytest.raises(ValueError, match=f"{size} = 0"):
        gradient_flow(cells, white_noise(3), **(SMALL | {size: 0}))


def test_two_cells_of_one_name_are_refused():
    with pytest.raises(ValueError, match="same name"):
        gradient_flow([PlainRNN(), PlainRNN()], white_noise(3), **SMALL)


def test_an_array_of_another_rank_is_refused(cells):
    with pytest.raises(ValueError, match=r"\(time, batch, feature\)"):
        gradient_flow(cells, np.zeros((5, 3)))


@pytest.mark.parametrize("shape", [(1, 2, 3), (0, 2, 3), (5, 0, 3)])
def test_an_array_without_a_step_back_is_refused_by_its_shape(cells, shape):
    with pytest.raises(ArgumentError, match="at least 2 steps") as caught:
        gradient_flow(cells, np.zeros(shape))
    assert "lags" not in str(caught.value)


@pytest.mark.parametrize("refused", [lambda: Loss("none"), lambda: Loss(at="first"), lambda: gradient_flow([])])
def test_what_is_refused_is_an_error_of_gatedsym(refused):
    with pytest.raises(ArgumentError):
        refused()


def test_infinities_take_their_place_among_the_quartiles():
    values = np.array([[np.inf, -np.inf, 1.0], [np.inf, 0.0, np.nan], [np.inf, np.inf, 3.0]])
    lower, median, upper = quartiles(xr.DataArray(values, dims=("seed", "lag")))
    assert median.values.tolist() == [np.inf, 0.0, 2.0]
    assert lower.values.tolist() == [np.inf, -np.inf, 1.5]
    assert upper.values.tolist() == [np.inf, np.inf, 2.5]


def test_lags_are_counted_from_the_end_of_each_sequence():
    settings = {"n": 4, "seeds": 1, "init": "uniform", "retention": None}
    x, rng = np.full((9, 3, 2), np.nan), np.random.default_rng(0)
    x[:6] = rng.standard_normal((6, 3, 2))
    short, ended = gradient_flow("lstm", x[:6], **settings), gradient_flow("lstm", x, lengths=[6, 6, 6], **settings)
    found, expected = ended["log10_norm"], short["log10_norm"]
    np.testing.assert_allclose(found.isel(lag=slice(0, 6)), expected, rtol=1e-12, atol=1e-12)
    assert bool(found.isel(lag=slice(6, None)).isnull().all())
    # Of two sequences of unlike length the longer one is alone where the other has ended.
    x[6:, 0] = rng.standard_normal((3, 2))
    unlike = gradient_flow("lstm", x, lengths=[9, 6, 0], **settings)["log10_norm"].sel(quantity="h").squeeze()
    assert bool(unlike.notnull().all())
    assert abs(float(unlike.isel(lag=0))) < 1e-12
    several = gradient_flow("lstm", x, lengths=[9, 6, 0], **settings)
    assert list(several.attrs["lengths"]) == [9, 6, 0]
    told = "3 sequences for each of 0 to 9 steps, lags counted from the end of each; input"
    assert told in draw(several).caption.note.plain


@pytest.mark.parametrize("loss", [Loss(at="every"), Loss("cross-entropy"), "squared-error"])
def test_every_loss_takes_lengths(loss):
    x = np.random.default_rng(0).standard_normal((9, 3, 2))
    x[7:, 1:] = np.nan
    flow = gradient_flow("lstm", x, lengths=[9, 7, 7], n=4, seeds=1, init="uniform", retention=None, loss=loss)
    assert bool(np.isfinite(flow["log10_norm"].sel(quantity="h")).all())


def test_lengths_that_do_not_fit_are_refused_and_other_analyses_take_none():
    x = np.zeros((9, 3, 2))
    with pytest.raises(ArgumentError, match=r"lengths\[0\] is 10; there are 9 steps, so give one of 0 … 9"):
        gradient_flow("lstm", x, lengths=[10, 1, 1], n=4, seeds=1)
    with pytest.raises(ArgumentError, match="truncation takes no lengths=: it goes by steps that all sequences have"):
        truncation("lstm", x, lengths=[9, 1, 1], n=4, seeds=1)
