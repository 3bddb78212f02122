"""Messages of errors are sentences: each ends with a full stop, or with another error's message."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import gatedsym
from gatedsym import errors

PACKAGE = Path(gatedsym.__file__).parent
OURS = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
OURS -= {"EquationError"}  # a sentence, then line and caret
SENTENCES = {"error", "hint", "mend", "missing", "reason"}
"""Names of variables that hold a sentence, or the end of one."""


def messages(source: str) -> Iterator[tuple[int, str]]:
    """Where an error of ours is raised with a text in place, and how the text ends."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args):
            continue
        if not (isinstance(node.exc.func, ast.Name) and node.exc.func.id in OURS):
            continue
        text = node.exc.args[0]
        last = text.values[-1] if isinstance(text, ast.JoinedStr) else text
        if isinstance(last, ast.Constant):
            yield node.lineno, str(last.value)
        elif isinstance(last, ast.FormattedValue):
            yield node.lineno, f"{{{ast.unparse(last.value)}}}"


def is_sentence(end: str) -> bool:
    return end.endswith(".") or end.strip("{}") in SENTENCES


@pytest.mark.parametrize("room", sorted(p.name for p in PACKAGE.iterdir() if p.is_dir() and any(p.glob("*.py"))))
def test_messages_end_with_a_full_stop(room: str) -> None:
    for path in sorted((PACKAGE / room).rglob("*.py")):
        open_ends = [end for end in messages(path.read_text("utf-8")) if not is_sentence(end[1])]
        foreign = room == "bench"  # hands on what another process has said
        assert not [e for e in open_ends if not (foreign and e[1].startswith("{"))], path


def test_the_scan_sees_messages_of_each_kind() -> None:
    raised = "raise ArgumentError({})"
    for text, ends in (('"a"', "a"), ('"a" f"{b}"', "{b}"), ('f"{a} b."', " b."), ('f"{error}"', "{error}")):
        assert [end for _, end in messages(raised.format(text))] == [ends]
    assert [is_sentence(end) for end in ("a.", "a", "{b}", "{error}")] == [True, False, False, True]
