"""A figure is an object to hold: it pickles, copies, compares, shows itself, and names an argument that is wrong."""

import copy
import pickle

import numpy as np
import pytest
from datasets import ANALYSES, COSTLY, dataset

import gatedsym.figures as figures
from gatedsym.errors import GatedsymError

CHEAP = [key for key in ANALYSES if key not in COSTLY]


@pytest.mark.parametrize("key", CHEAP)
@pytest.mark.sampled
def test_a_figure_pickles_after_use_and_draws_the_same(key):
    figure = ANALYSES[key].drawn(dataset(key), "neurips")
    drawn = figure.render("svg")
    assert copy.deepcopy(figure) == figure
    again = pickle.loads(pickle.dumps(figure))
    assert again == figure
    assert again.render("svg") == drawn


def test_figures_of_other_data_are_not_equal():
    data = dataset("gradient-norm")
    figure = figures.gradient_norm(data)
    assert figure != figures.gradient_norm(data.assign(log10_norm=data["log10_norm"] + 1))
    assert figure != figures.gradient_norm(data, name="another")
    assert figure != "a figure"


def test_a_figure_shows_its_picture_and_its_caption_in_a_notebook():
    figure = figures.gradient_norm(dataset("gradient-norm"))
    shown = figure._repr_html_()
    assert "data:image/svg+xml;base64," in shown
    assert str(figure.caption.html) in shown
    assert len(repr(figure).splitlines()) == 1


WRONG = {"None": None, "a number": 3, "no text": "", "a list": [], "a dict": {}, "an object": object(), "bytes": b"x",
         "an array": np.zeros(3), "an array of words": np.array(["a"]), "a name with dots": "x.y.z"}  # fmt: skip


@pytest.fixture(scope="module")
def figure():
    return figures.gradient_norm(dataset("gradient-norm"))


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_slip_in_saving_is_a_sentence(tmp_path, monkeypatch, wrong, figure):
    monkeypatch.chdir(tmp_path)
    slips = (
        lambda: figure.save(wrong, ("svg",)),
        lambda: figure.save("stem", wrong),
        lambda: figure.save("stem", ("svg",), data=wrong),
        lambda: figure.render(wrong),
    )
    for slip in slips:
        try:
            slip()
        except GatedsymError as error:
            assert str(error)  # noqa: PT017
