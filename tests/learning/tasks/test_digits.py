"""Digits: scikit-learn's, a pixel a step."""

import sys

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError

datasets = pytest.importorskip("sklearn.datasets", reason="digits are scikit-learn's: pip install gatedsym[learn]")


def rows_of(batch):
    return {batch.inputs[:, b, 0].tobytes() for b in range(batch.count)}


def test_a_sequence_is_an_image_read_as_a_page():
    known = {
        (image / 16).ravel().tobytes(): k
        for image, k in zip(*(datasets.load_digits()[x] for x in ("images", "target")))
    }
    batch = gs.tasks.digits().batch(0, 200, dtype="float64")
    assert batch.inputs.shape == (64, 200, 1)
    assert [known[batch.inputs[:, b, 0].tobytes()] for b in range(200)] == batch.targets[-1].tolist()


def test_permuted_digits_are_the_same_in_one_other_order():
    plain, permuted = gs.tasks.digits().batch(3, 30), gs.tasks.digits(order="permuted").batch(3, 30)
    assert np.array_equal(plain.targets, permuted.targets)
    assert not np.array_equal(plain.inputs, permuted.inputs)
    assert np.array_equal(np.sort(plain.inputs, axis=0), np.sort(permuted.inputs, axis=0))
    other = gs.tasks.digits(order="permuted", permutation=1).batch(3, 30)
    assert not np.array_equal(other.inputs, permuted.inputs)


def test_one_in_five_is_held_out_whatever_the_seed():
    task = gs.tasks.digits()
    judged = rows_of(task.batch(0, 359, held_out=True))
    assert len(judged) == 359
    assert judged == rows_of(task.batch(9, 359, seed=4, held_out=True))
    assert not judged & rows_of(task.batch(0, 1438))
    assert len(rows_of(task.batch(0, 1438))) == 1438


def test_the_baseline_is_the_entropy_of_the_digits_to_train_on():
    task = gs.tasks.digits()
    batch = task.batch(0, 1438)
    shares = np.bincount(batch.targets[-1]) / 1438
    outputs = np.broadcast_to(np.log(shares), (1, 1438, 10))
    assert task.measure(outputs, batch).loss == pytest.approx(task.baseline.value)
    assert task.baseline.value == pytest.approx(np.log(10), abs=0.01)


def test_without_scikit_learn_a_sentence_says_how_to_get_it(monkeypatch):
    from gatedsym.learning.tasks.digits import _data

    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    _data.cache_clear()
    with pytest.raises(GatedsymError, match=r'digits needs scikit-learn: run pip install "gatedsym\[learn\]"\.'):
        gs.tasks.digits()
    _data.cache_clear()
