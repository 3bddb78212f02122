"""Horizons that an untrained gradient predicts, and those that runs learnt."""

import numpy as np
import pytest
import synthetic_runs as synthetic

from gatedsym.trainability.horizon import FURTHEST, dead_lag, horizons, rank_correlation


def test_a_gradient_that_falls_by_a_power_of_ten_in_five_steps_is_dead_after_thirty():
    lags = np.array([11.0, 24, 49])
    assert dead_lag(lags, -lags / 5, -6.0) == pytest.approx(30)
    assert dead_lag(lags[:1], -lags[:1] / 5, -6.0) == pytest.approx(30)  # beyond the only lag that was measured


def test_a_gradient_that_does_not_fall_has_the_furthest_horizon():
    assert dead_lag(np.array([10.0, 20]), np.array([0.0, 0.1]), -6.0) == FURTHEST


def test_an_exactly_zero_gradient_is_dead_before_its_lag():
    assert 0 < dead_lag(np.array([10.0]), np.array([-np.inf]), -6.0) < 1


def test_the_measured_horizon_is_the_largest_lag_that_half_of_the_seeds_learnt():
    rows = [
        {"lag": lag, "task": f"recall {lag + 1}", "seed": seed, "gradient_before": -lag / 5.0}
        | (synthetic.learnt() if seed < many else {})
        for lag, many in ((11, 4), (24, 2), (49, 1))
        for seed in range(4)
    ]
    (found,) = horizons(synthetic.runs(rows), -6.0)
    assert (found.measured, found.predicted) == (24, pytest.approx(30, rel=1e-4))
    assert (found.learnt, found.runs, found.longest) == (7, 12, 49)


def test_rank_correlation_is_that_of_spearman():
    assert rank_correlation(np.array([1.0, 2, 3]), np.array([10.0, 20, 90])) == pytest.approx(1)
    assert np.isnan(rank_correlation(np.array([1.0, 2, 3]), np.zeros(3)))
