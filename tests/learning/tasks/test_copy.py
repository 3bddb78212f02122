"""Copy memory and selective copying: what stands where, and the losses of who knows nothing."""

import math

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError


def test_copy_is_laid_out_as_in_the_paper():
    T, S = 12, 10
    task = gs.tasks.copy(T=T)
    batch = task.batch(0, 40)
    assert task.steps == T + 2 * S
    shown = batch.tokens[:S]
    assert set(np.unique(shown)) == set(range(1, 9))
    assert not batch.tokens[S : S + T - 1].any()  # T - 1 blanks, the marker, ten blanks
    assert (batch.tokens[S + T - 1] == 9).all()
    assert not batch.tokens[S + T :].any()
    assert not batch.targets[: T + S].any()
    assert np.array_equal(batch.targets[T + S :], shown)
    assert (batch.weights == 1).all()
    assert (batch.lags == T + S).all()


def test_a_shorter_delay_moves_the_symbols_and_nothing_else():
    T, S = 6, 4
    batch = gs.tasks.copy(T=T, symbols=S, lags="uniform").batch(0, 300)
    columns = np.arange(300)
    assert set(np.unique(batch.lags)) == set(range(S + 1, S + T + 1))
    assert np.array_equal(batch.tokens[batch.cues, columns], batch.targets[T + S :])
    assert ((batch.tokens > 0).sum(axis=0) == S + 1).all()
    assert (batch.tokens[S + T - 1] == 9).all()


@pytest.mark.parametrize("lags", ["fixed", "uniform"])
def test_the_baseline_of_copy_is_that_of_blanks_and_a_uniform_guess(lags):
    T, S, A = 7, 6, 5
    task = gs.tasks.copy(T=T, symbols=S, alphabet=A, lags=lags)
    batch = task.batch(0, 500)
    outputs = np.full((task.steps, 500, A + 1), -60.0)
    outputs[: T + S, :, 0] = 0
    outputs[T + S :, :, 1:] = 0
    assert task.measure(outputs, batch).loss == pytest.approx(task.baseline.value)
    assert task.baseline.value == pytest.approx(S * math.log(A) / (T + 2 * S))
    shares = np.bincount(batch.targets[T + S :].ravel(), minlength=A + 1)[1:] / (S * 500)
    assert shares == pytest.approx(np.full(A, 1 / A), abs=0.03)  # no better guess: four standard errors
    assert gs.tasks.copy(T=T, counted="answers").baseline.value == pytest.approx(math.log(8))


def test_the_baseline_of_the_paper_is_met():
    assert gs.tasks.copy(T=1000).baseline.value == pytest.approx(10 * math.log(8) / 1020)


def test_skill_is_told_for_each_symbol_by_itself():
    task = gs.tasks.copy(T=4, symbols=5)
    batch = task.batch(0, 400)
    outputs = 60.0 * np.eye(task.outputs)[batch.targets]
    outputs[-3:] = 0
    outputs[-3:, :, 1] = 1  # always the first symbol
    skills = list(task.measure(outputs, batch).skills.values())
    assert skills[:2] == [1, 1]
    assert skills[2:] == pytest.approx([0, 0, 0], abs=0.08)
    assert task.measure(outputs, batch).metric == pytest.approx(2 / 5 + 3 / 5 / 8, abs=0.05)


def test_selective_copy_scatters_symbols_and_asks_for_them_in_order():
    T, S = 15, 4
    batch = gs.tasks.selective_copy(T=T, symbols=S).batch(0, 3000)
    assert ((batch.tokens[:T] > 0).sum(axis=0) == S).all()
    assert (batch.tokens[T:] == 15).all()
    assert np.array_equal(batch.tokens[batch.cues, np.arange(3000)] - 1, batch.targets[T:])
    assert (np.diff(batch.cues, axis=0) > 0).all()
    assert np.bincount(batch.cues.ravel(), minlength=T) == pytest.approx(np.full(T, 800), abs=110)
    assert np.array_equal(batch.weights.sum(axis=0), np.full(3000, S))


def test_selective_copy_with_fixed_lags_is_copying():
    batch = gs.tasks.selective_copy(T=15, symbols=4, lags="fixed").batch(0, 20)
    assert (batch.cues == np.arange(4)[:, None]).all()
    assert (batch.lags == 15).all()


@pytest.mark.parametrize("law", ["uniform", "geometric", "fixed"])
def test_shares_of_places_are_those_of_scattered_ones(law):
    from gatedsym.learning.draws import Draws
    from gatedsym.learning.scatter import place_shares, scatter

    found = scatter(law, 12, 3, Draws("places", 0), 20_000)
    assert (np.diff(found, axis=0) > 0).all()
    assert found.min() >= 0
    assert found.max() <= 11
    for row, shares in zip(found, place_shares(law, 12, 3)):
        assert sum(shares.values()) == pytest.approx(1)
        wanted = [shares.get(place, 0.0) for place in range(12)]
        assert np.bincount(row, minlength=12) / 20_000 == pytest.approx(wanted, abs=0.015)


def test_uniform_places_are_every_choice_as_likely():
    from gatedsym.learning.draws import Draws
    from gatedsym.learning.scatter import scatter

    _, counts = np.unique(scatter("uniform", 5, 2, Draws("choices", 0), 20_000), axis=1, return_counts=True)
    assert counts == pytest.approx(np.full(10, 2000), abs=200)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: gs.tasks.copy(T=5, symbols=2), "copy has 64 different sequences with these settings, too few to hold"),
        (lambda: gs.tasks.copy(T=0), "T=0 must be an integer of at least 1."),
        (lambda: gs.tasks.copy(counted="some"), "counted must be 'all' or 'answers', not 'some'."),
        (lambda: gs.tasks.selective_copy(T=5), "8 symbols do not fit into T=5 steps: take at least T=8."),
        (lambda: gs.tasks.selective_copy(symbols=1), "take more symbols, or a larger alphabet."),
    ],
)
def test_what_cannot_be_copied_is_refused(make, words):
    with pytest.raises(GatedsymError) as told:
        make()
    assert words in str(told.value)
