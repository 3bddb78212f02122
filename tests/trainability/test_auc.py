"""Areas under the curve of clustered runs, and the score that parts them best."""

import numpy as np
import pytest

from gatedsym.trainability.auc import best_threshold, clustered_area


def test_a_score_that_orders_all_runs_has_area_one_and_its_negative_none():
    scores, learnt = np.arange(6.0), np.array([0, 0, 0, 1, 1, 1], bool)
    clusters = np.array(list("ababab"))
    assert clustered_area(scores, learnt, clusters).area == 1.0
    assert clustered_area(-scores, learnt, clusters).area == 0.0


def test_area_is_the_share_of_pairs_won_with_equal_scores_as_half():
    found = clustered_area(np.array([1.0, 2, 2, 3]), np.array([0, 1, 0, 1], bool), np.array(list("abcd")))
    assert found.area == pytest.approx((1 + 0.5 + 1 + 1) / 4)
    assert (found.learnt, found.runs, found.clusters) == (2, 4, 4)


def test_runs_with_one_outcome_have_no_area():
    assert np.isnan(clustered_area(np.arange(3.0), np.ones(3, bool), np.array(list("abc"))).area)


def test_runs_without_a_score_are_left_out():
    found = clustered_area(np.array([np.nan, 0, 1]), np.array([1, 0, 1], bool), np.array(list("abc")))
    assert (found.area, found.runs) == (1.0, 2)


def test_copies_of_runs_within_their_clusters_do_not_narrow_the_interval():
    generator = np.random.default_rng(0)
    scores, learnt = generator.normal(size=24), generator.random(24) < 0.5
    clusters = np.repeat(np.array(list("abcdef")), 4)
    once = clustered_area(scores, learnt, clusters)
    often = clustered_area(np.tile(scores, 20), np.tile(learnt, 20), np.tile(clusters, 20))
    assert (often.area, often.low, often.high) == pytest.approx((once.area, once.low, once.high))
    assert once.low < once.area < once.high


def test_best_threshold_lies_between_failed_and_learnt_runs():
    scores = np.array([-9.0, -8.0, -4.0, -2.0])
    assert best_threshold(scores, np.array([0, 0, 1, 1], bool)) == -6.0
    assert np.isnan(best_threshold(scores, np.ones(4, bool)))


def test_an_exactly_zero_gradient_is_below_every_other_score():
    found = clustered_area(np.array([-np.inf, -3.0]), np.array([0, 1], bool), np.array(list("ab")))
    assert found.area == 1.0
