"""What README.md and the pages in derivations/docs show runs: Python word for word, commands by their parser."""

import re
import runpy
import shlex
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from gatedsym.cli import app
from gatedsym.errata import ERRATA
from gatedsym.flow import fitted_rate, gradient_flow
from gatedsym.library import load as library
from gatedsym.library.load import generated_folder

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / ".github" / "CONTRIBUTING.md",
    *sorted((ROOT / "derivations" / "docs").glob("*.md")),
]
CHEAP = ("new", "derive", "cells", "prove")
LONG = ("--tree", "--errata", "--equivalences", "slides")


def blocks(page):
    """(language, text) of each block of code."""
    return re.findall(r"^```(\w*)\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def programs(page):
    """The blocks of Python that are no piece of a generated module, which another test holds against the module."""
    kernels = "\n".join(line.strip() for line in (generated_folder() / "lstm.py").read_text("utf-8").splitlines())
    pieces = [text for language, text in blocks(page) if language == "python"]
    return [p for p in pieces if "\n".join(line.strip() for line in p.strip().splitlines()) not in kernels]


def shell_lines(page):
    """(words, comment) of each command: those of blocks, and those in the middle of a sentence."""
    lines = [line for language, text in blocks(page) if language in ("", "sh") for line in text.splitlines()]
    lines += re.findall(r"`(gatedsym [^`]+)`", re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL))
    for line in lines:
        if line.split(" ")[0] in ("gatedsym", "pip", "pytest", "python"):
            command, _, comment = line.partition(" #")
            for part in command.split("&&"):
                yield shlex.split(part), comment


COMMANDS = [(page.name, words, comment) for page in PAGES for words, comment in shell_lines(page)]


def shown_outputs(page):
    """(program, what it prints) of each block of Python that a block of text follows."""
    known = blocks(page)
    return [(one[1], other[1]) for one, other in pairwise(known) if one[0] == "python" and other[0] == "text"]


@pytest.mark.parametrize("page", [p for p in PAGES if programs(p)], ids=lambda p: p.stem)
@pytest.mark.long
def test_python_that_a_page_shows_runs_word_for_word_and_prints_what_it_says(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    known, printed = {}, {}
    for number, text in enumerate(programs(page)):
        for framework in re.findall(r"^import (torch|jax)$", text, re.M):
            pytest.importorskip(framework)
        (tmp_path / f"block_{number}.py").write_text(text, "utf-8")
        known |= runpy.run_path(str(tmp_path / f"block_{number}.py"), init_globals=known)
        printed[text] = capsys.readouterr().out
    for text, output in shown_outputs(page):
        assert printed[text] == output, text
    if page.name == "README.md":
        assert {p.suffix for p in tmp_path.glob("gradient-norm.*")} >= {".pdf", ".svg", ".png", ".csv", ".nc"}
        assert known["run"]["i"].shape == (100, 4, 64)
        assert all(np.isfinite(v).all() for v in known["grads"].params.values())


def test_files_that_a_page_names_exist():
    """Paths from the root, in backticks; a word in capitals stands for a name."""
    seen = 0
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
        for path in re.findall(r"`((?:gatedsym|tests|derivations|generated|\.ci|\.github)/[^`\s]*)`", text):
            pattern = re.sub(r"[A-Z]{2,}", "*", path.split("::")[0])
            assert any(ROOT.glob(pattern.rstrip("/"))), (page.name, path)
            seen += 1
    assert seen > 60


def test_every_command_that_a_page_shows_is_one_that_the_program_takes():
    program = get_command(app)
    of_no_command = {"--help"}.union(*(p.opts for p in program.params))
    seen = [words for _, words, _ in COMMANDS if words[0] == "gatedsym"]
    assert len(seen) > 30
    for words in seen:
        if words[1].startswith("-"):
            assert set(words[1:]) <= of_no_command, words
            continue
        context = program.commands[words[1]].make_context(words[1], words[2:])
        assert context.command.name == words[1]


def test_options_that_comments_name_are_those_of_their_command():
    known = get_command(app).commands
    for _, words, comment in COMMANDS:
        if words[0] == "gatedsym" and words[1] in known:
            options = {option for p in known[words[1]].params for option in p.opts}
            assert set(re.findall(r"--[a-z-]+", comment)) <= options, (words, comment)


def test_extras_and_flags_of_the_tests_exist(pytestconfig):
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    extras = project[project.index("[project.optional-dependencies]") :]
    for _, words, _ in COMMANDS:
        for extra in re.findall(r"\.\[(\w+)\]", " ".join(words)) if words[0] == "pip" else []:
            assert re.search(rf"^{extra} = ", extras, re.M)
    for flag in re.findall(r"`pytest (--[a-z-]+)", (ROOT / "README.md").read_text("utf-8")):
        assert pytestconfig.getoption(flag, default=None) is not None, flag


@pytest.mark.parametrize("page", ["README.md", "adding-a-cell.md", pytest.param("lesson.md", marks=pytest.mark.long)])
def test_cheap_commands_of_a_page_run_one_after_the_other(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = next(p for p in PAGES if p.name == page)
    typed = [text for language, text in blocks(path) if language == "" and re.match(r"\w+ in R\^", text)]
    ran = 0
    for name, words, _ in COMMANDS:
        if name != page or words[:1] != ["gatedsym"] or words[1] not in CHEAP or set(LONG) & set(words):
            continue
        if words[1] == "prove" and not words[2:]:
            continue  # all of the library
        done = CliRunner().invoke(app, words[1:], catch_exceptions=False)
        assert done.exit_code == 0, (words, done.output)
        ran += 1
        if words[1] == "new" and page != "README.md":
            Path(f"{words[2]}.txt").write_text(typed[0], "utf-8")  # what the page says to put there
    assert ran >= 4


SENTENCE = (
    r"With zero biases the gradient of an LSTM or a GRU is multiplied by ([\d.]+) at every step under "
    r"U\(±1/√n\) and by ([\d.]+) under Xavier initialisation .*?; the RNN's by ([\d.]+) and ([\d.]+)\."
)


def test_the_factors_in_the_readme_are_measured():
    """As under the figure, with fewer and shorter runs: eight networks leave the third digit open."""
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    written = [float(number) for number in re.search(SENTENCE, text).groups()]
    flow = gradient_flow(["rnn", "lstm", "gru"], "text", n=64, seeds=8, lags=120, batch=1, retention=0.0)
    factors = 10 ** fitted_rate(flow[["log10_norm"]].sel(quantity="h")).isel(gain=0)

    def measured(cell, retention):
        return [float(factors.sel(cell=cell, retention=retention, init=init)) for init in ("uniform", "xavier")]

    for cell in ("lstm", "gru"):
        assert measured(cell, "0") == pytest.approx(written[:2], abs=0.02)
    assert measured("rnn", "none") == pytest.approx(written[2:], abs=0.03)


def test_the_lines_of_a_cell_by_hand_are_as_many_as_the_page_on_torch_says():
    page = ROOT / "derivations" / "docs" / "torch.md"
    (program,) = (text for language, text in blocks(page) if "class Alone" in text)
    by_hand = re.search(r"^class Alone.*?(?=^layer, alone)", program, re.DOTALL | re.MULTILINE).group()
    counted = sum(bool(line.strip()) for line in by_hand.splitlines())
    assert f"in place of {counted} lines of Python" in page.read_text("utf-8").replace("\n", " ")


def test_counts_in_the_readme_are_those_of_the_library():
    text = (ROOT / "README.md").read_text("utf-8")
    (count,) = re.findall(r"^(\d+) recurrent cells", text, re.MULTILINE)
    assert int(count) == len(library.names())
    words = dict(zip(("eight", "nine", "ten", "eleven", "twelve", "thirteen"), range(8, 14)))
    (errata,) = re.findall(r"# (\w+) errors that texts repeat", text)
    assert words[errata] == len(ERRATA)


def test_a_block_that_does_not_run_would_be_found(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("```python\ny = x\n```\n")
    (text,) = programs(path)
    (tmp_path / "block.py").write_text(text)
    with pytest.raises(NameError):
        runpy.run_path(str(tmp_path / "block.py"))
