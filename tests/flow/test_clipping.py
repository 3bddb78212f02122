"""Clipping: Pascanu's rule, applied to each sequence, and what is left of the direction of their mean."""

import numpy as np
from plain_cells import PlainRNN

from gatedsym.flow import clipping, white_noise
from gatedsym.flow.analyses.clipping import clip_and_average

GRADIENTS = np.array([[1.0, 0.0], [0.0, 100.0]])


def test_only_gradients_above_the_threshold_are_scaled_and_to_it():
    cosine, share, ratio = clip_and_average(GRADIENTS, np.array([1.0, 100.0]), np.array([10.0]))[:, 0]
    truth, clipped = np.array([0.5, 50.0]), np.array([0.5, 5.0])
    expected = truth @ clipped / np.linalg.norm(truth) / np.linalg.norm(clipped)
    assert np.isclose(cosine, expected, rtol=1e-14)
    assert share == 0.5
    assert np.isclose(ratio, np.log10(np.linalg.norm(clipped) / np.linalg.norm(truth)), rtol=1e-14)


def test_a_threshold_above_all_norms_changes_nothing():
    cosine, share, ratio = clip_and_average(GRADIENTS, np.array([1.0, 100.0]), np.array([1000.0]))[:, 0]
    assert np.isclose(cosine, 1, rtol=1e-14)
    assert share == 0
    assert ratio == 0


def test_a_small_threshold_averages_directions():
    cosine = clip_and_average(GRADIENTS, np.array([1.0, 100.0]), np.array([1e-6]))[0, 0]
    assert np.isclose(cosine, (0.5 + 50) / np.hypot(0.5, 50) / np.sqrt(2), rtol=1e-12)


def test_gradients_that_overflow_are_missing():
    assert np.isnan(clip_and_average(np.array([[np.inf], [1.0]]), np.array([np.inf, 1.0]), np.array([1.0]))).all()


def test_larger_weights_give_larger_gradients_and_more_clipping():
    data = clipping(PlainRNN(), white_noise(3), n=16, seeds=3, steps=40, sequences=4, gain=(0.5, 3.0)).squeeze()
    norms = data["log10_norm"].median(["seed", "sequence"])
    assert float(norms.sel(gain=3.0)) > float(norms.sel(gain=0.5))
    share = data["share_clipped"].mean("seed").sel(threshold=10.0)
    assert float(share.sel(gain=3.0)) > float(share.sel(gain=0.5))
    assert bool(((data["dominance"] >= 1 / 4 - 1e-12) & (data["dominance"] <= 1)).all())


def test_sequences_that_are_given_are_all_that_is_clipped():
    x = white_noise(3).windows(9, 2, 0)
    data = clipping(PlainRNN(), x, n=4, seeds=1, gain=1.0)
    assert (data.sizes["sequence"], data.attrs["batch"], data.attrs["lags"]) == (2, 2, 9)
    assert np.isfinite(data["log10_norm"]).all()
