"""Random numbers of a batch: the same bits everywhere, and no word of one batch in another."""

import numpy as np
import pytest

from gatedsym.learning.draws import FIXED, HELD_OUT, TRAINING, Draws


def test_words_are_the_ones_that_they_were():
    """Philox as NumPy promises to keep it: these bits are the same on every machine and in every version."""
    assert Draws("recall", 7, 3).words(2).tolist() == WORDS


WORDS = [9659380926183772195, 17157945443488542625]


def test_streams_numbers_seeds_and_names_share_no_word():
    several = [
        Draws(name, seed, number, stream).words(500)
        for name in ("recall", "adding")
        for seed in (0, 1)
        for number in (0, 1, 2)
        for stream in (TRAINING, HELD_OUT, FIXED)
    ]
    assert len(np.unique(np.concatenate(several))) == 500 * len(several)


def test_the_next_numbers_are_others():
    draws = Draws("recall", 0)
    assert not np.array_equal(draws.words(4), draws.words(4))


@pytest.mark.parametrize("kind", ["uniform", "coarse"])
def test_numbers_are_uniform_in_the_unit_interval(kind):
    found = getattr(Draws("recall", 1), kind)(20_001)
    assert found.shape == (20_001,)
    assert found.min() >= 0
    assert found.max() < 1
    counts = np.histogram(found, bins=10, range=(0, 1))[0]
    assert counts == pytest.approx(np.full(10, 2000), abs=200)  # five standard deviations are 212


def test_whole_numbers_below_a_limit_are_as_likely():
    found = Draws("recall", 2).below(7, 14_000)
    assert np.bincount(found, minlength=7) == pytest.approx(np.full(7, 2000), abs=200)
    assert found.max() == 6
    limits = np.array([1, 2, 5])
    assert (Draws("recall", 2).below(limits, 400, 3).max(axis=0) == limits - 1).all()


def test_orders_are_permutations_each_as_likely():
    found = Draws("recall", 3).orders(6000, 3)
    assert (np.sort(found, axis=0) == np.arange(3)[:, None]).all()
    _, counts = np.unique(found, axis=1, return_counts=True)
    assert counts == pytest.approx(np.full(6, 1000), abs=150)
