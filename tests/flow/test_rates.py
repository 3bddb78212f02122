"""Rates: fitted where a curve is straight, and the lags of the fit are named."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from gatedsym.errors import ArgumentError
from gatedsym.flow.numerics.rates import NEGLIGIBLE, fitted_rate, fitted_slopes, stretch_words

LAGS = 200


def curves(slope, bend_before=0, bend_after=LAGS, rise=0.02, seeds=20, noise=0.0, lags=LAGS, seed=0):
    """Straight between two lags, with another slope on either side; increments of each seed scatter."""
    lag = np.arange(lags + 1)
    steps = np.where((lag[1:] <= bend_before) | (lag[1:] > bend_after), slope + rise, slope)
    scatter = noise * np.random.default_rng(seed).normal(size=(seeds, lags))
    values = np.concatenate([np.zeros((seeds, 1)), np.cumsum(steps + scatter, axis=1)], axis=1)
    return xr.Dataset({"log10_norm": (("seed", "lag"), values)}, coords={"lag": lag})


@pytest.mark.parametrize("seeds", [1, 2, 3, 20])
def test_a_rate_does_not_see_the_bends_at_both_ends(seeds):
    rate = fitted_rate(curves(-0.05, bend_before=35, bend_after=130, seeds=seeds, noise=0.004))
    assert abs(float(rate) + 0.05) < 1e-3
    whole = fitted_rate(curves(-0.05, bend_before=35, bend_after=130, seeds=seeds, noise=0.004), 20, LAGS)
    assert abs(float(whole) + 0.05) > 5e-3


@given(
    slope=st.floats(-2.0, 0.5),
    before=st.integers(0, 50),
    after=st.integers(110, LAGS),
    rise=st.sampled_from([-0.1, -0.01, 0.01, 0.1]),
)
def test_the_lags_of_a_fit_lie_between_the_bends(slope, before, after, rise):
    rate = fitted_rate(curves(slope, before, after, rise))
    assert abs(float(rate) - slope) <= NEGLIGIBLE
    tolerance = 2  # a bend of less than this within a block is negligible
    assert before - tolerance <= float(rate.first_lag) < float(rate.last_lag) <= after + tolerance
    assert f"lags {rate.attrs['first_lag']} to {rate.attrs['last_lag']}" == stretch_words(rate)


def test_the_lags_next_to_the_start_of_the_sequence_are_left_out():
    assert int(fitted_rate(curves(-0.1)).last_lag) == 150


def test_a_curve_that_is_straight_nowhere_has_no_rate():
    lag = np.arange(LAGS + 1)
    flow = xr.Dataset({"log10_norm": (("seed", "lag"), np.tile(-1e-3 * lag**2.0, (5, 1)))}, coords={"lag": lag})
    rate = fitted_rate(flow)
    assert np.isnan(float(rate))
    assert stretch_words(rate) == "no lags, for no curve is straight"


def test_lags_that_are_asked_for_are_taken_straight_or_not():
    rate = fitted_rate(curves(-0.05, bend_after=100), 20, 180)
    assert (int(rate.first_lag), int(rate.last_lag)) == (20, 180)


def test_each_curve_has_lags_of_its_own():
    both = xr.concat([curves(-0.1, 10), curves(-0.1, 60)], dim=xr.IndexVariable("cell", ["a", "b"]))
    rate = fitted_rate(both)
    assert rate.sel(cell="a").first_lag < rate.sel(cell="b").first_lag
    assert stretch_words(rate).endswith("where each curve is straight")


def test_a_seed_that_dies_out_does_not_take_the_others_along():
    flow = curves(-0.1, seeds=6, noise=1e-3)
    flow["log10_norm"][0, 40:] = -np.inf
    assert abs(float(fitted_rate(flow)) + 0.1) < 2e-3
    flow["log10_norm"][:, 1:] = -np.inf
    assert np.isnan(float(fitted_rate(flow)))


def test_seeds_share_the_lags_of_their_fit():
    slopes = fitted_slopes(curves(-0.1, 30, noise=1e-3, seeds=4))
    assert slopes.sizes == {"seed": 4}
    assert slopes["first_lag"].ndim == 0


@pytest.mark.parametrize("lags", [1, 2, 3, 5, 9, 12])
def test_few_lags_have_a_rate_all_the_same(lags):
    assert np.isclose(float(fitted_rate(curves(-0.25, lags=lags))), -0.25)


def test_a_single_lag_is_refused():
    with pytest.raises(ArgumentError, match="choose a longer range"):
        fitted_rate(curves(-0.1), 50, 50)
