"""A study of a few runs from beginning to end: made once, told, verified."""

import pytest

from gatedsym.errors import ArgumentError, DataError
from gatedsym.sweep.store import Store
from gatedsym.trainability import run
from gatedsym.trainability.point import read_run
from gatedsym.trainability.training import first_below, train_point
from gatedsym.trainability.verify import verify_study

GRID = """
n = 8
updates = 100
[settings]
"gru 1" = { cell = "gru", retention = 1.0 }
[tasks]
"recall 5" = { task = "recall", T = 5 }
[[panels]]
name = "rates"
settings = ["gru 1"]
tasks = ["recall 5"]
rates = [2e-2, 1e-5]
again = { updates = 150 }
"""


def test_the_first_update_below_a_level_is_found_or_none():
    assert first_below([1.0, 0.5, 0.7, 0.2], [0, 50, 100, 150], 0.6) == 50
    assert first_below([1.0, 0.9], [0, 50], 0.6) != first_below([1.0, 0.9], [0, 50], 0.6)  # NaN


def test_a_point_with_a_name_that_is_none_is_refused():
    with pytest.raises(ArgumentError, match="'rates'"):
        read_run({"cell": "gru", "task": "recall", "rates": 1})


def test_few_sequences_come_round_again_and_held_out_ones_stay():
    given = read_run({"cell": "gru", "task": "recall", "options": {"T": 5}, "samples": 64})
    task, whole = given.make_training(), given.make_task()
    assert (task.batch(2).inputs == task.batch(0).inputs).all()
    assert (task.batch(1).inputs == whole.batch(1).inputs).all()
    assert (task.batch(3, held_out=True).inputs == whole.batch(3, held_out=True).inputs).all()


@pytest.mark.long
def test_a_run_that_cannot_learn_is_censored_and_one_that_blows_up_says_so():
    point = {"cell": "gru", "task": "recall", "options": {"T": 5}, "n": 8, "updates": 50, "rate": 1e-6}
    assert train_point(point)["ended"] == "updates"
    wild = {"cell": "irnn", "scheme": "paper", "task": "recall", "options": {"T": 25}, "rate": 5.0, "clip": ""}
    assert train_point(wild)["ended"] == "not finite"


@pytest.mark.long
def test_a_study_is_made_once_told_and_verified(tmp_path, monkeypatch):
    (tmp_path / "grid.toml").write_text(GRID, "utf-8")
    out = tmp_path / "out"
    page, *_ = run(grid=tmp_path / "grid.toml", out=out, workers=0)
    assert "This rests on all 2 planned runs and 1 longer ones of those that failed" in page.read_text("utf-8")
    assert verify_study(out).follows

    written = []
    monkeypatch.setattr(Store, "write", lambda *given: written.append(given))
    run(grid=tmp_path / "grid.toml", out=out, workers=0)
    assert written == []  # nothing is made a second time

    (out / "figures" / "trainability.txt").write_text("All of them learn.", "utf-8")
    assert verify_study(out).changed == ("figures/trainability.txt",)


def test_a_folder_without_runs_is_no_study(tmp_path):
    (tmp_path / "grid.toml").write_text(GRID, "utf-8")
    with pytest.raises(DataError, match="has no runs of this grid"):
        run(grid=tmp_path / "grid.toml", out=tmp_path / "out", as_is=True)
