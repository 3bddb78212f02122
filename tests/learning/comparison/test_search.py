"""The search for a recipe: how far it goes, what it chooses, and who is judged by what."""

import math

import made_up_runs
import pytest

from gatedsym.learning.comparison.asking import CHOOSING, FURTHER
from gatedsym.learning.comparison.search import choose


def losses(**by_rate):
    return {(float(rate.replace("_", ".")), "norm 1"): {1: loss, 2: loss} for rate, loss in by_rate.items()}


def test_the_least_mean_of_final_losses_is_chosen():
    assert choose({(0.1, "a"): {1: 0.1, 2: 0.5}, (0.1, "b"): {1: 0.2, 2: 0.2}, (1.0, "a"): {1: 0, 2: 1}}).clip == "b"


def test_a_recipe_with_numbers_out_of_bounds_is_chosen_only_where_all_are():
    assert choose({(0.1, "a"): {1: 0.9, 2: 0.9}, (1.0, "a"): {1: 0.0, 2: math.inf}}).rate == 0.1
    assert choose({(1.0, "a"): {1: math.inf}, (0.1, "a"): {1: math.inf}}).rate == 0.1


@pytest.mark.parametrize(("best", "tried"), [(1e-2, 4), (1e-1, 5), (3e-3, 3), (1e-4, 5)])
def test_the_search_goes_on_while_the_best_rate_stands_at_an_end(best, tried, monkeypatch):
    monkeypatch.setitem(made_up_runs.BEST, "gru", best)
    found = made_up_runs.results(monkeypatch, made_up_runs.plan(["gru"]))
    rates = sorted({trial.rate for trial in found.searched})
    assert found.choices["gru"].rate == best
    assert len(rates) == tried
    assert set(rates) <= set(FURTHER)


def test_rates_that_are_given_are_all_that_is_tried(monkeypatch):
    found = made_up_runs.results(monkeypatch, made_up_runs.plan(["gru"], rates="0.001,0.003"))
    assert {trial.rate for trial in found.searched} == {0.001, 0.003}


def test_seeds_that_choose_a_recipe_do_not_judge_it(monkeypatch):
    found = made_up_runs.results(monkeypatch, made_up_runs.plan())
    assert {trial.seed for trial in found.searched} == set(CHOOSING)
    assert {trial.seed for trial in found.judged} == {0, 1, 2}


def test_every_contender_is_judged_by_the_recipe_of_its_cell(monkeypatch):
    comparison = made_up_runs.plan(["gru", "rnn"])
    found = made_up_runs.results(monkeypatch, comparison)
    assert {t.contender.label for t in found.judged} == {c.label for c in comparison.all_contenders}
    by_label = {t.contender.label: t.rate for t in found.judged}
    matched = comparison.matched[0].label
    assert by_label["rnn"] == by_label[matched] == found.choices[matched].rate


def test_clips_are_searched_beside_rates(monkeypatch):
    found = made_up_runs.results(monkeypatch, made_up_runs.plan(["rnn"], rates="0.01", clip="1,0.1,none"))
    assert {(t.rate, t.clip) for t in found.searched} == {(0.01, "norm 1"), (0.01, "norm 0.1"), (0.01, "none")}
