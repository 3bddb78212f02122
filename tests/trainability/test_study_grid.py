"""The grid of the study, and what a file of a grid may say."""

from pathlib import Path

import pytest

from gatedsym.errors import ArgumentError, DataError
from gatedsym.trainability.grid import grid_of, read_grid

STUDY = Path(__file__).parents[2] / "derivations" / "docs" / "trainability" / "grid.toml"


def tables(**panel):
    return {
        "settings": {"gru 1": {"cell": "gru", "retention": 1.0}},
        "tasks": {"recall 12": {"task": "recall", "T": 12}},
        "panels": [{"name": "rates", "settings": ["gru 1"], "tasks": ["recall 12"], "rates": [1e-2, 2e-3], **panel}],
    }


def test_the_study_has_sixteen_settings_six_tasks_five_seeds_and_six_rates():
    rates = [p for p in read_grid(STUDY).planned if p.panel == "rates"]
    assert len(rates) == 16 * 6 * 5 * 6
    assert {(p.run.rate, p.run.seed, p.setting, p.task) for p in rates}.__len__() == len(rates)
    assert {p.run.clip for p in rates} == {"norm 1"}


def test_every_setting_of_a_study_that_is_cut_short_has_its_first_seed():
    planned = read_grid(STUDY).planned
    assert [p.run.seed for p in planned] == sorted(p.run.seed for p in planned)


def test_order_and_digest_follow_from_what_the_grid_says_alone():
    assert read_grid(STUDY).digest == read_grid(STUDY).digest
    one, other = grid_of(tables()), grid_of(tables(rates=[2e-3, 1e-2]))
    assert one.planned == other.planned
    assert one.digest != grid_of(tables(updates=100)).digest


def test_failed_runs_are_made_again_only_where_the_grid_says_so():
    found = grid_of(tables(seeds=2, again={"updates": 9000, "rates": [1e-2], "seeds": 1})).planned
    assert [(p.run.rate, p.run.seed) for p in found if p.again] == [(1e-2, 0)]
    assert {p.longer.run.updates for p in found if p.again} == {9000}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"rate": 1}, "'rate'"),
        ({"settings": ["lstm"]}, "'lstm'"),
        ({"rates": []}, "rates"),
        ({"seeds": "two"}, "seeds"),
    ],
)
def test_an_entry_that_is_none_is_named(change, named):
    with pytest.raises(ArgumentError, match=named):
        grid_of(tables(**change))


def test_a_file_that_is_no_grid_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "grid.toml").write_text("panels = 3", "utf-8")
    with pytest.raises(DataError, match=r"grid\.toml: .*\.$"):
        read_grid(tmp_path / "grid.toml")
