"""Adding: what the two definitions show and ask, and the losses that are known of them."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError

MANY = 40_000
"""Samples: a variance of bounded values is then right within a percent or so."""


def at_the_end(batch, values):
    return values[batch.lengths - 1, np.arange(batch.count)]


@pytest.mark.parametrize("definition", ["arjovsky", "hochreiter"])
@pytest.mark.parametrize("lags", ["uniform", "fixed", "geometric"])
def test_the_baseline_is_the_variance_of_the_target(definition, lags):
    task = gs.tasks.adding(T=26, definition=definition, lags=lags)
    batch = task.batch(0, MANY, dtype="float64")
    assert at_the_end(batch, batch.targets).var() == pytest.approx(task.baseline.value, rel=0.02)


@pytest.mark.parametrize("definition", ["arjovsky", "hochreiter"])
def test_the_plateau_is_what_is_left_to_who_knows_the_second_value(definition):
    task = gs.tasks.adding(T=26, definition=definition)
    batch = task.batch(0, MANY, dtype="float64")
    outputs = (batch.targets[batch.times] - batch.parts[0][:, None]) * (batch.weights[batch.times] > 0)[..., None]
    outputs = outputs + (0.5 if definition == "arjovsky" else 0.0)
    found = task.measure(outputs, batch)
    assert found.loss == pytest.approx(task.plateaus[0].value, rel=0.02)
    assert list(found.skills.values()) == pytest.approx([0.0, 1.0], abs=0.02)


def test_the_plateau_of_one_cue_is_a_twelfth():
    assert gs.tasks.adding().baseline.value == pytest.approx(1 / 6)
    assert gs.tasks.adding().plateaus[0].value == pytest.approx(1 / 12)


def test_arjovsky_marks_one_step_in_each_half_and_asks_for_the_sum():
    batch = gs.tasks.adding(T=9).batch(0, 3000, dtype="float64")
    values, marks = batch.inputs[..., 0], batch.inputs[..., 1]
    assert set(np.unique(marks)) == {0.0, 1.0}
    assert (marks[:4].sum(axis=0) == 1).all()
    assert (marks[4:8].sum(axis=0) == 1).all()  # as their time_steps / 2: of 9 steps the last is in no half
    assert not marks[8].any()
    assert values.min() >= 0
    assert values.max() < 1
    assert np.array_equal(at_the_end(batch, batch.targets)[:, 0], (values * marks).sum(axis=0))
    assert set(np.unique(batch.cues)) == set(range(8))


def test_hochreiter_marks_two_pairs_and_both_ends():
    T = 30
    batch = gs.tasks.adding(T=T, definition="hochreiter").batch(0, 5000, dtype="float64")
    values, marks = batch.inputs[..., 0], batch.inputs[..., 1]
    assert set(np.unique(batch.lengths)) == set(range(T, T + T // 10 + 1))
    assert (marks[0] == -1).all()
    assert (at_the_end(batch, marks) == -1).all()
    assert set(np.unique(batch.cues[0])) == set(range(10))
    assert set(np.unique(batch.cues[1])) == set(range(T // 2 - 1))
    assert (batch.cues[0] != batch.cues[1]).all()
    assert ((marks == 1).sum(axis=0) == 2 - (batch.cues == 0).any(axis=0)).all()
    assert at_the_end(batch, batch.targets)[:, 0] == pytest.approx(0.5 + (values * (marks == 1)).sum(axis=0) / 4)
    assert values.min() < -0.99


def test_an_answer_is_right_within_four_hundredths():
    task = gs.tasks.adding(T=12)
    batch = task.batch(0, 50, dtype="float64")
    assert task.metric == "share within 0.04"
    assert task.measure(batch.targets + 0.039, batch).metric == 1
    assert task.measure(batch.targets + 0.041, batch).metric == 0


def test_cues_stand_where_they_are_put():
    task = gs.tasks.adding(T=100, lags="fixed", cues=(0, 98))
    assert (task.batch(0, 4).cues == [[0] * 4, [98] * 4]).all()
    assert (task.lags.shortest, task.lags.longest) == (1, 99)
    assert (gs.tasks.adding(T=100, lags="fixed").batch(0, 2).cues == [[0, 0], [50, 50]]).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"T": 1}, "adding over T=1 steps has no room for two marks: take at least T=2."),
        ({"T": 20, "definition": "hochreiter"}, "need T=24 steps, and T is 20"),
        ({"cues": (1, 2)}, "are fixed places, and lags='uniform': write lags='fixed' with them."),
        ({"cues": (5, 5), "lags": "fixed"}, "must be two steps in order, from 0 to T - 1 = 99."),
        ({"cues": "ab", "lags": "fixed"}, "must be two steps in order"),
        ({"definition": "le"}, "definition must be 'arjovsky' or 'hochreiter', not 'le'."),
        ({"T": 2.5}, "T=2.5 must be an integer"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(options, words):
    with pytest.raises(GatedsymError) as told:
        gs.tasks.adding(**options)
    assert words in str(told.value)
