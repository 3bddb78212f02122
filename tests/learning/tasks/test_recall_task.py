"""Recall: one class shown once, noise everywhere, and the class asked at the end."""

import math

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError


def test_the_class_is_shown_once_and_asked_at_the_end():
    batch = gs.tasks.recall(T=12, classes=3, noise=2, lags="uniform").batch(0, 2000, dtype="float64")
    shown = batch.inputs[..., :3]
    assert (shown.sum(axis=(0, 2)) == 1).all()
    assert np.array_equal(shown.sum(axis=0).argmax(axis=1), batch.targets[-1])
    assert np.array_equal(batch.cues[0], shown.sum(axis=2).argmax(axis=0))
    assert set(np.unique(batch.cues)) == set(range(11))
    assert (batch.weights.sum(axis=0) == 1).all()


def test_a_fixed_lag_shows_the_class_in_the_first_step():
    task = gs.tasks.recall(T=12)
    assert not task.batch(0, 50).cues.any()
    assert task.lags.shortest == task.lags.median == task.lags.longest == 11


def test_noise_has_mean_0_and_variance_1():
    noise = gs.tasks.recall(T=50, noise=3).batch(0, 1000, dtype="float64").inputs[..., 4:]
    assert noise.mean() == pytest.approx(0, abs=0.01)  # 150,000 numbers: standard error 0.003
    assert noise.var() == pytest.approx(1, abs=0.01)
    assert abs(np.corrcoef(noise.reshape(-1, 3).T) - np.eye(3)).max() < 0.02


@pytest.mark.parametrize("classes", [2, 5])
def test_the_baseline_is_the_entropy_of_the_classes(classes):
    task = gs.tasks.recall(T=3, classes=classes)
    batch = task.batch(0, 20_000)
    shares = np.bincount(batch.targets[-1], minlength=classes) / batch.count
    outputs = np.broadcast_to(np.log(shares), (1, batch.count, classes))
    assert task.baseline.value == pytest.approx(math.log(classes))
    assert task.measure(outputs, batch).loss == pytest.approx(task.baseline.value, rel=2e-3)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"T": 1}, "recall over T=1 steps has no lag: take at least T=2."),
        ({"classes": 1}, "classes=1 must be an integer of at least 2."),
        ({"noise": 0}, "noise=0 must be an integer of at least 1."),
    ],
)
def test_what_is_no_recall_is_refused(options, words):
    with pytest.raises(GatedsymError) as told:
        gs.tasks.recall(**options)
    assert str(told.value) == words
