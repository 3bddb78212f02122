"""Calls in processes of their own: results, refusals and warnings come back, and nothing is left behind."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import calls
import pytest

from gatedsym.errors import ArgumentError, EquationError, GatedsymError
from gatedsym.execution import processes
from gatedsym.execution.processes import Processes, available_memory, process_count
from gatedsym.report import making
from gatedsym.report.verify import verify_folder
from gatedsym.report.write import write_report


def ignore(name, fraction):
    pass


def answered(function, *arguments, tell=ignore):
    """What one call comes to in a process of its own."""
    with Processes(1, ("common",)) as team:
        team.call("the call", function, *arguments)
        return [result for _, result in team.results(tell)]


@pytest.fixture
def two_threads(monkeypatch):
    monkeypatch.setenv("GATEDSYM_THREADS", "2")
    monkeypatch.setattr(processes, "available_memory", lambda: None)


@pytest.mark.long
def test_calls_are_carried_out_elsewhere_and_more_may_be_made_meanwhile(two_threads):
    told = []
    with Processes(2, ("common",)) as team:
        for number in range(4):
            team.call(number, calls.where, number)
        found = {}
        for name, result in team.results(lambda *what: told.append(what)):
            found[name] = result
            if name < 4:
                team.call(name + 4, calls.where, name + 4)
    assert {name: result[:2] for name, result in found.items()} == {n: ("common", n) for n in range(8)}
    assert os.getpid() not in {result[2] for result in found.values()}
    assert {result[3] for result in found.values()} == {"1"}  # two threads, shared by two
    assert sorted(told) == [(n, f) for n in range(8) for f in (0.5, 1.0)]
    assert [p._process.poll() for p in team._processes] == [0, 0]


@pytest.mark.parametrize(
    ("function", "kind", "message"),
    [
        (calls.refuse, ArgumentError, "lags is 0: give at least 1."),
        (calls.misread, EquationError, "line 1: an operator is missing\n    h' = a b\n         ^"),
        (calls.fail, ZeroDivisionError, "a fault"),
        (calls.fail_oddly, RuntimeError, "calls.OddError: what cannot be pickled"),
        (calls.unpicklable, Exception, None),
    ],
)
@pytest.mark.long
def test_an_error_is_raised_as_it_was_there(function, kind, message):
    with pytest.raises(kind) as caught:
        answered(function)
    assert message is None or str(caught.value) == message
    notes = "".join(getattr(caught.value, "__notes__", []))
    assert ("in _carry_out" in notes) == (not isinstance(caught.value, GatedsymError))


@pytest.mark.long
def test_a_warning_is_given_here_once_and_what_is_printed_is_no_answer(capfd):
    with pytest.warns(RuntimeWarning, match="of a call") as told:
        assert answered(calls.warn) == ["warned"]
    assert len(told) == 1
    assert capfd.readouterr().err == "this is no answer\n"


@pytest.mark.long
def test_a_process_that_is_killed_is_told_with_what_to_do():
    with pytest.raises(GatedsymError, match=r"the call ended \(code 9\).*set GATEDSYM_THREADS to 1"):
        answered(calls.die)


@pytest.mark.long
def test_an_interruption_ends_all_and_takes_back_what_is_half_done(tmp_path):
    path = tmp_path / "file"

    def interrupt(name, fraction):
        assert path.exists()
        raise KeyboardInterrupt

    team = Processes(1, ("common",))
    team.call("lingering", calls.linger, str(path))
    with team, pytest.raises(KeyboardInterrupt):
        list(team.results(interrupt))
    assert not path.exists()
    assert [p._process.poll() for p in team._processes] == [0]


@pytest.mark.long
def test_what_cannot_be_sent_is_done_here():
    def local(common, tell):
        return os.getpid()

    assert answered(local) == [os.getpid()]
    with Processes(1, (lambda: None,)) as team:
        team.call("here", lambda common, tell: os.getpid())
        assert list(team.results(ignore)) == [("here", os.getpid())]


def test_without_a_python_to_start_all_is_done_here(monkeypatch):
    monkeypatch.setattr(processes, "_command", lambda: [str(Path(sys.executable).with_name("no-python"))])
    assert answered(calls.place) == [os.getpid()]
    monkeypatch.setattr(processes, "_command", lambda: [sys.executable, "-c", "raise SystemExit(3)"])
    assert answered(calls.place) == [os.getpid()]
    monkeypatch.setattr(sys, "executable", "")
    assert process_count(9) == 0


SCRIPT = """
import os
print("the script runs")
from gatedsym.execution.processes import Processes
class Mine:
    pass
def mine(common, tell):
    return os.getpid()
import sys
sys.path.insert(0, sys.argv[1])
import calls
with Processes(1, (1,)) as team:
    team.call("mine", mine)
    team.call("theirs", calls.where, 2)
    found = dict(team.results(lambda *what: None))
print(found["mine"] == os.getpid(), found["theirs"][2] == os.getpid())
with Processes(1, (Mine(),)) as team:
    team.call("of mine", calls.where, 2)
    print([result[2] == os.getpid() for _, result in team.results(lambda *what: None)])
"""


@pytest.mark.long
def test_a_script_without_a_guard_is_not_run_again_and_files_beside_it_are_not_imported(tmp_path):
    (tmp_path / "script").mkdir()
    (tmp_path / "script" / "script.py").write_text(SCRIPT)
    (tmp_path / "random.py").write_text("raise SystemExit('a file of the person')")
    command = [sys.executable, tmp_path / "script" / "script.py", Path(__file__).parent]
    environment = {**os.environ, "GATEDSYM_THREADS": "2"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["the script runs", "True False", "[True]", ""]
    assert done.stderr == ""


def test_there_are_as_many_processes_as_threads_and_memory_for_them(monkeypatch):
    monkeypatch.setattr(processes, "available_memory", lambda: None)
    for threads, expected in ((1, 0), (2, 2), (5, 5), (64, processes.MOST)):
        monkeypatch.setenv("GATEDSYM_THREADS", str(threads))
        assert process_count(100) == expected
    assert process_count(3) == 3
    assert process_count(1) == 0
    monkeypatch.setattr(processes, "available_memory", lambda: 3 * processes.MEMORY)
    assert process_count(100) == 3
    monkeypatch.setattr(processes, "available_memory", lambda: processes.MEMORY // 2)
    assert process_count(100) == 0


def test_available_memory_is_a_number_of_bytes_or_unknown():
    found = available_memory()
    assert found is None or 2**20 < found < 2**50


@pytest.mark.long
def test_a_report_has_the_same_bytes_from_any_number_of_processes_and_verifies(
    report_cells, tmp_path, monkeypatch, two_threads
):
    monkeypatch.setattr(making, "WORTH", 0.0)
    options = {"input": "noise", "quick": True, "lags": 8, "errata": None, "only": "gradient-norm,truncation,3"}
    used = []
    monkeypatch.setattr(making, "Processes", lambda *given: used.append(given[0]) or Processes(*given))
    found = {}
    for threads in ("1", "2"):
        monkeypatch.setenv("GATEDSYM_THREADS", threads)
        monkeypatch.setenv("GATEDSYM_CACHE_DIR", str(tmp_path / f"cache {threads}"))
        told = []
        note = partial(lambda told, *what: told.append(what), told)
        written = write_report(
            report_cells[:2], tmp_path / threads, derivation=lambda cell: cell.name, progress=note, **options
        )
        found[threads] = {p.relative_to(tmp_path / threads): p.read_bytes() for p in written}
        fractions = [fraction for fraction, _ in told]
        assert fractions == sorted(fractions)
        assert told[-1] == (1.0, "writing the page")
        assert {"gradient-norm", "truncation"} <= {name for _, text in told for name in text.split(", ")}
    assert used == [2]
    assert list(found["1"]) == list(found["2"])
    assert [name for name, whole in found["1"].items() if found["2"][name] != whole] == []
    monkeypatch.setattr("gatedsym.report.verify.recorded_cells", lambda *_: {c.name: c for c in report_cells[:2]})
    assert verify_folder(tmp_path / "2").follows
    assert used == [2, 2]


@pytest.mark.long
def test_a_refusal_in_a_process_ends_the_report_and_leaves_nothing(report_cells, tmp_path, monkeypatch, two_threads):
    monkeypatch.setattr(making, "WORTH", 0.0)
    monkeypatch.setenv("GATEDSYM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(making, "measure_part", calls.fail_part)
    with pytest.raises(GatedsymError, match="the series is too short"):
        write_report(
            report_cells[:2], tmp_path / "r", input="noise", quick=True, lags=8, only="1", derivation=None, errata=None
        )
    assert not (tmp_path / "r").exists()
