"""France: a fact, a filler that clauses make up to the word, distractors that give nothing away, and the question."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError
from gatedsym.learning import filler
from gatedsym.learning.tasks.france import NAMES


def texts(task, batch):
    return [" ".join(task.symbols[k] for k in batch.tokens[: batch.lengths[b], b]) for b in range(batch.count)]


def test_a_text_begins_with_the_country_and_ends_with_the_question():
    task = gs.tasks.france()
    batch = task.batch(0, 300)
    language = dict(NAMES)
    for b, text in enumerate(texts(task, batch)):
        words = text.split()
        assert words[:4] == ["I", "grew", "up", "in"]
        assert words[5] == "."
        assert words[-3:] == ["I", "speak", "fluent"]
        assert language[words[4]] == task.classes[batch.targets[batch.lengths[b] - 1, b]]
    assert (batch.cues == 4).all()


def test_fillers_have_the_words_that_are_asked_for():
    task = gs.tasks.france(filler=(8, 30))
    assert set(np.unique(task.batch(0, 2000).lengths - 9)) == set(range(8, 31))
    assert (gs.tasks.france(filler=(8, 30), lags="fixed").batch(0, 9).lengths == 39).all()
    assert (gs.tasks.france(filler=17).batch(0, 9).lags == 21).all()


@pytest.mark.parametrize("length", [3, 4, 5, 9, 50])
def test_clauses_make_up_a_filler_to_the_word(length):
    several = [*filler.PLAIN, *filler.NAMING]
    for layout in filler.layouts(length, 2):
        assert len(layout) == length
        clauses = " ".join(layout).replace("stop", "stop|").rstrip("|").split("|")
        assert all(tuple(clause.split()) in several for clause in clauses)


def test_distractors_name_others_and_give_nothing_away():
    task = gs.tasks.france(filler=20, languages=4, distractors=3)
    batch = task.batch(0, 6000)
    named = {w: k for k, pair in enumerate(NAMES[:4]) for w in pair}
    table = np.zeros((4, 4))
    for b, text in enumerate(texts(task, batch)):
        others = [named[w] for w in text.split()[6:] if w in named]
        assert len(others) == 3
        for other in others:
            table[batch.targets[batch.lengths[b] - 1, b], other] += 1
    shares = table / table.sum(axis=1, keepdims=True)
    assert shares == pytest.approx(np.full((4, 4), 0.25), abs=0.035)  # 4,500 words a row: four standard errors 0.026
    plain = gs.tasks.france(filler=20, languages=4, distractors=0)
    assert not any(w in named for text in texts(plain, plain.batch(0, 50)) for w in text.split()[6:])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"filler": 2}, "filler=2 must be at least 3 words"),
        ({"filler": (9, 5)}, "not more at first than at last."),
        ({"filler": "long"}, "filler='long' must be a number of words, or two: from, to."),
        ({"languages": 13}, "languages=13 must be 2 … 12."),
        ({"filler": 3, "languages": 2}, "too few to hold some out"),
    ],
)
def test_what_is_no_text_is_refused(options, words):
    with pytest.raises(GatedsymError) as told:
        gs.tasks.france(**options)
    assert words in str(told.value)
