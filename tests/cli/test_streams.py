"""Whoever stops reading a command's output, or never did, changes neither its end nor its exit status."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatedsym.cli.streams import guard_streams

COMMAND = f"{sys.executable} -c 'from gatedsym.cli import main; main()'"
CUT = {
    "a reader that stops": "{} {} | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}",
    "a reader that never reads": "{} {} | true; exit ${{PIPESTATUS[0]}}",
    "standard output closed": "{} {} >&-",
    "all streams closed": "{} {} >&- 2>&- <&-",
}


def end_of(arguments: str, cut: str, cwd: Path) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", "-c", CUT[cut].format(COMMAND, arguments)],
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("cut", CUT)
@pytest.mark.parametrize("arguments", ["cells", "cells --tree", "--help"])
@pytest.mark.sampled
def test_output_that_nobody_reads_is_dropped_without_a_word(arguments: str, cut: str, tmp_path: Path) -> None:
    status, complaint = end_of(arguments, cut, tmp_path)
    assert status == 0, complaint
    assert "Traceback" not in complaint
    assert "roken" not in complaint
    assert "ignored" not in complaint


@pytest.mark.parametrize("cut", CUT)
@pytest.mark.sampled
def test_a_refusal_keeps_its_status_when_nobody_reads(cut: str, tmp_path: Path) -> None:
    assert end_of("derive no_such_cell", cut, tmp_path)[0] == 1


@pytest.mark.long
def test_files_are_written_when_nobody_reads(tmp_path: Path) -> None:
    for number, cut in enumerate(CUT):
        page = tmp_path / f"{number}.html"
        assert end_of(f"derive rnn --format html --out {page}", cut, tmp_path)[0] == 0
        assert page.read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_a_file_opened_later_does_not_take_the_number_of_a_closed_stream() -> None:
    code = (
        "import os, sys; os.close(1); os.close(2); sys.stdout = sys.stderr = None\n"
        "from gatedsym.cli.streams import guard_streams; guard_streams()\n"
        "assert os.open(os.devnull, os.O_RDONLY) > 2; print('dropped')"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            ["bash", "-c", f"{COMMAND} cells"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith("gatedsym: ")
    assert "Traceback" not in done.stderr


def test_a_stand_in_for_a_stream_stays(capsys: pytest.CaptureFixture[str]) -> None:
    stream = sys.stdout
    if type(stream).__name__ == "TextIOWrapper":
        pytest.skip("the runner does not capture")
    guard_streams()
    assert sys.stdout is stream
