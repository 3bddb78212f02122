"""The commands report, flow and verify: what they take, what they write, how they end."""

import errno
import inspect
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from typer.main import get_command
from typer.testing import CliRunner

from gatedsym.cells import Cell
from gatedsym.cells import cell as library_cell
from gatedsym.cli import app
from gatedsym.cli.messages import Messages
from gatedsym.cli.report import choose_cells
from gatedsym.errors import ArgumentError, GatedsymError, ProofError
from gatedsym.files import write as files
from gatedsym.flow import white_noise
from gatedsym.flow.trained import TrainedCell
from gatedsym.proofs.cell import Verdict
from gatedsym.report.atlas import Asked, atlas, chosen_analyses
from gatedsym.report.parts import report_parts
from gatedsym.report.proven import require_proven
from gatedsym.report.write import plan_report

CELL = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n\nh' = tanh(W @ x + U @ h + b)\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "mine.txt").write_text(CELL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def test_a_cell_of_ones_own_stands_beside_the_three_and_named_cells_stand_alone(folder):
    assert [c.name for c in choose_cells(["mine.txt"])] == ["rnn", "lstm", "gru", "mine"]
    assert [c.name for c in choose_cells(["rnn", "mine.txt"])] == ["rnn", "mine"]
    assert [c.name for c in choose_cells(None)] == ["rnn", "lstm", "gru"]
    assert [c.name for c in choose_cells(["mine.txt"], "none")] == ["mine"]


def test_flow_prints_the_rates_and_writes_the_figure_with_its_data(folder):
    done = run("flow", "mine.txt", "--length", "12", "--hidden", "8", "--seeds", "2", "--init", "xavier", "--out", "f")
    assert done.exit_code == 0
    assert "factor a step" in done.output
    assert (folder / "f" / "gradient-norm.pdf").is_file()
    assert (folder / "f" / "gradient-norm.nc").is_file()


@pytest.mark.long
def test_verify_ends_with_1_where_a_figure_does_not_follow(folder, report_cells, monkeypatch):
    from gatedsym.report import write_report

    write_report(report_cells[:1], "r", input="noise", quick=True, lags=8, only="gradient-norm", derivation=None,
                 errata=None, formats=["svg"])  # fmt: skip
    monkeypatch.setattr("gatedsym.report.verify.recorded_cells", lambda record, weights: {"rnn": report_cells[0]})
    done = run("verify", "r")
    assert (done.exit_code, "1 of 1 figures follow" in done.output) == (0, True)
    (folder / "r" / "data" / "gradient-norm.csv").write_text("changed\n")
    done = run("verify", "r")
    assert (done.exit_code, "0 of 1 figures follow" in done.output) == (1, True)


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--all", "--only", "1"], "contradict"),
        (["--only", "99"], "no figure '99'"),
        (["--width", "nowhere"], "width 'nowhere'"),
        (["--width", "nan"], "width nan: give 2 to 30 inches"),
        (["--width", "0.5"], "width 0.5: give 2 to 30 inches"),
        (["--lags", "-3"], "lags = -3: give at least 1"),
        (["--lags", "0"], "lags = 0: give at least 1"),
        (["--format", "bmp"], "format 'bmp'"),
        (["--input", "none"], "has an input"),
        (["--length", "0"], "lags = 0: give at least 1"),
        (["--hidden", "0"], "n = 0: give at least 1"),
        (["--seeds", "-1"], "seeds = -1: give at least 1"),
        (["--init", "glorot"], "scheme 'glorot' is unknown; choose one of"),
        (["--init", ","], "no initialisation is named"),
        (["--verbose", "--quiet"], "contradict"),
        (["--weights", "none.npz"], "there is no file"),
        (["--weights", "mine.txt"], r"none of \.npz, \.safetensors, \.onnx"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence_and_nothing_is_written(folder, words, match):
    with pytest.raises(GatedsymError, match=match):
        run("report", "rnn", *words, "--out", "r")
    assert not (folder / "r").exists()


ASKED = Asked(quick=True, lags=30, n=12, seeds=4, init=("xavier", "orthogonal"))


def test_sizes_that_are_asked_for_reach_every_analysis_that_has_them():
    (cell,) = [library_cell("gru")]
    for part in report_parts([cell], white_noise(), atlas()[1], ASKED):
        known, options = inspect.signature(part.analysis.measured_by.dataset).parameters, part.options
        assert set(options) <= set(known), part.name
        if part.analysis.cells:
            continue  # shown on a cell of its own, in a size that can be drawn
        assert options.get("n", 12) == 12
        assert options.get("seeds", 4) == 4
        assert ("n" in options) == ("n" in known), part.name
        assert ("seeds" in options) == ("seeds" in known), part.name
        assert ("init" in options) == ("init" in known), part.name
        lags = options.get("lags", 30)
        assert np.max(lags) == 30, part.name
        shown = {"all": ("xavier", "orthogonal"), "first": ("xavier",), "scaled": ("orthogonal",), "": None}
        assert options.get("init") == shown[part.analysis.init]
        assert bool(part.remark) == (part.analysis.init in ("first", "scaled"))
    scaled = replace(ASKED, init=("xavier",))
    (part,) = report_parts([cell], white_noise(), chosen_analyses("exploding"), scaled)
    assert part.options["init"] == "gaussian"
    assert "which xavier weights cannot be" in part.remark


def test_sizes_that_are_asked_for_are_recorded_and_said(folder, report_cells):
    from gatedsym.report import write_report

    write_report(report_cells[:1], "r", input="noise", quick=True, lags=8, n=5, seeds=2, init="xavier, xavier",
                 only="gradient-norm,truncation", derivation=None, errata=None, formats=["svg"])  # fmt: skip
    record = json.loads((folder / "r" / "provenance.json").read_text("utf-8"))
    assert [record["request"][k] for k in ("hidden", "seeds", "init", "lags")] == [5, 2, ["xavier"], 8]
    for about in record["figures"].values():
        assert (about["options"]["n"], about["options"]["seeds"], about["options"]["init"]) == (5, 2, ["xavier"])
    assert "U(±1/√" not in re.sub(r"<style>.*?</style>", "", (folder / "r" / "index.html").read_text("utf-8"))


@pytest.mark.parametrize(
    ("cell", "asked", "match"),
    [
        (lambda: TrainedCell(library_cell("rnn"), library_cell("rnn").init(m=3, n=4), "given", "0"), Asked(n=5),
         "have hidden size 4, and 5 is asked for"),
        (lambda: Cell(CELL, "mine"), Asked(init=("xavier", "paper")), "needs a cell whose derivation file prescribes"),
    ],
)  # fmt: skip
def test_what_a_cell_cannot_be_drawn_as_is_refused_before_anything_is_measured(cell, asked, match):
    with pytest.raises(ArgumentError, match=match):
        plan_report([cell()], asked, input="noise", only=None, everything=False, weights=None, layout=None,
                    layer=None, alphabet=None, width="neurips", command="")  # fmt: skip


def test_what_was_written_takes_a_line_for_each_folder(folder, capsys):
    files = [Path("r/index.html"), *(Path(f"r/figures/{k}.svg") for k in range(9)), Path("r/d/a.csv"), Path("r/d/b.nc")]
    Messages().name_files(files)
    assert capsys.readouterr().out.splitlines() == [
        "wrote r/index.html", "wrote 9 files in r/figures", "wrote r/d/a.csv, b.nc",
    ]  # fmt: skip
    Messages(verbose=True).name_files(files)
    assert capsys.readouterr().out.splitlines() == [f"wrote {f}" for f in files]
    Messages(quiet=True).name_files(files)
    assert capsys.readouterr().out == ""


@pytest.mark.long
def test_every_command_that_writes_takes_verbose_and_quiet(folder):
    for name, command in get_command(app).commands.items():
        options = {option for p in command.params for option in p.opts}
        if "--out" in options or name == "new":
            assert {"--verbose", "--quiet"} <= options, name
    assert run("new", "one", "--quiet").output == ""
    assert "wrote two.txt" in run("new", "two").output
    done = run("report", "rnn", "--quick", "--only", "jacobian-sheet", "--out", "r", "--quiet")
    assert (done.exit_code, done.output) == (0, "")
    told = run("report", "rnn", "--quick", "--only", "jacobian-sheet", "--out", "r").output
    assert len([line for line in told.splitlines() if line.startswith("wrote")]) == 4


def test_pgf_without_tex_is_refused_with_the_reason(folder, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: None)
    with pytest.raises(GatedsymError, match="needs a TeX installation"):
        run("report", "rnn", "--format", "pgf", "--out", "r")
    assert not (folder / "r").exists()


def test_a_cell_that_fails_its_proof_is_refused_before_anything_is_measured(folder, monkeypatch):
    wrong = Verdict("mine", "the adjoint", None, "not so: d_h differs")
    monkeypatch.setattr("gatedsym.proofs.cell.prove_cell", lambda cell: [wrong])
    monkeypatch.setattr("gatedsym.report.parts.computed", lambda *arguments: pytest.fail("measured"))
    with pytest.raises(ProofError, match="mine fails its proof, and nothing is measured: the adjoint: not so: d_h"):
        run("report", "rnn", "mine.txt", "--quick", "--only", "1", "--out", "r")
    assert not (folder / "r").exists()


def test_a_proven_cell_is_proven_once_and_an_undecided_one_is_told(folder, monkeypatch):
    from gatedsym.proofs import cell as proofs
    from gatedsym.proofs.engine.decide import Undecided

    told, mine = [], Cell(CELL, "mine_once")
    require_proven([library_cell("rnn"), mine], told.append)
    require_proven([mine], told.append)
    assert told == ["mine_once"]
    monkeypatch.setattr(proofs, "prove_cell", lambda c: [Verdict(c.name, "the adjoint", None, "too large", True)])
    with pytest.warns(UserWarning, match="mine_twice: the adjoint: too large"):
        require_proven([Cell(CELL, "mine_twice")], told.append)
    assert proofs.verdict_of("mine", "it", lambda: (_ for _ in ()).throw(Undecided("it", "large"))).undecided


def test_flow_tries_its_folder_before_it_measures(folder, monkeypatch):
    monkeypatch.setattr("gatedsym.flow.gradient_flow", lambda *arguments, **options: pytest.fail("measured"))
    with pytest.raises(OSError, match="Not a directory"):
        run("flow", "mine.txt", "--out", "mine.txt/f")


def test_a_full_cache_is_told_apart_from_a_full_folder(folder, monkeypatch):
    def full(path, content):
        if path.parent.name == "datasets":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, content)

    write = files.write_atomically
    monkeypatch.setattr("gatedsym.files.cache.write_atomically", full)
    monkeypatch.setattr("gatedsym.report.parts.computed", lambda part, progress: xr.Dataset())
    with pytest.raises(
        GatedsymError, match=r"datasets.*No space left on device\): make room, or set GATEDSYM_CACHE_DIR"
    ):
        run("report", "rnn", "--only", "truncation", "--lags", "7", "--out", "r")
    assert not (folder / "r").exists()
