"""Loss, metric and skills of outputs, against what they are by hand."""

import numpy as np
import pytest

import gatedsym as gs

RANDOM = np.random.default_rng(1)


def test_cross_entropy_is_the_weighted_mean_of_negative_logs():
    task = gs.tasks.copy(T=3, symbols=4)
    batch = task.batch(0, 6, dtype="float64")
    logits = RANDOM.standard_normal((task.steps, 6, task.outputs)) + 700  # far from 0: no overflow
    shares = np.exp(logits - 700) / np.exp(logits - 700).sum(axis=2, keepdims=True)
    logs = [
        -np.log(shares[t, b, batch.targets[t, b]]) for t in range(task.steps) for b in range(6) if batch.weights[t, b]
    ]
    assert task.measure(logits, batch).loss == pytest.approx(np.mean(logs))


def test_squared_errors_are_summed_over_entries_without_a_half():
    task = gs.tasks.adding(T=6)
    batch = task.batch(0, 9, dtype="float64")
    outputs = RANDOM.standard_normal((6, 9, 1))
    assert task.measure(outputs, batch).loss == pytest.approx(((outputs - batch.targets)[-1] ** 2).mean())


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 1), (0.5, 1), (1, 1), (2, 1), (-1, 0)])
def test_skill_on_a_number_follows_from_how_strongly_it_is_answered(first, second):
    task = gs.tasks.adding(T=8)
    batch = task.batch(0, 500, dtype="float64")
    outputs = (0.3 + first * batch.parts[0] + second * batch.parts[1])[None, :, None]
    found = list(task.measure(outputs, batch).skills.values())
    assert found == pytest.approx([1 - (1 - first) ** 2, 1 - (1 - second) ** 2])


def test_skill_adds_up_to_the_loss():
    """Of independent cues, the loss of the best linear answer is the sum of what each leaves."""
    task = gs.tasks.adding(T=8)
    batch = task.batch(0, 20_000, dtype="float64")
    outputs = (1 + 0.3 * (batch.parts[0] - 0.5) + 0.8 * (batch.parts[1] - 0.5))[None, :, None]
    found = task.measure(outputs, batch)
    assert found.loss == pytest.approx(sum(1 / 12 * (1 - skill) for skill in found.skills.values()), rel=0.03)


def test_skill_of_a_class_is_measured_against_chance():
    task = gs.tasks.recall(T=4, classes=4)
    batch = task.batch(0, 8000)
    known = np.arange(8000) % 2 == 0  # half of them known, the others guessed as class 0
    outputs = np.where(known, batch.targets[-1], 0)
    found = task.measure(9.0 * np.eye(4)[outputs][None], batch)
    assert found.skills["cue"] == pytest.approx((0.5 + 0.5 / 4 - 1 / 4) / (3 / 4), abs=0.02)
    assert found.metric == pytest.approx(0.625, abs=0.02)


def test_what_a_batch_cannot_tell_is_nan():
    task = gs.tasks.adding(T=8)
    batch = task.batch(0, 2)
    assert all(np.isnan(skill) for skill in task.measure(batch.targets, batch).skills.values())
    many = task.batch(0, 50)
    broken = many.targets + np.nan
    found = task.measure(broken, many)
    assert np.isnan(found.loss)
    assert all(np.isnan(skill) for skill in found.skills.values())
