"""Progress: a bar in a notebook and on a terminal, lines elsewhere; ``progress=True`` asks for it."""

import contextlib
import sys
from types import SimpleNamespace

import pytest

import gatedsym as gs
from gatedsym import progress
from gatedsym.errors import ArgumentError


class Handle:
    def __init__(self, seen):
        self.seen = seen

    def update(self, bar):
        self.seen.append(bar._repr_html_())


@pytest.fixture
def notebook(monkeypatch):
    """What a notebook is shown: the bar at first, then at each update."""
    seen = []

    def display(bar, display_id):
        assert display_id
        seen.append(bar._repr_html_())
        return Handle(seen)

    fake = SimpleNamespace(display=display)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(display=fake))
    monkeypatch.setitem(sys.modules, "IPython.display", fake)
    monkeypatch.setattr(progress, "_is_notebook", lambda: True)
    monkeypatch.setattr(progress, "OFTEN", -1.0)
    return seen


def test_a_bar_in_a_notebook_is_html_and_ends_full(notebook):
    with progress.show_progress(4, "<work>") as tell:
        tell(1, "one & only")
        tell(4, "")
    assert [part in notebook[1] for part in ('value="0.2500"', "&lt;work&gt;: 25 %", "one &amp; only")] == [True] * 3
    assert 'value="1.0000"' in notebook[-1]
    assert not any("<script" in shown for shown in notebook)


def test_where_ipython_shows_nothing_lines_take_the_place_of_a_bar(notebook, monkeypatch, capsys):
    """Without a running kernel `display` prints what it is given, and hands out nothing to update."""
    monkeypatch.setattr(sys.modules["IPython.display"], "display", lambda bar, display_id: print(bar))
    with progress.show_progress(2, "work") as tell:
        tell(2, "all")
    said = capsys.readouterr()
    assert said.out.startswith("work: 0 %")
    assert said.err.splitlines()[-1].startswith("100 %  all")


def test_a_bar_is_left_where_the_work_ended(notebook):
    with contextlib.suppress(KeyboardInterrupt), progress.show_progress(4, "work") as tell:
        tell(2, "")
        raise KeyboardInterrupt
    assert 'value="0.5000"' in notebook[-1]


@pytest.mark.long
def test_analyses_and_training_show_a_bar_where_they_are_asked_to(notebook):
    gs.gradient_flow(["rnn"], "noise", n=[2, 3], seeds=2, lags=3, progress=True)
    assert "gradient norm: 100 %" in notebook[-1]
    task = gs.tasks.adding(T=5)
    gs.learn(gs.Network("rnn", task, n=3), task, updates=4, progress=True)
    assert "rnn learns adding: 100 %" in notebook[-1]
    assert "update 4: loss" in notebook[-1]


def test_a_terminal_that_is_none_gets_lines(capsys):
    with progress.show_progress(2, "work") as tell:
        tell(1, "")
        tell(1, "")
        tell(2, "all")
    assert [line.split(",")[0] for line in capsys.readouterr().err.splitlines()] == [" 50 %  work", "100 %  all"]


def test_a_function_is_told_and_nothing_is_told_nothing():
    def tell(done):
        raise AssertionError

    for asked, given in ((tell, tell), (None, None), (False, None)):
        with progress.asked_progress(asked, "work") as told:
            assert told is given


def test_anything_else_is_refused():
    with (
        pytest.raises(ArgumentError, match=r"progress=3: give True for a bar, or a function"),
        progress.asked_progress(3, "work"),
    ):
        pass
