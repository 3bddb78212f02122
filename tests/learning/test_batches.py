"""Batches: arrays that belong together, chosen, joined, converted and compared."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.learning.batches import at_the_end, joined


@pytest.fixture
def ragged():
    return gs.tasks.temporal_order(T=20).batch(0, 12)


def test_sequences_are_chosen_in_every_array_alike(ragged):
    some = ragged.sequences(np.array([7, 2]))
    assert np.array_equal(some.tokens, ragged.tokens[:, [7, 2]])
    assert np.array_equal(some.lengths, ragged.lengths[[7, 2]])
    assert np.array_equal(some.cues, ragged.cues[:, [7, 2]])
    assert some.symbols == ragged.symbols
    assert some.count == 2


def test_parts_of_a_batch_join_to_it(ragged):
    parts = [ragged.sequences(np.arange(0, 5)), ragged.sequences(np.arange(5, 12))]
    assert joined(parts).equals(ragged)
    assert not joined(parts[::-1]).equals(ragged)


def test_tokens_are_shown_one_hot(ragged):
    assert ragged.inputs.shape == (*ragged.tokens.shape, ragged.symbols)
    assert np.array_equal(ragged.inputs.argmax(axis=2), ragged.tokens)
    assert (ragged.inputs.sum(axis=2) == 1).all()


def test_a_batch_knows_where_its_loss_is(ragged):
    assert ragged.times.tolist() == sorted(set((ragged.lengths - 1).tolist()))
    assert ragged.ragged
    assert not gs.tasks.recall(T=5).batch(0, 3).ragged


def test_floats_change_their_type_and_whole_numbers_keep_theirs():
    batch = gs.tasks.adding(T=5).batch(0, 3)
    double = batch.astype("float64")
    assert (batch.inputs.dtype, double.inputs.dtype) == (np.float32, np.float64)
    assert double.weights.dtype == double.targets.dtype == double.parts.dtype == np.float64
    assert double.cues.dtype == batch.cues.dtype == np.int64
    assert not double.equals(batch)
    assert double.astype("float32").equals(batch)


def test_a_loss_at_the_end_is_at_the_end_of_each_sequence():
    batch = at_the_end(np.array([3, 1]), 4, np.array([5, 6]), np.array([[0, 0]]), numbers=np.zeros((4, 2, 1)))
    assert batch.weights.tolist() == [[0, 1], [0, 0], [1, 0], [0, 0]]
    assert batch.targets.tolist() == [[0, 6], [0, 0], [5, 0], [0, 0]]
    assert batch.lags.tolist() == [[2, 0]]


def test_a_task_that_there_is_not_names_those_that_there_are():
    with pytest.raises(
        AttributeError, match=r"gs\.tasks has no attribute 'ading': did you mean adding\? dir\(gs\.tasks"
    ):
        gs.tasks.ading  # noqa: B018
    assert set(gs.tasks.tasks()) < set(dir(gs.tasks))
