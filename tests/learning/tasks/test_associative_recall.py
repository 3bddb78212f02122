"""Associative recall: the value beside a key, and the loss of who knows the values alone."""

import math

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError


def spelt(task, batch, b):
    return "".join(task.symbols[token] for token in batch.tokens[:, b])


def test_sequences_are_those_of_the_paper_where_no_blanks_fit():
    task = gs.tasks.associative_recall(T=11)
    batch = task.batch(0, 200)
    for b in range(200):
        text = spelt(task, batch, b)
        found = dict(zip(text[0:8:2], text[1:8:2]))
        assert len(found) == 4
        assert text[8:10] == "??"
        assert found[text[10]] == task.classes[batch.targets[-1, b]]


def test_blanks_stand_before_the_pairs_and_behind_them():
    task = gs.tasks.associative_recall(T=20, pairs=3)
    batch = task.batch(0, 500)
    stripped = {spelt(task, batch, b)[:-3].strip("-") for b in range(500)}
    assert {len(text) for text in stripped} == {6}
    assert (task.classes[0], task.symbols[0], task.symbols[-1]) == ("0", "-", "?")
    named = task.symbols.index("0")
    assert np.array_equal(batch.tokens[batch.cues[0], np.arange(500)] - named, batch.targets[-1])
    assert task.lags.longest == 20 - 1 - 1
    assert task.lags.shortest == 3


def test_the_plateau_is_the_loss_of_who_knows_the_values_and_not_their_keys():
    task = gs.tasks.associative_recall(T=12, pairs=3, values=4)
    batch = task.batch(0, 20_000)
    first = task.symbols.index("0")
    shown = np.stack([(batch.tokens == first + v).sum(axis=0) for v in range(4)], axis=1)
    outputs = np.log(np.maximum(shown / 3, 1e-30))[None]
    found = task.measure(outputs, batch)
    assert found.loss == pytest.approx(task.plateaus[0].value, abs=0.01)
    assert task.plateaus[0].value < task.baseline.value == pytest.approx(math.log(4))


def test_every_value_is_as_often_the_answer():
    batch = gs.tasks.associative_recall(values=5).batch(0, 10_000)
    assert np.bincount(batch.targets[-1]) == pytest.approx(np.full(5, 2000), abs=200)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pairs": 30}, "30 pairs have different keys, and there are keys=26: take more keys."),
        ({"T": 10}, "need T=11 steps, and T is 10: take more steps."),
        ({"pairs": 2, "keys": 3, "values": 2}, "take more pairs, keys or values."),
    ],
)
def test_what_cannot_be_asked_is_refused(options, words):
    with pytest.raises(GatedsymError) as told:
        gs.tasks.associative_recall(**options)
    assert words in str(told.value)
