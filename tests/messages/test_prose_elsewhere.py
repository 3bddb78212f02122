"""No sentence stands in code or templates of the rooms that print prose: all of it stands in files of messages."""

from pathlib import Path

import prose
import pytest

PACKAGE = Path(__file__).parents[2] / "gatedsym"
PLACES = (
    "typesetting/**/*.py",
    "diagrams/**/*.py",
    "figures/**/*.py",
    "report/**/*.py",
    "checking/**/*.py",
    "course/**/*.py",
    "learning/*page*.py",
    "learning/tasks/*.py",
    "errata/*.py",
    "cli/verify.py",
    "cli/generate.py",
    "cli/learn.py",
    "cli/messages.py",
    "cli/prove.py",
    "cli/sweep.py",
    "cli/tasks.py",
    "sweep/summary.py",
    "**/*.j2",
)
"""Files that print sentences: derivations, drawings, captions, pages, the checker's answers, exercises."""
NO_PROSE = {
    "Iowan Old Style": "a font",
    "Noto Sans CJK": "a font",
    "Source Han Sans": "a font",
    "WenQuanYi Zen Hei": "a font",
    "WenQuanYi Micro Hei": "a font",
    "Hiragino Sans GB": "a font",
    "Droid Sans Fallback": "a font",
    "Arial Unicode MS": "a font",
    "outside upper center": "a place of matplotlib's",
    "the reason for": "a comment in a LaTeX file, for who edits it",
    "The document loads": "a comment in a LaTeX file, for who takes it in",
    "Take it in": "a comment in a LaTeX file, for who takes it in",
    "is no list": "a reason in an error",
    "is no mapping": "a reason in an error",
    "it gives no": "a reason in an error",
    "cannot be written": "an error",
    "pair asked for": "a cue's name, under which its skill is kept",
}


def watched():
    return sorted({path for place in PLACES for path in PACKAGE.glob(place)})


def prose_of(path):
    found = [(line, words) for line, words in prose.prose_in(path) if words not in NO_PROSE]
    return [f"{path.relative_to(PACKAGE).as_posix()}:{line}: {words} …" for line, words in found]


def test_sentences_stand_in_files_of_messages():
    paths = watched()
    assert len(paths) > 20
    assert [found for path in paths for found in prose_of(path)] == []


@pytest.mark.parametrize(
    "source",
    [
        'line = "The loss reads it directly."',
        'yield f"{letter} reaches the loss, and {other} with it"',
        'told("{} is no state: no later step reads it", letter)',
        'TABLE = {"one": ("words that stand in a table", 1)}',
        "yield f\"at {place('in a text inside a text')}\"",
    ],
)
def test_a_sentence_in_a_module_is_found(source):
    assert prose.prose_in_module(f"def one():\n    {source}\n") != []


@pytest.mark.parametrize(
    "source",
    [
        '"""The docstring of a module, in words."""',
        'raise ValueError(f"{name} is not one of these cells: name one.")',
        'say("the-loss-reads-it", state=state)',
        'pattern = r"\\newcommand{\\why}[1]{{\\leftskip=1.5em #1\\par}}"',
        'style = "fill: none; stroke-width: 2"',
        'code = "h = tanh(W @ x + U @ h + b)"',
        'names = "h c n".split()',
    ],
)
def test_what_is_no_sentence_is_left_alone(source):
    assert prose.prose_in_module(source) == []


def test_sentences_in_a_template_are_found_and_tags_are_not():
    page = """<!-- words of a comment -->
    <p class="one two three">{{ say('name') }}</p>
    <b>Each</b> row is one row of the table."""
    assert [words for _, words in prose.prose_in_template(page)] == ["Each row is"]
