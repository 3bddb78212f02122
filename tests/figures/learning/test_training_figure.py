"""The course of training, drawn from histories: one, several beside each other, and what is refused."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError


@pytest.fixture(scope="module")
def histories():
    task = gs.tasks.adding(T=5)
    return [
        gs.learn(gs.Network("rnn", task, n=4, seed=0), task, updates=4, rate=1e-2, seeds=seeds)
        for seeds in ([0], [0, 1])
    ]


@pytest.mark.long
def test_a_history_draws_itself_with_what_it_began_and_ended_with(histories):
    figure = histories[0].figure(width="icml-column")
    losses = histories[0]["held_out_loss"].values
    first, last = (f"{losses[k]:.3g}" for k in (0, -1))
    assert f"The held-out loss of RNN is {first} before training and {last} after 4 updates." in figure.caption.plain
    assert "hidden size n = 4" in figure.caption.plain
    drawn = figure.table[(figure.table["what"] == "held_out_loss")]["value"].to_numpy()
    np.testing.assert_array_equal(drawn, losses[np.isfinite(losses)])


@pytest.mark.long
def test_histories_stand_in_columns_under_names_of_their_own(histories):
    figure = gs.figures.training(histories)
    assert figure.data["contender"].values.tolist() == ["RNN 1", "RNN 2"]
    assert "(medians of 2 runs)" in figure.caption.plain
    named = gs.figures.training({"one": histories[0], "two": histories[1]})
    assert named.title == "Training on adding: one, two"
    assert named.data["held_out_loss"].sel(contender="one", seed=1).isnull().all()


@pytest.mark.long
def test_a_shared_axis_has_its_numbers_at_the_first_column_alone(histories):
    drawing = gs.figures.training(histories, width="icml-column").drawing
    drawing.canvas.draw()
    right = [a for a in drawing.axes if a.get_title() == "RNN 2"]
    assert right
    for axes in right:
        ticks = [*axes.yaxis.get_major_ticks(), *axes.yaxis.get_minor_ticks()]
        assert not [t for t in ticks if t.label1.get_visible() and t.label1.get_text()]


@pytest.mark.long
def test_histories_of_several_tasks_and_what_is_none_are_refused(histories):
    task = gs.tasks.adding(T=6)
    other = gs.learn(gs.Network("rnn", task, n=4, seed=0), task, updates=1)
    with pytest.raises(ArgumentError, match="of several tasks"):
        gs.figures.training([histories[0], other])
    with pytest.raises(ArgumentError, match="give what gs"):
        gs.figures.training([1])
    with pytest.raises(ArgumentError, match="give what gs"):
        gs.figures.training([])
