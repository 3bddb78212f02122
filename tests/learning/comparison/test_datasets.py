"""Results of a comparison as datasets: places, thresholds, and when first steps began to learn."""

import made_up_runs
import numpy as np
import pytest

import gatedsym as gs
from gatedsym.files.netcdf import netcdf, read_netcdf
from gatedsym.learning.comparison.datasets import datasets_of
from gatedsym.learning.comparison.intervals import share_interval


@pytest.fixture
def made(monkeypatch):
    return datasets_of(made_up_runs.results(monkeypatch, made_up_runs.plan(["gru", "rnn"])))


def test_every_dataset_is_the_same_when_a_file_has_held_it(made):
    for data in made.values():
        assert read_netcdf(netcdf(data)).equals(data)


def test_a_threshold_is_reached_at_the_first_look_below_it(made):
    data, course = made["thresholds"], made["learning"]
    reached = data["updates_to"].sel(contender="gru", seed=0, level=0.1)
    losses = course["held_out_loss"].sel(contender="gru", seed=0)
    below = losses["check"].values[losses.values < 0.1 / 6]
    assert float(reached) == below[0] > 0


def test_a_threshold_that_no_run_reached_is_no_number(made):
    assert made["thresholds"]["updates_to"].sel(contender="rnn").isnull().all()


def test_rates_that_were_not_tried_for_a_cell_are_no_number(made):
    losses = made["rate-search"]["final_loss"]
    assert losses.sel(contender="gru").notnull().all()
    assert losses.sel(contender="rnn", rate=3e-2).isnull().all()


def test_gates_that_a_cell_lacks_are_no_number(made):
    openness = made["gates-learnt"]["openness"]
    assert openness.sel(contender="rnn").isnull().all()
    assert openness.sel(contender="gru").notnull().all()


def test_first_steps_began_at_the_first_probe_where_they_add_enough(made):
    data = made["early-steps"].sel(contender="gru", seed=0)
    early = data["early"].isel(parameter=0)
    began = float(data["began"].isel(parameter=0))
    assert float(early.sel(probe=began)) > -2
    assert (early.sel(probe=early["probe"] < began) <= -2).all()


def test_words_are_told_where_a_task_has_symbols(monkeypatch, made):
    assert "gates-in-words" not in made
    task = gs.tasks.france(filler=(8, 9))
    found = datasets_of(made_up_runs.results(monkeypatch, made_up_runs.plan(["gru"], task)))["gates-in-words"]
    words = [str(word) for word in found["word"].values]
    assert words[:4] == ["I", "grew", "up", "in"]
    assert words[int(np.flatnonzero(found["is_cue"].values)[0])] in ("France", "Spain", "Italy", "Germany", "Japan",
                                                                  "Korea", "China", "Greece")  # fmt: skip
    assert words[int(np.flatnonzero(found["is_asked"].values)[0])] == "fluent"


def test_there_is_nothing_of_gates_where_no_cell_has_one(monkeypatch):
    found = datasets_of(made_up_runs.results(monkeypatch, made_up_runs.plan(["rnn"])))
    assert "gates-learnt" not in found


@pytest.mark.parametrize(
    ("found", "of", "low", "high"), [(0, 5, 0.0, 0.5218), (5, 5, 0.4782, 1.0), (2, 5, 0.0527, 0.8534)]
)
def test_intervals_of_shares_are_those_of_clopper_and_pearson(found, of, low, high):
    assert share_interval(found, of) == pytest.approx((low, high), abs=1e-4)
