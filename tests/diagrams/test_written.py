"""Diagrams as files: the same bytes for the same equations, and a command that says what it wrote."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from diagrams_of_cells import CELLS, STRANGE, diagram

from gatedsym.cli import main
from gatedsym.diagrams import Diagram
from gatedsym.equations import read_equations
from gatedsym.errors import ArgumentError

SCRIPT = """
import sys
from gatedsym.diagrams import Diagram
from gatedsym.equations import read_equations
drawing = Diagram(read_equations(sys.stdin.read(), name="cell"))
sys.stdout.buffer.write(drawing.render("svg", steps=True))
"""


def drawn(text: str, seed: str) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=text.encode(), env=environment, capture_output=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("name", ["strange"])
@pytest.mark.long
def test_two_hash_seeds_give_the_same_bytes(name):
    assert drawn(CELLS[name], "1") == drawn(CELLS[name], "2")


@pytest.mark.parametrize(("kind", "sign"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_each_format_is_written_the_same_again(kind, sign):
    first = Diagram(read_equations(CELLS["peephole"])).render(kind)
    assert first.startswith(sign)
    assert first == Diagram(read_equations(CELLS["peephole"])).render(kind)


def test_drawing_leaves_the_callers_settings_alone():
    import matplotlib

    before = dict(matplotlib.rcParams)
    diagram("gru").render("png")
    assert dict(matplotlib.rcParams) == before


def test_a_suffix_chooses_one_file(tmp_path: Path):
    assert diagram("gru").save(tmp_path / "a.svg") == [tmp_path / "a.svg"]
    assert diagram("gru").save(tmp_path / "a.b") == [tmp_path / "a.b.svg", tmp_path / "a.b.pdf"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.b.pdf", "a.b.svg", "a.svg"]


@pytest.mark.parametrize("name", ["gru.jpg", "gru.bmp", "gru.MD", "gru.pgf"])
def test_another_format_is_refused_and_nothing_is_written(tmp_path: Path, name: str):
    with pytest.raises(ArgumentError, match="svg, pdf, png"):
        diagram("gru").save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run ``gatedsym derive`` in an empty folder; what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # the command puts its own there

    def run(*arguments: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["gatedsym", "derive", *arguments])
        with pytest.raises(SystemExit) as done:
            main()
        assert done.value.code == code
        said = capsys.readouterr()
        return said.out + said.err

    return run


@pytest.mark.long
def test_the_command_draws_a_file_of_ones_own(tmp_path: Path, command):
    (tmp_path / "strange.txt").write_text(STRANGE, encoding="utf-8")
    assert command("strange.txt", "--diagram") == "wrote strange-diagram.svg, strange-diagram.pdf\n"
    said = command("strange.txt", "--diagram", "--steps", "--out", "pictures/mine.svg")
    assert said == f"wrote {Path('pictures/mine.svg')}\n"
    assert (tmp_path / "pictures" / "mine.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gru", "--steps"], "--steps belongs to --diagram"),
        (["gru", "--diagram", "--format", "html"], "suffix of --out"),
        (["gru", "--diagram", "--out", "gru.jpg"], "gru.jpg: a diagram is written as svg, pdf, png"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(tmp_path: Path, command, arguments, words):
    assert words in command(*arguments, code=1)
    assert list(tmp_path.iterdir()) == []
