"""``gatedsym derive`` for a course: pages, drawings, and what does not go together, in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gatedsym.cli import app
from gatedsym.errors import GatedsymError


@pytest.fixture
def derive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["derive", "rnn", *arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--backward"], "--backward belongs to --diagram"),
        (["--diagram", "--backward", "--steps"], "two drawings"),
        (["--numbers", "--exercises"], "two pages"),
        (["--numbers", "--format", "slides"], "--numbers is no slide"),
        (["--diagram", "--exercises"], "--exercises is a page of its own"),
        (["--solutions", "end"], "--solutions belongs to --exercises"),
        (["--seed", "1"], "--seed belongs to"),
        (["--diagram", "--retention", "1"], "--retention belongs to --backward"),
        (["--format", "slides", "--out", "talk.pptx"], "slides are written as pdf or svg"),
    ],
)
def test_what_does_not_go_together_is_told(derive, tmp_path, arguments, words):
    with pytest.raises(GatedsymError, match=words):
        derive(*arguments)
    assert list(tmp_path.iterdir()) == []


def test_numbers_and_exercises_are_printed_or_written(derive, tmp_path):
    assert "A worked example: rnn with numbers" in derive("--numbers")
    assert derive("--numbers", "--seed", "1") != derive("--numbers", "--seed", "2")
    derive("--exercises", "--format", "html", "--out", "sheet.html")
    assert "<details>" in (tmp_path / "sheet.html").read_text("utf-8")
    assert "<details>" not in derive("--exercises")
    assert "Solution" not in derive("--exercises", "--solutions", "none")


@pytest.mark.long
def test_the_backward_drawing_and_slides_are_written(derive, tmp_path):
    derive("--diagram", "--backward", "--seed", "1")
    derive("--format", "slides", "--out", "talk.pdf")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rnn-backward.pdf", "rnn-backward.svg", "talk.pdf"]
