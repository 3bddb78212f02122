"""Every task: batches that a seed and a number decide, held-out samples apart, and words about them that hold."""

import copy
import hashlib
import pickle

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError
from gatedsym.learning.lags import LAWS

SETTINGS = {
    "recall": [{"T": 20}, {"T": 20, "lags": "uniform"}, {"T": 20, "lags": "geometric"}],
    "adding": [
        {"T": 30},
        {"T": 30, "lags": "fixed"},
        {"T": 31, "lags": "geometric"},
        {"T": 30, "lags": "fixed", "cues": (0, 28)},
        {"T": 30, "definition": "hochreiter"},
        {"T": 30, "definition": "hochreiter", "lags": "fixed"},
        {"T": 30, "definition": "hochreiter", "lags": "geometric"},
    ],
    "copy": [
        {"T": 5},
        {"T": 5, "symbols": 4, "lags": "uniform", "counted": "answers"},
        {"T": 9, "symbols": 5, "lags": "geometric"},
    ],
    "selective_copy": [
        {"T": 12, "symbols": 4},
        {"T": 12, "symbols": 4, "lags": "fixed"},
        {"T": 20, "symbols": 4, "lags": "geometric"},
    ],
    "associative_recall": [
        {"T": 20},
        {"T": 12, "pairs": 3, "values": 4, "lags": "fixed"},
        {"T": 30, "lags": "geometric"},
    ],
    "temporal_order": [
        {"T": 20},
        {"T": 20, "symbols": 3},
        {"T": 20, "lags": "fixed"},
        {"T": 40, "lags": "geometric"},
    ],
    "france": [
        {"filler": (8, 20)},
        {"filler": (8, 12), "distractors": 0, "lags": "fixed"},
        {"filler": (9, 30), "languages": 3, "lags": "geometric"},
    ],
    "reviews": [
        {"T": 20},
        {"T": 21, "negated": 0, "lags": "fixed"},
        {"T": 30, "opinions": 1, "lags": "geometric"},
    ],
    "digits": [{}, {"order": "permuted"}],
    "text": [{"T": 20}, {"T": 20, "source": "words"}],
}
CASES = [(name, options) for name, several in SETTINGS.items() for options in several]


def case_id(case):
    name, options = case
    return "-".join([name, *(f"{value}" for key, value in options.items() if key != "T")])


@pytest.fixture(params=CASES, ids=case_id, scope="module")
def task(request):
    name, options = request.param
    if name == "digits":
        pytest.importorskip("sklearn", reason="digits are scikit-learn's: pip install gatedsym[learn]")
    return gs.tasks.find_task(name)(**options)


@pytest.fixture(scope="module")
def large(task):
    return task.batch(0, 4000 if task.cues else 200, dtype="float64")


def perfect(task, batch):
    """Outputs of somebody who knows the targets."""
    if task.loss == "squared error":
        return batch.targets
    return 60.0 * np.eye(task.outputs)[batch.targets]


def samples(batch):
    """The bytes of each sequence."""
    return {np.ascontiguousarray(batch.inputs[:, b]).tobytes() for b in range(batch.count)}


def test_every_task_has_a_case():
    """A person's file has a test of its own, test_file.py."""
    assert {*SETTINGS, "file"} == set(gs.tasks.tasks())


def test_a_batch_is_a_function_of_seed_and_number_alone(task):
    again = gs.tasks.find_task(task.name)(**task.options)
    forwards = [task.batch(k, 5, seed=3) for k in range(4)]
    backwards = [again.batch(k, 5, seed=3) for k in reversed(range(4))]
    assert all(one.equals(other) for one, other in zip(forwards, reversed(backwards)))


BITS = {
    "adding": "6f097bf1614c07cf",
    "associative_recall": "0f43ae105d0314eb",
    "copy": "92ba59bea3bc8195",
    "digits": "80c0855f4b568569",
    "france": "78f0444515a60a95",
    "recall": "bc347e536583702f",
    "reviews": "8e17c23c33cc1792",
    "selective_copy": "7df26a716251786a",
    "temporal_order": "6e28b80081bd4212",
    "text": "5b543d37459b106e",
}
"""Digests of a batch of each side, little-endian: whoever changes one changes the runs of whoever trained on it."""


@pytest.mark.parametrize("name", BITS)
def test_batches_have_the_bits_that_they_had(name):
    if name == "digits":
        pytest.importorskip("sklearn", reason="digits are scikit-learn's: pip install gatedsym[learn]")
    digest = hashlib.sha256()
    for held_out in (False, True):
        b = gs.tasks.find_task(name)().batch(3, 16, seed=5, held_out=held_out, dtype="float64")
        inputs = b.numbers if b.tokens is None else b.tokens
        for array in (inputs, b.targets, b.weights, b.lengths, b.cues, b.answers, b.parts):
            digest.update(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes())
    assert digest.hexdigest()[:16] == BITS[name]


def test_a_batch_is_ones_own_to_change(task):
    before = task.batch(1, 5)
    for array in (before.weights, before.targets, before.lengths):
        array[...] = 0
    other = gs.tasks.find_task(task.name)(**task.options)
    assert task.batch(1, 5).equals(other.batch(1, 5))
    assert task.batch(2, 5).equals(other.batch(2, 5))
    large = task.batch(0, 600)
    large.weights[...] = 0
    assert task.batch(0, 600).weights.any()


def test_other_numbers_and_seeds_give_other_batches(task):
    first = task.batch(0, 8)
    assert not first.equals(task.batch(1, 8))
    assert not first.equals(task.batch(0, 8, seed=1))


def test_held_out_samples_are_none_of_training(task):
    judged = set().union(*(samples(task.batch(k, 64, held_out=True)) for k in range(4)))
    trained = set().union(*(samples(task.batch(k, 64, seed=s)) for k in range(8) for s in range(2)))
    assert len(judged) > 32
    assert not judged & trained


def test_shapes_are_those_that_the_task_says(task):
    batch = task.batch(0, 7)
    assert batch.inputs.shape == (task.steps, 7, task.features)
    assert batch.weights.shape == (task.steps, 7)
    assert batch.targets.shape == ((task.steps, 7) if task.loss == "cross-entropy" else (task.steps, 7, task.outputs))
    assert batch.cues.shape == batch.answers.shape == batch.parts.shape == (len(task.cues), 7)
    assert (batch.tokens is None) == (task.symbols == ())
    assert batch.inputs.dtype == batch.weights.dtype == np.float32
    assert task.batch(0, 7, dtype="float64").inputs.dtype == np.float64


def test_what_stands_behind_the_last_step_is_padding_without_loss(task, large):
    behind = np.arange(task.steps)[:, None] >= large.lengths
    assert not large.weights[behind].any()
    assert not large.targets[behind].any()
    if large.tokens is None:
        assert not large.inputs[behind].any()
    else:
        assert not large.tokens[behind].any()


def test_every_answer_stands_where_a_loss_is_and_behind_its_cue(task, large):
    columns = np.broadcast_to(np.arange(large.count), large.answers.shape)
    assert (large.weights[large.answers, columns] > 0).all()
    assert (large.cues >= 0).all()
    assert (large.lags >= 0).all()
    assert (large.lags == large.answers - large.cues).all()


def test_lags_are_those_that_the_task_says(task, large):
    if not task.cues:
        assert task.lags.longest == task.steps - 1
        return
    assert large.lags.min() >= task.lags.shortest
    assert large.lags.max() <= task.lags.longest
    middle = task.lags.median  # of 4000 samples, a share has a standard error of at most 0.008
    assert (large.lags <= middle).mean() > 0.5 - 0.04
    assert (large.lags < middle).mean() < 0.5 + 0.04


def test_who_knows_the_targets_has_every_skill(task, large):
    found = task.measure(perfect(task, large), large)
    assert found.loss < 1e-6
    assert found.metric == pytest.approx(1.0 if task.higher else 0.0, abs=1e-6)
    assert list(found.skills.values()) == pytest.approx([1.0] * len(task.cues))


def test_who_knows_nothing_has_no_skill(task, large):
    found = task.measure(np.zeros((task.steps, large.count, task.outputs)), large)
    assert list(found.skills.values()) == pytest.approx([0.0] * len(task.cues), abs=0.06)


def test_outputs_at_the_times_of_the_loss_are_enough(task):
    batch = task.batch(1, 9)
    outputs = np.random.default_rng(0).standard_normal((task.steps, 9, task.outputs))
    assert task.measure(outputs, batch) == task.measure(outputs[batch.times], batch)
    with pytest.raises(GatedsymError, match=r"outputs have shape .*: give \("):
        task.measure(outputs[:, :3], batch)


def test_plateaus_lie_between_the_baseline_and_nothing(task):
    levels = [task.baseline.value, *(level.value for level in task.plateaus), 0.0]
    assert levels == sorted(levels, reverse=True)
    assert len(set(levels)) == len(levels)


def test_a_task_pickles_copies_and_compares(task):
    for other in (pickle.loads(pickle.dumps(task)), copy.deepcopy(task)):
        assert other == task
        assert hash(other) == hash(task)
        assert other.batch(2, 3).equals(task.batch(2, 3))
    assert task != gs.tasks.recall(T=7)


@pytest.mark.parametrize("name", sorted(name for name, given in SETTINGS.items() if any("lags" in g for g in given)))
def test_lag_tasks_know_every_law_and_refuse_others(name):
    make = gs.tasks.find_task(name)
    assert all(make(lags=law).options["lags"] == law for law in LAWS)
    with pytest.raises(GatedsymError, match=r"lags must be 'fixed', 'uniform' or 'geometric', not 'random'\."):
        make(lags="random")


def test_what_is_no_batch_is_refused_in_a_sentence(task):
    for given, words in (
        ({"number": -1}, "number=-1 must be an integer of at least 0."),
        ({"number": 0, "count": 0}, "count=0 must be an integer of at least 1."),
        ({"number": 0, "seed": 2**64}, "below 2**64"),
        ({"number": 0, "dtype": "half"}, "dtype must be"),
        ({"number": 0, "held_out": 1}, "held_out=1 must be True or False."),
    ):
        with pytest.raises(GatedsymError) as told:
            task.batch(**given)
        assert words in str(told.value)
        assert str(told.value).endswith(".")


def test_an_unknown_name_or_setting_is_told_with_those_that_there_are():
    with pytest.raises(GatedsymError, match=r"there is no task 'addition': take one of adding, .*recall"):
        gs.tasks.find_task("addition")
    with pytest.raises(AttributeError, match="no attribute 'addition'"):
        gs.tasks.addition  # noqa: B018
    with pytest.raises(GatedsymError, match=r"the task recall: .*'length'; it takes T.*classes.*\.$"):
        gs.tasks.recall(length=5)
