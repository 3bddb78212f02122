"""Text: windows of a text, each step asked for the next symbol."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError

SENTENCE = "the quick brown fox jumps over the lazy dog. "


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("".join(SENTENCE[k % 45 :] for k in range(60)), "utf-8")
    return path


def spelt(task, tokens):
    return "".join(task.symbols[k] for k in tokens)


def test_every_step_is_asked_for_the_next_character(mine):
    task = gs.tasks.text(T=20, source=mine)
    batch = task.batch(0, 50)
    text = mine.read_text("utf-8")
    assert task.symbols == tuple(sorted(set(text)))
    assert (batch.weights == 1).all()
    for b in range(50):
        window = spelt(task, batch.tokens[:, b])
        assert window + task.symbols[batch.targets[-1, b]] in text
        assert np.array_equal(batch.tokens[1:, b], batch.targets[:-1, b])


def test_the_last_tenth_is_held_out_with_a_clean_cut(mine):
    task = gs.tasks.text(T=12, source=mine)
    text = mine.read_text("utf-8")
    cut = len(text) - len(text) // 10
    starts = []
    for side, held_out in (("train", False), ("judge", True)):
        batch = task.batch(0, 3000, held_out=held_out)
        part = text[:cut] if side == "train" else text[cut:]
        for b in range(0, 3000, 50):
            assert spelt(task, batch.tokens[:, b]) + task.symbols[batch.targets[-1, b]] in part
        starts.append(len({batch.tokens[:, b].tobytes() for b in range(3000)}))
    assert starts[0] > 100


def test_levels_are_the_entropies_of_the_text_to_train_on():
    task = gs.tasks.text(T=100)
    text = gs.flow.shipped_text().values
    train = text[: len(text) - len(text) // 10]
    shares = np.bincount(train, minlength=task.features) / len(train)
    batch = task.batch(0, 3000)
    with np.errstate(divide="ignore"):
        outputs = np.broadcast_to(np.log(shares).clip(-50), (100, 3000, task.features))
    assert task.measure(outputs, batch).loss == pytest.approx(task.baseline.value, rel=0.01)
    pairs = np.zeros((task.features, task.features))
    np.add.at(pairs, (train[:-1], train[1:]), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.nan_to_num(np.log(pairs / pairs.sum(axis=1, keepdims=True)), neginf=-50, nan=-50)
    assert task.measure(logs[batch.tokens], batch).loss == pytest.approx(task.plateaus[0].value, rel=0.01)


def test_words_are_symbols_too():
    task = gs.tasks.text(T=10, source="words")
    assert "alice" in task.symbols
    assert len(task.symbols) == task.features == task.outputs


def test_an_alphabet_orders_the_symbols(mine):
    letters = "".join(sorted(set(SENTENCE), reverse=True))
    assert gs.tasks.text(T=5, source=mine, alphabet=letters).symbols == tuple(letters)


def test_rare_characters_of_a_large_alphabet_share_the_last_symbol(tmp_path):
    path = tmp_path / "many.txt"
    path.write_text("".join(chr(0x4E00 + k % 600) for k in range(6000)), "utf-8")
    task = gs.tasks.text(T=5, source=path)
    assert len(task.symbols) == task.features == 512
    assert task.symbols[-1] == "other"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"T": 600},
            "has 5591 symbols, and its held-out tenth no window of T=600 and the symbol behind it: take T=558",
        ),
        ({"source": "noise"}, "source='noise' holds no text: give a text, or gs.tasks.file for numbers."),
        ({"source": "nowhere.txt"}, "there is no file nowhere.txt"),
        ({"T": 0}, "T=0 must be an integer of at least 1."),
    ],
)
def test_what_is_no_text_is_refused(options, words):
    with pytest.raises(GatedsymError) as told:
        gs.tasks.text(**options)
    assert words in str(told.value)
