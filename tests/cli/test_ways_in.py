"""The command is the same from a script, from ``python -m gatedsym`` and with words that a shell completes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from gatedsym.cli import app
from gatedsym.cli.arguments import complete_cell
from gatedsym.library import load as library

SCRIPT = ("-c", "import sys; sys.argv[0] = '/somewhere/bin/gatedsym'; from gatedsym.cli import main; main()")
MODULE = ("-m", "gatedsym")


def said_by(way: tuple[str, ...], *words: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, *way, *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "words",
    [("--help",), ("--version",), ("derive", "--help"), ("derive", "lstn"), ("derive",), ("no-such-command",), ()],
    ids=" ".join,
)
@pytest.mark.sampled
def test_the_module_says_what_the_script_says(words: tuple[str, ...]) -> None:
    assert said_by(MODULE, *words) == said_by(SCRIPT, *words)


def test_the_module_calls_itself_by_the_name_of_the_command() -> None:
    assert said_by(MODULE, "derive", "--help")[1].startswith("Usage: gatedsym derive ")


@pytest.fixture
def bash(tmp_path: Path):
    """What a line of bash prints where `gatedsym` is a command, in a home of its own."""
    script = tmp_path / "bin" / "gatedsym"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m gatedsym "$@"\n')
    script.chmod(0o755)
    env = {**os.environ, "HOME": str(tmp_path), "PATH": f"{script.parent}:{os.environ['PATH']}"}

    def run(line: str) -> str:
        done = subprocess.run(
            ["bash", "--norc", "-c", f"{line}\ntrue"], env=env, capture_output=True, text=True, check=False
        )
        assert done.stderr == ""
        return done.stdout

    return run


def completed(bash, before: str, *words: str) -> list[str]:
    """What the completion that `before` loads offers for the last of the words."""
    quoted = " ".join(f"'{word}'" for word in words)
    return bash(
        f"{before}\n"
        f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}\n"
        "work=$(complete -p gatedsym); work=${work#*-F }; ${work%% *} gatedsym\n"
        'printf "%s\\n" "${COMPREPLY[@]}"'
    ).split()


SHOWN = 'eval "$(gatedsym --show-completion)"'


@pytest.mark.long
def test_a_shell_completes_commands_cells_and_formats(bash) -> None:
    assert completed(bash, SHOWN, "gatedsym", "de") == ["derive"]
    assert completed(bash, SHOWN, "gatedsym", "derive", "lstm_p") == [
        name for name in library.names() if name.startswith("lstm_p")
    ]
    assert completed(bash, SHOWN, "gatedsym", "report", "gru", "rh") == ["rhn", "rhn_uncoupled"]
    assert completed(bash, SHOWN, "gatedsym", "derive", "lstm", "--format", "m") == ["markdown"]


def test_words_that_no_cell_begins_with_are_left_to_the_shell(bash) -> None:
    assert completed(bash, SHOWN, "gatedsym", "derive", "my_own") == []
    assert "-o default" in bash(f"{SHOWN}; complete -p gatedsym")  # where nothing is offered: names of files


@pytest.mark.parametrize(
    ("shell", "more", "sign"),
    [
        ("zsh", {}, '"rhn"\n"rhn_uncoupled"'),
        ("fish", {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}, "rhn\nrhn_uncoupled"),
    ],
    ids=["zsh", "fish"],
)
def test_other_shells_are_answered_when_they_ask(shell: str, more: dict[str, str], sign: str) -> None:
    """As their completion scripts ask: by what stands in the environment."""
    asked = {"_GATEDSYM_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": "gatedsym prove rhn"}
    done = subprocess.run(
        [sys.executable, *MODULE], env={**os.environ, **asked, **more}, capture_output=True, text=True, check=False
    )
    assert sign in done.stdout
    assert done.stderr == ""


def test_completion_is_installed_for_the_next_shell(bash, tmp_path: Path) -> None:
    bash("gatedsym --install-completion")
    assert completed(bash, f". {tmp_path / '.bashrc'}", "gatedsym", "prove", "mut1") == ["mut1", "mut1_weighted"]


def test_every_argument_that_is_a_cell_is_completed() -> None:
    offered = {
        name: [item.value for item in argument.shell_complete(None, "lstm_1997")]
        for name, command in get_command(app).commands.items()
        for argument in command.params
        if argument.param_type_name == "argument" and argument.name in ("cell", "cells")
    }
    assert set(offered) == {
        "report",
        "flow",
        "cells",
        "derive",
        "prove",
        "generate",
        "stack",
        "check",
        "learn",
        "trainability",
    }
    assert all(names == ["lstm_1997", "lstm_1997_tanh", "lstm_1997_truncated"] for names in offered.values())


def test_completing_loads_nothing_heavy() -> None:
    code = "import sys; from gatedsym.cli.arguments import complete_cell; complete_cell('ls'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert complete_cell("ls")
    assert not {"sympy", "numpy", "numba", "lark"} & set(done.stdout.split())
