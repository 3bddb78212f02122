"""A point is measured once; whatever ends a sweep, the next call goes on; what fails has its reason in the dataset."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cheap_experiments as cheap
import numpy as np
import pytest

from gatedsym import sweep
from gatedsym.errors import ArgumentError, DataError, SweepWarning, UnknownNameError
from gatedsym.sweep.registry import find_experiment
from gatedsym.sweep.running import read_shard

POINTS = sweep.product_points(a=[1, 2, 3], b=[10, 20])


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """The calls of an experiment, by a and b."""
    folder = tmp_path / "calls"
    folder.mkdir()
    monkeypatch.setenv("CHEAP_CALLS", str(folder))
    return lambda: sorted(tuple(map(int, p.name.split("-")[:2])) for p in folder.iterdir())


@pytest.fixture
def one_process(monkeypatch):
    monkeypatch.setenv("GATEDSYM_THREADS", "1")


def records(folder):
    return {p.relative_to(folder): p.read_bytes() for p in sorted(Path(folder).rglob("*.npz"))}


@pytest.mark.usefixtures("one_process")
def test_axes_are_dimensions_and_the_numbers_those_of_the_points(tmp_path):
    data = sweep.run(POINTS, cheap.product_of_two, out=tmp_path / "s")
    assert data["product"].dims == ("a", "b")
    assert (data["product"].values == np.outer([1, 2, 3], [10, 20])).all()
    assert data["several"].sel(a=2, b=20).values.tolist() == [0.0, 1.0, 2.0]
    assert str(data["name"].sel(a=3, b=10).item()) == "3x10"
    assert (data["outcome"] == "measured").all()


@pytest.mark.usefixtures("one_process")
def test_a_point_is_measured_once_and_a_larger_grid_measures_what_is_new(tmp_path, calls):
    sweep.run(POINTS, cheap.product_of_two, out=tmp_path / "s")
    again = sweep.run(POINTS, cheap.product_of_two, out=tmp_path / "s")
    assert calls() == [(1, 10), (1, 20), (2, 10), (2, 20), (3, 10), (3, 20)]
    more = sweep.run([*POINTS, {"a": 1.0, "b": 10}, {"a": 4, "b": 10}], cheap.product_of_two, out=tmp_path / "s")
    assert len(calls()) == 7
    assert np.isnan(more["product"].sel(a=4, b=20).item())
    assert str(more["outcome"].sel(a=4, b=20).item()) == "no point"
    assert again["product"].equals(more["product"].sel(a=[1, 2, 3]).astype(int))


@pytest.mark.usefixtures("one_process")
def test_what_fails_has_its_reason_and_a_refusal_is_not_tried_again(tmp_path, calls):
    points = sweep.product_points(a=[1, 2, 3, 4], b=1)
    data = sweep.run(points, cheap.refuses_some, out=tmp_path / "s").isel(b=0)
    assert data["outcome"].values.tolist() == ["measured", "refused", "fault", "refused"]
    assert np.isnan(data["value"].values).tolist() == [False, True, True, True]
    assert str(data["reason"].sel(a=2).item()) == "2 makes no sense: take another."
    assert str(data["reason"].sel(a=3).item()) == "ZeroDivisionError: once more"
    assert json.loads(data.attrs["failed"])["2 makes no sense: take another."] == 1
    sweep.run(points, cheap.refuses_some, out=tmp_path / "s")
    assert calls() == [(1, 1), (2, 1), (3, 1), (3, 1), (4, 1)]


@pytest.mark.usefixtures("one_process")
def test_two_shards_merged_are_one_run_byte_for_byte(tmp_path, calls):
    whole = tmp_path / "whole"
    sweep.run(POINTS, cheap.product_of_two, out=whole)
    first = sweep.run(POINTS, cheap.product_of_two, out=tmp_path / "one", shard=(1, 2))
    assert first.attrs["missing"] == 3
    sweep.run(POINTS, cheap.product_of_two, out=tmp_path / "two", shard="2/2")
    merged = tmp_path / "merged"
    sweep.run(POINTS, cheap.product_of_two, out=merged, merge=[tmp_path / "one", tmp_path / "two"])
    assert len(calls()) == 2 * len(POINTS)
    assert records(merged) == records(whole)
    assert (merged / "results.nc").read_bytes() == (whole / "results.nc").read_bytes()


def broken(path):
    path.write_bytes(path.read_bytes()[:-40])


def changed(path):
    content = bytearray(path.read_bytes())
    at = content.index(b"1x10".decode().encode("utf-32-le"))
    content[at] ^= 1
    path.write_bytes(bytes(content))


def of_another_point(path):
    other = next(p for p in path.parents[1].rglob("*.npz") if p != path)
    path.write_bytes(other.read_bytes())


def writable_by_all(path):
    path.chmod(0o666)


@pytest.mark.parametrize("spoil", [broken, changed, of_another_point, writable_by_all])
@pytest.mark.usefixtures("one_process")
def test_a_record_that_is_not_to_be_believed_is_made_anew_with_a_word(tmp_path, spoil, calls):
    points = POINTS[:2]
    before = sweep.run(points, cheap.product_of_two, out=tmp_path / "s")
    key = find_experiment(cheap.product_of_two).key(points[0])
    spoil(sweep.Store(tmp_path / "s").path(key))
    with pytest.warns(SweepWarning, match=r"one record is not believed, and made anew: .*\.npz .*\.$"):
        again = sweep.run(points, cheap.product_of_two, out=tmp_path / "s")
    assert calls() == [(1, 10), (1, 10), (1, 20)]
    assert again.identical(before)


@pytest.mark.usefixtures("one_process")
def test_records_of_other_code_are_told_of_and_taken_where_that_is_asked_for(tmp_path, calls, monkeypatch):
    sweep.run(POINTS[:1], cheap.product_of_two, out=tmp_path / "s")
    monkeypatch.setattr("gatedsym.sweep.entry._source_of", lambda module: "another text")
    sweep.run(POINTS[:1], cheap.product_of_two, out=tmp_path / "s", any_code=True)
    assert len(calls()) == 1
    with pytest.warns(SweepWarning, match="another version of the code"):
        sweep.run(POINTS[:1], cheap.product_of_two, out=tmp_path / "s")
    assert len(calls()) == 2
    assert len(records(tmp_path / "s")) == 2


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_measured(tmp_path, calls):
    (tmp_path / "file").write_text("a file", "utf-8")
    with pytest.raises(DataError, match=r"cannot be written .*choose another folder"):
        sweep.run(POINTS, cheap.product_of_two, out=tmp_path / "file" / "s")
    assert calls() == []


SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import cheap_experiments as cheap
from gatedsym import sweep
sweep.run(sweep.product_points(a=range(1, 9), b=[10]), cheap.product_of_two, out=sys.argv[2], workers=2)
"""


@pytest.mark.long
def test_a_sweep_that_is_killed_goes_on_where_it_was(tmp_path, calls, monkeypatch):
    monkeypatch.setenv("CHEAP_SECONDS", "0.3")
    command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(tmp_path / "s")]
    killed = subprocess.Popen(command)
    deadline = time.monotonic() + 120
    while len(records(tmp_path / "s")) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    there = len(records(tmp_path / "s"))
    assert 3 <= there < 8
    monkeypatch.setenv("CHEAP_SECONDS", "0")
    time.sleep(1)  # processes of the killed one have seen that it ended
    begun = len(calls())
    subprocess.run(command, check=True)
    assert len(records(tmp_path / "s")) == 8
    assert len(calls()) == begun + 8 - there


@pytest.mark.long
def test_a_point_that_brings_its_process_down_is_left_alone_and_the_others_are_measured(tmp_path):
    data = sweep.run(sweep.product_points(a=[1, 2, 3, 4]), cheap.ends_its_process, out=tmp_path / "s", workers=2)
    assert data["outcome"].values.tolist() == ["measured", "fault", "measured", "measured"]
    assert "signal 9" in str(data["reason"].sel(a=2).item())


@pytest.mark.long
def test_a_run_that_was_under_way_goes_on_from_its_checkpoint(tmp_path):
    experiment = sweep.Experiment("goes_on", cheap.goes_on, resumes=True)
    data = sweep.run(sweep.product_points(a=[1, 2]), experiment, out=tmp_path / "s", workers=1)
    assert data["steps"].values.tolist() == [6, 6]
    assert list((tmp_path / "s" / "unfinished").iterdir()) == []


@pytest.mark.usefixtures("one_process")
def test_a_checkpoint_that_cannot_be_read_is_no_reason_against_its_point(tmp_path):
    experiment = sweep.Experiment("reads", cheap.reads_its_checkpoint, resumes=True)
    left = sweep.Store(tmp_path / "s").unfinished(experiment.key({"a": 1}))
    left.parent.mkdir(parents=True)
    left.write_text("damaged", "utf-8")
    assert sweep.run([{"a": 1}], experiment, out=tmp_path / "s")["value"].item() == 1.0


@pytest.mark.parametrize("given", ["0/4", "5/4", "1", "1/0", (1,), 3, "a/b"])
def test_a_share_that_is_none_is_refused(given):
    with pytest.raises(ArgumentError, match="shard"):
        read_shard(given)


def test_what_cannot_be_a_sweep_is_refused_in_a_sentence(tmp_path):
    for points, experiment, error in (
        ([], cheap.labelled, "points is empty"),
        ([3], cheap.labelled, "points has 3"),
        ([{"a": float("nan")}], cheap.labelled, "a has nan"),
        ([{"a": {"name": "x", "k": 1, "label": "y"}}, {"a": {"name": "x", "k": 2, "label": "y"}}], cheap.labelled,
         "two settings that are called y"),
    ):  # fmt: skip
        with pytest.raises(ArgumentError, match=error):
            sweep.run(points, experiment, out=tmp_path / "s", workers=0)
    with pytest.raises(UnknownNameError, match="there is no experiment 'magic'"):
        sweep.run(POINTS, "magic", out=tmp_path / "s")
    assert os.listdir(tmp_path) in ([], ["s"])


@pytest.mark.usefixtures("one_process")
def test_dimensions_of_a_result_are_joined_by_their_labels(tmp_path):
    data = sweep.run(sweep.product_points(a=[2, 3], b=[0.5, 1]), cheap.labelled, out=tmp_path / "s")
    assert data["norm"].dims == ("a", "b", "lag")
    assert data["norm"].sel(a=3, b=1).values.tolist() == [1.0, 1.5, 2.0]
    assert np.isnan(data["norm"].sel(a=2, b=0.5, lag=2).item())
    assert data.attrs["unit"] == "1"
