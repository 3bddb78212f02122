"""Reviews: opinions among other words, negation, and the losses of who reads a part of them."""

import itertools

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError
from gatedsym.learning.tasks.reviews import BAD, GOOD, PLAIN


def opinions_of(task, batch, b):
    """Values of the opinions as a reader finds them, with and without regard to "not"."""
    words = [task.symbols[k] for k in batch.tokens[:, b]]
    bare = [(k, 1 if word in GOOD else -1) for k, word in enumerate(words) if word in GOOD or word in BAD]
    return [-v if words[k - 1] == "not" else v for k, v in bare], [v for _, v in bare]


def test_most_opinions_decide_and_not_turns_them_round():
    task = gs.tasks.reviews(T=30)
    batch = task.batch(0, 500)
    for b in range(500):
        values, _ = opinions_of(task, batch, b)
        assert len(values) == 3
        assert (sum(values) > 0) == batch.targets[-1, b]
        assert values == batch.parts[:, b].tolist()


def test_as_many_opinions_are_negated_as_asked_for():
    assert not {"not", *GOOD, *BAD} & set(PLAIN)
    for negated in (0, 0.25, 1):
        task = gs.tasks.reviews(T=20, negated=negated)
        found = (task.batch(0, 2000).tokens == task.symbols.index("not")).sum() / 6000
        assert found == pytest.approx(negated, abs=0.025)


def loss_of_readers(keys, labels):
    """Cross-entropy of whoever knows a key of each review, and how often each answer goes with it."""
    total = 0.0
    for key in set(keys):
        of_key = labels[[k == key for k in keys]]
        share = of_key.mean()
        total -= sum(np.log(share if label else 1 - share) for label in of_key)
    return total / len(labels)


@pytest.mark.parametrize("negated", [0.0, 0.25])
def test_plateaus_are_the_losses_of_who_reads_a_part(negated):
    task = gs.tasks.reviews(T=20, negated=negated)
    batch = task.batch(0, 12_000)
    labels = batch.targets[-1]
    readers = {
        "1 of the opinions": [tuple(row[:1]) for row in batch.parts.T],
        "2 of the opinions": [tuple(row[:2]) for row in batch.parts.T],
    }
    if negated:
        bare = [opinions_of(task, batch, b)[1] for b in range(batch.count)]
        readers['all the words, but not what "not" does'] = [tuple(row) for row in bare]
    found = {level.means: level.value for level in task.plateaus}
    assert found.keys() == readers.keys()
    for means, keys in readers.items():
        assert loss_of_readers(keys, labels) == pytest.approx(found[means], abs=0.012)
    assert loss_of_readers([0] * len(labels), labels) == pytest.approx(task.baseline.value, abs=1e-3)


def test_skill_is_told_for_each_opinion_by_itself():
    task = gs.tasks.reviews(T=20)
    batch = task.batch(0, 4000)
    outputs = np.zeros((1, 4000, 2))
    outputs[0, :, 1] = np.log(np.where(batch.parts[1] > 0, 0.75, 0.25) / np.where(batch.parts[1] > 0, 0.25, 0.75))
    skills = list(task.measure(outputs, batch).skills.values())
    assert skills == pytest.approx([0, 1, 0], abs=0.05)  # whoever knows one of three answers with 3/4


def test_five_opinions_have_four_levels_between():
    values = [level.value for level in gs.tasks.reviews(opinions=5, negated=0).plateaus]
    assert len(values) == 4
    for known, value in enumerate(values, 1):
        rest = [sum(r) for r in itertools.product((-1, 1), repeat=5 - known)]
        seen = [sum(s) for s in itertools.product((-1, 1), repeat=known)]
        shares = np.array([np.mean([s + r > 0 for r in rest]) for s in seen])
        entropy = -np.nan_to_num(shares * np.log(np.maximum(shares, 1e-300)))
        entropy -= np.nan_to_num((1 - shares) * np.log(np.maximum(1 - shares, 1e-300)))
        assert value == pytest.approx(entropy.mean())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"opinions": 2}, "opinions=2 must be odd, so that most decide, at most 9, and half of T=60 or fewer."),
        ({"T": 5}, "half of T=5 or fewer."),
        ({"negated": 1.5}, "negated=1.5 must be a share, 0 … 1."),
        ({"negated": True}, "negated=True must be a share"),
    ],
)
def test_what_is_no_review_is_refused(options, words):
    with pytest.raises(GatedsymError) as told:
        gs.tasks.reviews(**options)
    assert words in str(told.value)
