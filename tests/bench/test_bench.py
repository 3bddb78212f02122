"""What the bench counts, asks, shows and writes; how long anything takes is no test."""

import io
import math

import pandas as pd
import pytest

from gatedsym.bench import libraries, machine
from gatedsym.bench.answer import UnsupportedError
from gatedsym.bench.compare import Comparison, Row, compare, estimate_seconds
from gatedsym.bench.dataset import comparison_dataset
from gatedsym.bench.libraries import OURS, read_peers
from gatedsym.bench.operations import Operations, count_operations
from gatedsym.bench.ours import Ours
from gatedsym.bench.outcome import choose_grid, measure_grid
from gatedsym.bench.peak import Peak
from gatedsym.bench.points import BOTH, DEFAULT, FORWARD, FULL, QUICK, Point
from gatedsym.bench.problem import make_problem
from gatedsym.bench.processes import RefusedError, Workers, environment
from gatedsym.bench.table import Table, cells_table, comparison_table, summary, times
from gatedsym.bench.worker import PARAMETERS, Session, median_seconds
from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError, GatedsymError
from gatedsym.figures import speed

POINT = Point("lstm", "float64", 5, 2, 3)
COUNTS = Operations({FORWARD: 1e6, BOTH: 3e6}, {FORWARD: 2.1e6, BOTH: 6.2e6}, 1)


def row(point=POINT, refused=None, **seconds):
    given = {name.replace("_", "-"): times for name, times in seconds.items()}
    return Row(point, {OURS: {FORWARD: 0.001, BOTH: 0.002}} | given, refused or {}, 3e9, COUNTS)


TORCH = {FORWARD: 0.004, BOTH: 0.016}
JAX = {FORWARD: 0.003, BOTH: 0.020}


# Grids and counts


def test_the_default_grid_is_a_spread_over_all_sizes():
    assert len(DEFAULT) == 24
    assert {p.hidden for p in DEFAULT} == {8, 32, 64, 128, 256, 512}
    assert {p.batch for p in DEFAULT} == {1, 16, 64}
    assert {(p.cell, p.dtype) for p in DEFAULT} == {(p.cell, p.dtype) for p in FULL}


def test_the_full_grid_is_every_size_once():
    assert len(FULL) == len(set(FULL)) == 6 * 3 * 2 * 2 * 3
    assert set(DEFAULT) | set(QUICK) <= set(FULL)


def test_an_lstm_takes_three_times_its_forward_products():
    counts = count_operations(Point("lstm", "float32", 10, 7, 20))
    assert counts.multiply_adds == {FORWARD: 70 * 8 * 400, BOTH: 70 * 24 * 400}
    assert counts.floating[FORWARD] > 2 * counts.multiply_adds[FORWARD]
    assert counts.chain == 1


def test_products_that_wait_for_each_other_are_counted_apart():
    assert count_operations(Point("gru", "float32", 1, 1, 8)).chain == 2


def test_more_work_is_estimated_to_take_longer():
    small, large = Point("lstm", "float32", 100, 1, 8), Point("lstm", "float32", 1000, 64, 512)
    assert estimate_seconds(small, 3, 10.0) < estimate_seconds(large, 3, 10.0)


# Peers


def test_an_unknown_peer_is_refused():
    with pytest.raises(ArgumentError, match="no peer 'tensorflow'"):
        compare([POINT], ["tensorflow"])


def test_a_peer_that_is_not_installed_is_skipped_and_named(monkeypatch):
    monkeypatch.setattr(libraries.importlib.util, "find_spec", lambda name: None if name == "jax" else True)
    there, skipped = read_peers(["torch", "jax", "torch"])
    assert there == ["torch"]
    assert skipped == {"jax": "jax not installed: pip install jax"}
    shown = "\n".join(summary(Comparison((row(torch=TORCH),), ("torch", "jax"), skipped, 2)))
    assert "skipped jax: jax not installed" in shown


def test_every_worker_is_told_how_many_threads_it_may_use():
    told = environment(1)
    assert told["OMP_NUM_THREADS"] == told["GATEDSYM_THREADS"] == "1"
    assert "xla_cpu_multi_thread_eigen=false" in told["XLA_FLAGS"]


def test_cells_have_no_peer_unless_asked():
    assert choose_grid("default", ["gru"], None).peers == ()
    assert {p.cell for p in choose_grid("default", ["gru"], "torch-eager").points} == {"lstm", "gru"}
    assert choose_grid("default", [], None).peers == ("torch", "jax", "onnxruntime")


def test_an_unknown_grid_is_refused():
    with pytest.raises(ArgumentError, match="no grid 'huge'"):
        choose_grid("huge", [], None)


# The machine


def test_a_busy_machine_is_told(monkeypatch):
    monkeypatch.setattr(machine.os, "getloadavg", lambda: (100.0, 0.0, 0.0))
    assert "times are doubtful" in machine.warn_if_busy()
    monkeypatch.setattr(machine.os, "getloadavg", lambda: (0.0, 0.0, 0.0))
    assert machine.warn_if_busy() == ""


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_peak_is_a_rate(dtype):
    assert 1e6 < Peak(dtype, 1).rate() < 1e15


# Workers


@pytest.mark.long
def test_what_is_timed_is_the_call_with_its_defaults(monkeypatch):
    given = []
    forward, backward = Cell.forward, Cell.backward
    monkeypatch.setattr(Cell, "forward", lambda self, *a, **k: (given.append(sorted(k)), forward(self, *a, **k))[1])
    monkeypatch.setattr(Cell, "backward", lambda self, *a, **k: (given.append(sorted(k)), backward(self, *a, **k))[1])
    ours = Ours(make_problem(POINT))
    ours.forward()
    ours.both()
    assert given == [["initial"], ["initial"], []]


@pytest.mark.long
def test_the_cost_of_a_runs_own_parameters_is_measured_and_shown():
    session = Session(OURS, 1)
    session.answer({"prepare": POINT.__dict__})
    assert session.answer({"time": PARAMETERS, "dtype": "float64"})["seconds"] > 0
    measured = Row(POINT, {OURS: {FORWARD: 0.001, BOTH: 0.002}}, {}, 3e9, COUNTS, parameters=5e-5)
    shown = comparison_table(Comparison((measured,), (), {}, 1))
    assert "2.5 %" in shown
    assert "params: of forward + backward the share" in shown
    assert times(Comparison((measured,), (), {}, 1))["parameters_milliseconds"].tolist() == [0.05, 0.05]


@pytest.mark.long
def test_a_session_prepares_and_times():
    session = Session(OURS, 1)
    assert session.answer({"prepare": POINT.__dict__})["ready"] == [FORWARD, BOTH]
    assert session.answer({"time": BOTH, "dtype": "float64"})["seconds"] > 0
    assert session.answer({"time": "peak", "dtype": "float64"})["rate"] > 0


def test_at_least_one_call_is_timed(monkeypatch):
    monkeypatch.setattr("gatedsym.bench.worker.SECONDS", 0.0)
    calls = []
    assert median_seconds(lambda: calls.append(1)) >= 0
    assert calls == [1]


@pytest.mark.long
def test_a_worker_that_cannot_says_why_and_goes_on():
    with Workers([OURS], 1) as workers:
        with pytest.raises(GatedsymError, match="no cell 'nothing'"):
            workers.prepare(Point("nothing", "float64", 2, 1, 2))
        ready, refused = workers.prepare(POINT)
        assert ready == {OURS: [FORWARD, BOTH]}
        assert refused == {}
        assert workers.measure(OURS, BOTH, "float64") > 0


@pytest.mark.long
def test_a_worker_that_ended_says_so_and_another_takes_its_place():
    with Workers([OURS], 1) as workers:
        first = workers._running[OURS]
        first._process.kill()
        with pytest.raises(GatedsymError, match="ended with status"):
            first.ask({"time": BOTH})
        with pytest.raises(GatedsymError):
            workers.prepare(POINT)
        assert workers.prepare(POINT)[0] == {OURS: [FORWARD, BOTH]}


def test_a_refusal_is_told_apart_from_an_end():
    assert issubclass(RefusedError, GatedsymError)
    assert not issubclass(UnsupportedError, GatedsymError)


# Tables


def test_the_table_shows_the_fastest_peer_and_the_fraction_of_the_peak():
    shown = comparison_table(Comparison((row(torch=TORCH, jax=JAX),), ("torch", "jax"), {}, 2)).splitlines()
    assert " ".join(shown[1].split()) == "cell dtype T B n ours torch jax ratio ours torch jax ratio of peak params"
    assert " ".join(shown[2].split()) == "lstm float64 5 2 3 1.00 4.00 3.00 3.00 2.00 16.0 20.0 8.00 50 % 0.0 %"
    assert shown[0].index("forward, ms") < shown[0].index("forward + backward, ms")


def test_a_peer_that_fails_at_a_point_leaves_a_dash_and_its_reason():
    comparison = Comparison((row(torch=TORCH), row(refused={"torch": "out of memory"})), ("torch",), {}, 2)
    assert comparison_table(comparison).splitlines()[3].split()[6:8] == ["-", "-"]
    assert "- torch at lstm float64 T=5 B=2 n=3: out of memory" in summary(comparison)


def test_means_are_geometric_and_by_dtype_and_size():
    small, large = row(torch={FORWARD: 0.001, BOTH: 0.004}), row(torch={FORWARD: 0.001, BOTH: 0.016})
    shown = summary(Comparison((small, large), ("torch",), {}, 2))
    assert f"float64, forward + backward, n ≤ 128: {math.sqrt(2 * 8):.2f} times" in "\n".join(shown)


def test_without_peers_there_is_no_ratio():
    shown = comparison_table(Comparison((row(),), (), {}, 1)).splitlines()
    assert " ".join(shown[1].split()) == "cell dtype T B n ours ours of peak params"
    assert summary(Comparison((row(),), (), {}, 1)) == []


def test_cells_are_shown_beside_the_lstm():
    slower = Row(Point("gru", "float64", 5, 2, 3), {OURS: {FORWARD: 0.001, BOTH: 0.004}}, {}, 3e9, COUNTS)
    shown = cells_table(Comparison((row(), slower), (), {}, 1)).splitlines()
    assert shown[0].split()[-3:] == ["/", "it", "chain"]
    assert shown[2].split()[-2:] == ["2.00", "1"]


def test_a_table_is_text_and_csv():
    table = Table("scaling", ("T", "ms"), [["1,000", "2.5"]], "a note")
    assert table.text.splitlines() == ["    T   ms", "1,000  2.5", "a note"]
    assert table.csv == "T,ms\n1000,2.5\n"


# Files


def test_times_hold_every_library_and_measurement():
    refused = {"onnxruntime": "has no float64 kernel"}
    frame = times(Comparison((row(torch=TORCH, refused=refused),), ("torch", "onnxruntime"), {}, 2))
    assert len(frame) == 6
    theirs = frame[(frame["library"] == "torch") & (frame["measure"] == BOTH)].iloc[0]
    assert (theirs["milliseconds"], theirs["ratio"]) == (16.0, 8.0)
    assert set(frame[frame["library"] == "onnxruntime"]["refused"]) == {"has no float64 kernel"}


def test_the_figure_names_processor_threads_and_versions(monkeypatch):
    monkeypatch.setattr("gatedsym.bench.libraries.version", lambda name: f"1.0 of {name}")  # torch need not be there
    figure = speed(comparison_dataset(Comparison((row(torch=TORCH),), ("torch",), {}, 2)))
    assert f"Processor: {machine.processor()}" in figure.caption.plain
    assert "with 2 threads" in figure.caption.plain
    assert "against torch, forward + backward: float64 8.00" in figure.caption.plain
    drawn = figure.table[(figure.table["library"] == "torch") & (figure.table["measure"] == BOTH)]
    assert list(drawn["ratio"]) == [8.0]


def test_a_figure_without_peers_shows_the_fraction_of_the_peak_alone():
    figure = speed(comparison_dataset(Comparison((row(),), (), {}, 1)))
    assert len(figure.drawing.axes) == 1
    assert "longer" not in figure.caption.plain
    assert list(figure.table["fraction_of_peak"].dropna()) == [1e6 / 0.001 / 3e9, 0.5]


@pytest.mark.long
def test_a_grid_without_peers_gives_a_table_and_files(tmp_path, monkeypatch):
    monkeypatch.setattr("gatedsym.bench.compare.FEWEST", 1)
    monkeypatch.setattr("gatedsym.bench.outcome.GRIDS", {"quick": (POINT,)})
    grid = choose_grid("quick", [], "")
    assert "1 point," in grid.announcement()
    fractions = []
    outcome = measure_grid(grid, tmp_path, threads=1, progress=lambda fraction, _: fractions.append(fraction))
    assert fractions == [0.0, 1.0]
    assert "lstm  float64" in outcome.text
    assert {"times.csv", "speed.pdf", "speed.svg", "speed.png", "speed.nc"} <= {p.name for p in outcome.files}
    frame = pd.read_csv(io.StringIO(outcome.files[tmp_path / "times.csv"]))
    assert (frame["milliseconds"] > 0).all()
