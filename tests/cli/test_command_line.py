"""The command, as a person in a new folder uses it."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gatedsym.cells import cell as library_cell
from gatedsym.cli import app
from gatedsym.errors import EquationError
from gatedsym.library import load as library
from gatedsym.library.load import generated_folder

CELLS = ("rnn", "lstm", "gru", "gru_torch")
"""For what need not be tried with every cell."""


def run(*arguments: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command; it must end with this exit status and never show a traceback."""
    result = subprocess.run(
        [sys.executable, "-c", "from gatedsym.cli import main; main()", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert "Traceback" not in result.stderr, result.stderr
    assert result.returncode == code, result.stdout + result.stderr
    return result


def test_help_names_every_command(tmp_path: Path) -> None:
    shown = run("--help", cwd=tmp_path).stdout
    for command in ("report", "cells", "derive", "prove", "generate", "new", "bench"):
        assert command in shown


def test_version(tmp_path: Path) -> None:
    import gatedsym

    assert run("--version", cwd=tmp_path).stdout.strip() == f"gatedsym {gatedsym.__version__}"


@pytest.mark.parametrize(
    ("format", "sign"),
    [("text", "f_t"), ("latex", r"\begin{document}"), ("markdown", "$$"), ("html", "<math")],
)
@pytest.mark.sampled
def test_derive_writes_each_format(tmp_path: Path, format: str, sign: str) -> None:
    out = tmp_path / "page"
    shown = run("derive", "lstm", "--format", format, "--out", str(out), cwd=tmp_path).stdout
    assert sign in out.read_text(encoding="utf-8")
    assert f"wrote {out}" in shown


def test_new_writes_a_cell_that_can_be_derived_and_proven(tmp_path: Path) -> None:
    shown = run("new", "my_cell", cwd=tmp_path).stdout
    assert "wrote my_cell.txt" in shown
    assert "adjoint" in run("derive", "my_cell.txt", cwd=tmp_path).stdout
    assert "statements proven" in run("prove", "my_cell.txt", cwd=tmp_path).stdout


def test_new_does_not_overwrite(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    assert "is there already" in run("new", "mine", cwd=tmp_path, code=1).stderr
    assert (tmp_path / "mine.txt").read_text() == "precious"


@pytest.mark.long
def test_an_unknown_cell_is_answered_with_the_nearest(tmp_path: Path) -> None:
    assert "did you mean 'lstm'" in run("derive", "lstn", cwd=tmp_path, code=1).stderr


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ""),
        (bytes(range(256)) * 80, ""),
        (b"x in R^m; h in R^n; U in R^(n,n)\nh' = tanh(U @ g)", "g"),
        (b"h in R^n\nh' = " + b"(" * 3000 + b"h" + b")" * 3000, ""),
        (b"h in R^n\nh' = h ** 99999999999999999999", ""),
    ],
    ids=["empty", "bytes", "unknown name", "brackets", "power"],
)
def test_bad_equations_get_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "bad.txt").write_bytes(content)
    said = run("derive", "bad.txt", cwd=tmp_path, code=1).stderr
    assert said.startswith("gatedsym: ")
    assert words in said


@pytest.fixture
def generated(tmp_path: Path) -> Path:
    folder = tmp_path / "generated"
    shutil.copytree(generated_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_check_accepts_committed_modules(tmp_path: Path) -> None:
    """Two of them; a check of every cell (tests/cells) looks at its own."""
    assert "2 modules" in run("generate", "--check", "rnn", "gru", cwd=tmp_path).stdout


@pytest.mark.long
def test_the_module_of_a_file_stands_beside_the_person(tmp_path: Path) -> None:
    """Named after its file, with the command that makes it anew; a library's cell is left where it is."""
    (tmp_path / "mine.txt").write_text("x, h in R^n; a in R^n\nh' = a * h + x")
    run("generate", "./mine.txt+./mine.txt", cwd=tmp_path)
    assert (
        "# Regenerate with: gatedsym generate mine.txt+mine.txt\n" in (tmp_path / "generated/mine_mine.py").read_text()
    )
    told = run("generate", "mine.txt", cwd=tmp_path).stdout
    assert "1 module in generated is as its derivation says" in told
    assert "# Regenerate with: gatedsym generate mine.txt\n" in (tmp_path / "generated/mine.py").read_text()
    assert not (generated_folder() / "mine.py").exists()
    both = run("generate", "--check", "mine.txt", "rnn", cwd=tmp_path).stdout
    assert both.count("1 module in") == 2


@pytest.mark.long
def test_the_module_of_a_file_is_not_put_among_those_of_the_library(tmp_path: Path) -> None:
    (tmp_path / "lstm.txt").write_text("x, h in R^n; a in R^n\nh' = a * h + x")
    folder = generated_folder()
    shown = run("generate", str(tmp_path / "lstm.txt"), "--out", str(folder), cwd=tmp_path, code=1)
    assert "is a cell of a file: name a folder with --out." in shown.stderr
    assert "# Regenerate with: gatedsym generate lstm\n" in (folder / "lstm.py").read_text()


def test_check_shows_an_edited_line(tmp_path: Path, generated: Path) -> None:
    module = generated / "lstm.py"
    text = module.read_text()
    assert "f = sigmoid(a_f[j])" in text
    module.write_text(text.replace("f = sigmoid(a_f[j])", "f = tanh(a_f[j])", 1))
    shown = run("generate", "--check", "lstm", "--out", str(generated), cwd=tmp_path, code=1).stdout
    assert "changed" in shown
    assert "-                    f = tanh(a_f[j])" in shown
    assert "+                    f = sigmoid(a_f[j])" in shown


@pytest.fixture
def small_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with the modules of a library of two cells."""
    monkeypatch.setattr(library, "names", lambda: ("gru", "rnn"))
    folder = tmp_path / "two"
    folder.mkdir()
    for name in library.names():
        shutil.copy(generated_folder() / f"{name}.py", folder)
    return folder


def test_check_finds_a_missing_and_an_extra_module(small_library: Path) -> None:
    (small_library / "gru.py").rename(small_library / "grue.py")
    result = CliRunner().invoke(app, ["generate", "--check", "--out", str(small_library)])
    assert result.exit_code == 1
    shown = result.stdout.splitlines()
    assert f"missing: {small_library / 'gru.py'}" in shown
    assert f"extra: {small_library / 'grue.py'}" in shown
    assert f"missing: {small_library / 'rnn.py'}" not in shown


@pytest.mark.long
def test_without_names_the_whole_library_is_generated_and_proven(small_library: Path) -> None:
    (small_library / "rnn.py").write_text("broken")
    assert CliRunner().invoke(app, ["generate", "--out", str(small_library)]).exit_code == 0
    assert CliRunner().invoke(app, ["generate", "--check", "--out", str(small_library)]).exit_code == 0
    shown = CliRunner().invoke(app, ["prove"]).stdout.splitlines()
    assert {"functions", "gru", "rnn"} <= set(shown)


@pytest.mark.long
def test_a_line_of_library_versions_alone_is_reported_and_not_failed(tmp_path: Path, generated: Path) -> None:
    module = generated / "rnn.py"
    lines = module.read_text().splitlines(keepends=True)
    (position,) = (n for n, line in enumerate(lines) if line.startswith("# Made with: "))
    lines[position] = "# Made with: sympy 0.0.1\n"
    module.write_text("".join(lines))
    assert "versions" in run("generate", "--check", "rnn", "--out", str(generated), cwd=tmp_path).stdout


@pytest.mark.long
def test_regenerating_repairs_an_edit(tmp_path: Path, generated: Path) -> None:
    (generated / "rnn.py").write_text("broken")
    run("generate", "rnn", "--out", str(generated), cwd=tmp_path)
    assert (generated / "rnn.py").read_bytes() == (generated_folder() / "rnn.py").read_bytes()


@pytest.mark.long
def test_two_hash_seeds_give_the_same_bytes(tmp_path: Path) -> None:
    folders = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        result = subprocess.run(
            [sys.executable, "-c", "from gatedsym.cli import main; main()", "generate", *CELLS, "--out", str(folder)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        folders.append({p.name: p.read_bytes() for p in folder.iterdir()})
    assert folders[0] == folders[1]
    assert len(folders[0]) > len(CELLS)


@pytest.mark.long
def test_an_interrupted_command_says_so_and_leaves_no_half_file(tmp_path: Path) -> None:
    # Where the tests run in the background of a shell, interrupts are ignored; a person's are not.
    start = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{start}; from gatedsym.cli import main; main()", "report", "--out", "out"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "GATEDSYM_CACHE_DIR": str(tmp_path / "cache")},
    )
    assert process.stderr is not None
    process.stderr.readline()  # progress has begun
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    assert not [p for p in (tmp_path / "out").rglob("*") if p.name.startswith(".")]


@pytest.mark.long
def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    said = run("derive", "rnn", "--out", "taken", cwd=tmp_path, code=1).stderr
    assert said.strip() == "gatedsym: a folder stands where the file should be: taken"


@pytest.mark.long
def test_a_file_name_in_another_script_gives_a_cell_of_its_own(tmp_path: Path) -> None:
    for name in ("你好", "世界"):
        run("new", "mine", cwd=tmp_path)
        (tmp_path / "mine.txt").rename(tmp_path / f"{name}.txt")
    shown = run("prove", "你好.txt", "世界.txt", cwd=tmp_path).stdout.splitlines()
    titles = [line for line in shown if line and not line.startswith(" ") and "statements" not in line]
    assert len(set(titles)) == 2


@pytest.mark.long
def test_cells_lists_prints_one_and_draws_the_tree(tmp_path: Path) -> None:
    def shown(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["cells", *arguments])
        assert result.exit_code == 0
        return result.stdout

    assert "lstm_peephole" in shown()
    assert "h' = o * tanh(c')" in shown("lstm")
    assert "└── " in shown("--tree")
    assert "contradictions" in shown("--contradictions")
    tree = tmp_path / "tree.svg"
    assert f"wrote {tree}" in shown("--tree", "--out", str(tree))
    assert tree.read_text(encoding="utf-8").startswith("<?xml")
    assert "did you mean 'lstm'" in run("cells", "lstn", cwd=tmp_path, code=1).stderr
    assert "--tree --out" in run("cells", "--out", "tree.svg", cwd=tmp_path, code=1).stderr
    assert "one of them" in run("cells", "lstm", "--errata", cwd=tmp_path, code=1).stderr


@pytest.mark.long
def test_cells_shows_errata_with_verdicts(tmp_path: Path) -> None:
    shown = run("cells", "--errata", cwd=tmp_path).stdout
    assert "1. W_f reused in the input gate" in shown
    assert "proven" in shown
    assert "counterexample" in shown


def test_prove_lists_equivalences_a_line_each() -> None:
    result = CliRunner().invoke(app, ["prove", "--equivalences", "gru", "lstm_1997_tanh"])
    lines = result.stdout.splitlines()
    assert any(line.startswith("proven  lstm_1997_tanh = lstm [f = 1]") for line in lines)
    assert lines[-1].startswith(f"{len(lines) - 1} of {len(lines) - 1} statements proven")


def test_a_false_equivalence_in_a_derivation_file_ends_with_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (library.derivations_folder() / "cifg.py").read_text(encoding="utf-8")
    assert '"W_f": "-W_i"' in text
    (tmp_path / "cifg.py").write_text(text.replace('"W_f": "-W_i"', '"W_f": "W_i"'), encoding="utf-8")
    for name in ("lstm", "cifg_forget"):
        shutil.copy(library.derivations_folder() / f"{name}.py", tmp_path)
    monkeypatch.setattr(library, "derivations_folder", lambda: tmp_path)
    library.names.cache_clear()
    library.derivation.cache_clear()
    try:
        result = CliRunner().invoke(app, ["prove", "--equivalences", "cifg"])
    finally:
        monkeypatch.undo()
        library.names.cache_clear()
        library.derivation.cache_clear()
    assert result.exit_code == 1
    (failed,) = (line for line in result.stdout.splitlines() if line.startswith("FAILED"))
    assert "the residual" in failed
    assert "The equation is: " in failed


@pytest.mark.long
def test_a_mistake_in_a_file_is_told_with_the_file_and_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.txt").write_text("h in R^n\nh' = V @ h\n")
    said = run("derive", "mine.txt", cwd=tmp_path, code=1).stderr
    assert said.startswith("gatedsym: mine.txt, line 2: 'V' is neither declared nor defined")
    text = (library.derivations_folder() / "rnn.py").read_text(encoding="utf-8")
    (tmp_path / "rnn.py").write_text(text.replace("U @ h", "U @ hh"), encoding="utf-8")
    monkeypatch.setattr(library, "derivations_folder", lambda: tmp_path)
    library.names.cache_clear()
    library.derivation.cache_clear()
    try:
        with pytest.raises(EquationError, match=r"rnn\.py, equations, line \d+: 'hh' is neither"):
            library_cell("rnn").recurrence  # noqa: B018
    finally:
        monkeypatch.undo()
        library.names.cache_clear()
        library.derivation.cache_clear()


@pytest.mark.long
def test_new_proposes_declarations_for_a_file_and_for_a_paste(tmp_path: Path) -> None:
    (tmp_path / "paper.tex").write_text("h_t = tanh(W x_t + U h_{t-1} + b)\n", encoding="utf-8")
    run("new", "mine", "--from", "paper.tex", cwd=tmp_path)
    written = (tmp_path / "mine.txt").read_text(encoding="utf-8")
    assert written == (
        "# mine: declarations proposed for the equations of paper.tex; edit them.\n"
        "x in R^m;  h in R^n\nW in R^(n,m);  U in R^(n,n);  b in R^n\n\nh_t = tanh(W x_t + U h_{t-1} + b)\n"
    )
    assert "The gradient of mine" in run("derive", "mine.txt", "--format", "text", cwd=tmp_path).stdout
    pasted = CliRunner().invoke(app, ["new", "again", "--from", "-"], input="h_t = a * h_{t-1} + W x_t\n")
    try:
        assert "decide what the lines '# open:' ask (a); until then the file is no cell." in pasted.stdout
        assert "# open: a is R^n" in Path("again.txt").read_text(encoding="utf-8")
    finally:
        Path("again.txt").unlink(missing_ok=True)


@pytest.mark.long
def test_new_replaces_a_file_only_when_told_and_leaves_none_for_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "paper.tex").write_text("h_t = tanh(W x_t\n", encoding="utf-8")
    said = run("new", "mine", "--from", "paper.tex", cwd=tmp_path, code=1).stderr
    assert said.startswith("gatedsym: paper.tex, line 1: '(' is never closed.")
    assert not (tmp_path / "mine.txt").exists()
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    (tmp_path / "paper.tex").write_text("h_t = tanh(W x_t)\n", encoding="utf-8")
    assert "give --overwrite" in run("new", "mine", "--from", "paper.tex", cwd=tmp_path, code=1).stderr
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "kept"
    run("new", "mine", "--from", "paper.tex", "--overwrite", cwd=tmp_path)
    assert "x in R^m" in (tmp_path / "mine.txt").read_text(encoding="utf-8")


@pytest.mark.long
def test_prove_says_where_no_equivalence_is_stated(tmp_path: Path) -> None:
    run("new", "mine", cwd=tmp_path)
    assert run("prove", "--equivalences", "mine.txt", cwd=tmp_path).stdout.startswith(
        "mine: no equivalence and no limit"
    )
