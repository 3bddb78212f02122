"""Diagrams as files: the same bytes for the same equations, and a command that says what it wrote."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from diagrams_of_cells import CELLS, STRANGE, diagram

from gatedsym.diagrams import Diagram
from gatedsym.equations import read_equations
from gatedsym.errors import ArgumentError

SCRIPT = """
import sys
from gatedsym.diagrams import Diagram
from gatedsym.equations import read_equations
drawing = Diagram(read_equations(sys.stdin.read(), name="cell"))
for steps in (False, True):
    sys.stdout.buffer.write(drawing.render("svg", steps=steps))
"""


def drawn(text: str, seed: str) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=text.encode(), env=environment, capture_output=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("name", ["strange"])
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


def test_another_picture_format_is_refused(tmp_path: Path):
    with pytest.raises(ArgumentError, match="svg, pdf, png"):
        diagram("gru").save(tmp_path / "gru.jpg")


def command(*arguments: str, cwd: Path, code: int = 0) -> str:
    result = subprocess.run(
        [sys.executable, "-c", "from gatedsym.cli import main; main()", "derive", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout + result.stderr


def test_the_command_draws_a_file_of_ones_own(tmp_path: Path):
    (tmp_path / "strange.txt").write_text(STRANGE, encoding="utf-8")
    said = command("strange.txt", "--diagram", cwd=tmp_path)
    assert said == "wrote strange-diagram.svg\nwrote strange-diagram.pdf\n"
    said = command("strange.txt", "--diagram", "--steps", "--out", "pictures/mine.png", cwd=tmp_path)
    assert said == f"wrote {Path('pictures/mine.png')}\n"
    assert (tmp_path / "pictures" / "mine.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gru", "--steps"], "--steps belongs to --diagram"),
        (["gru", "--diagram", "--format", "html"], "suffix of --out"),
        (["gru", "--diagram", "--out", "gru.jpg"], "gru.jpg: a diagram is written as svg, pdf, png"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(tmp_path: Path, arguments, words):
    assert words in command(*arguments, cwd=tmp_path, code=1)
    assert list(tmp_path.iterdir()) == []
