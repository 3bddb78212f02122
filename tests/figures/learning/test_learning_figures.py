"""Figures of a comparison: what is drawn, and captions with n of N, recipe and interval."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "learning" / "comparison"))
import made_up_runs

import gatedsym as gs
from gatedsym.figures import learning as drawn
from gatedsym.figures.learning.steps import drawn_pages, moments
from gatedsym.learning.comparison.datasets import datasets_of

DRAW = {
    "rate-search": drawn.rate_search, "learning": drawn.learning_course, "thresholds": drawn.thresholds,
    "gradient-by-lag": drawn.gradient_by_lag, "gates-learnt": drawn.gates_learnt,
    "gates-in-words": drawn.gates_in_words, "early-steps": drawn.early_steps,
}  # fmt: skip


@pytest.fixture(scope="module")
def datasets():
    with pytest.MonkeyPatch.context() as patch:
        task = gs.tasks.france(filler=(8, 9))
        return datasets_of(made_up_runs.results(patch, made_up_runs.plan(["gru", "rnn"], task)))


@pytest.mark.parametrize("name", DRAW)
def test_each_caption_says_the_result_of_each_cell_that_is_drawn(name, datasets):
    figure = DRAW[name](datasets[name])
    assert figure.name == name
    assert figure.caption.result.plain.startswith("gru")
    assert len(figure.table) > 0
    assert "france(" in figure.caption.note.plain


@pytest.mark.parametrize("name", ["learning", "thresholds"])
def test_how_many_learnt_stands_with_recipe_and_interval(name, datasets):
    result = DRAW[name](datasets[name]).caption.result.plain
    assert re.search(r"gru \(rate 0.01, clip norm 1\) came below .* 0.208 in 3 of 3 runs \(95 % interval", result)
    assert re.search(r"rnn \(rate 0.003, clip norm 1\) came below .* in 0 of 3 runs within 40 updates", result)
    assert ("rnn, n = " in result) == (name == "thresholds")


def test_a_search_with_one_clip_says_that_it_was_one(datasets):
    warnings = [w.plain for w in drawn.rate_search(datasets["rate-search"]).caption.warnings]
    assert any(w.startswith("One clipping was tried, norm 1") for w in warnings)


def test_a_cell_whose_runs_all_ran_out_of_bounds_is_said_to(datasets):
    data = datasets["rate-search"].copy(deep=True)
    data["final_loss"].loc[{"contender": "rnn"}] = np.inf
    result = drawn.rate_search(data).caption.result.plain
    assert "No run of rnn ended with finite numbers" in result


def test_the_gate_that_moved_most_is_named(datasets):
    data = datasets["gates-learnt"].copy(deep=True)
    data["openness"].loc[{"contender": "gru"}] = 0.5
    data["openness"].loc[{"contender": "gru", "gate": "r", "place": "country", "moment": "after"}] = 0.9
    assert "gate r at country, from 0.5 before training to 0.9 after" in drawn.gates_learnt(data).caption.result.plain


def test_first_steps_that_never_learn_are_counted(datasets):
    data = datasets["early-steps"].copy(deep=True)
    data["began"].loc[{"contender": "rnn"}] = np.nan
    result = drawn.early_steps(data).caption.result.plain
    assert "rnn (rate 0.003, clip norm 1): of 3 parameters 0 learnt from the first steps before training" in result
    assert "and 3 did not, each in at least half of 3 runs" in result


@pytest.mark.parametrize("width", [5.5, 3.25])
def test_every_word_stands_under_its_column(width, datasets):
    figure = drawn.gates_in_words(datasets["gates-in-words"], width=width)
    written = [text for axes in figure.drawing.axes for text in axes.texts if text.get_rotation() == 90]
    words = [str(word) for word in datasets["gates-in-words"]["word"].values]
    assert [text.get_text() for text in written] == words
    bold = [text.get_text() for text in written if text.get_fontweight() == "bold"]
    assert len(bold) == 2
    assert bold[1] == "fluent"


def test_markup_in_the_name_of_a_cell_is_text(datasets):
    data = datasets["thresholds"].copy()
    names = ["<n>", *map(str, data["contender"].values[1:])]
    assert "<n> (rate" in drawn.thresholds(data.assign_coords(contender=names)).caption.plain


def test_the_stepped_figure_has_a_page_for_each_of_some_probes(datasets):
    course, by_lag = datasets["learning"], datasets["gradient-by-lag"]
    assert moments(by_lag) == [0, 1, 5, 20, 40]
    pages = list(drawn_pages(course, by_lag))
    shown = [page.axes[0].lines[0].get_xdata()[-1] for page in pages]
    assert len(pages) == 5
    assert shown == [0, 0, 4, 20, 40]
