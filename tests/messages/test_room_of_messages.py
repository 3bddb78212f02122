"""A room says its messages: whole, with exactly their variables, escaped for what they are printed to."""

import subprocess
import sys

import numpy as np
import pytest
from markupsafe import Markup

from gatedsym.messages import room, rooms
from gatedsym.messages.bundle import read_bundle

TEXT = """\
# Here.
plain = Nothing varies.
# Here.
two = { $left } and
    <b>{ $right }</b> agree.

    A second paragraph.
# Here.
counted = { $count ->
    [0] No line is
    [one] One line is
   *[other] { $count } lines are
} wrong in { $cell }.
# Here.
chosen = The { $kind ->
    [state] state's
   *[output] output's
} adjoint.
# Here.
braces = {"{"}x{"}"}
# Here.
whole = { counted } { -house } says so.
-house = gatedsym
"""


@pytest.fixture
def say(tmp_path, monkeypatch):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "made.ftl").write_text(TEXT, "utf-8")
    monkeypatch.setattr("gatedsym.messages.rooms.FOLDER", tmp_path)
    yield room("made")
    rooms._bundle.cache_clear()


def test_a_message_is_printed_with_its_variables(say):
    assert say("plain") == "Nothing varies."
    assert say("braces") == "{x}"
    assert say("whole", count=1, cell="gru") == "One line is wrong in gru. gatedsym says so."


def test_lines_of_a_message_become_one_and_an_empty_line_stays(say):
    assert say("two", left="a", right="b") == "a and <b>b</b> agree.\n\nA second paragraph."
    assert say("two", left="a\nc", right="b").startswith("a\nc and"), "a variable's own lines are left alone"


def test_counts_choose_plurals_and_are_printed_plainly(say):
    said = [say("counted", count=n, cell="gru") for n in (0, 1, 2, 12345, np.int64(1), -3)]
    assert said == [
        "No line is wrong in gru.",
        "One line is wrong in gru.",
        "2 lines are wrong in gru.",
        "12345 lines are wrong in gru.",
        "One line is wrong in gru.",
        "-3 lines are wrong in gru.",
    ]


def test_words_choose_variants(say):
    assert say("chosen", kind="state") == "The state's adjoint."
    assert say("chosen", kind="anything") == "The output's adjoint."


def test_html_escapes_variables_but_not_words_and_markup(say):
    said = say.html("two", left="<&>", right=Markup("<i>n</i>"))
    assert isinstance(said, Markup)
    assert said.startswith("&lt;&amp;&gt; and <b><i>n</i></b> agree.")


def test_spans_leave_objects_among_the_words(say):
    box = object()
    assert say.spans("two", left=box, right=("f", box, "")) == (
        box, " and <b>", "f", box, "</b> agree.\n\nA second paragraph.",
    )  # fmt: skip


def test_a_variable_is_as_long_as_it_is_and_never_read_as_a_message(say):
    long = "{ $cell } " * 1000
    assert say("counted", count=1, cell=long) == f"One line is wrong in {long}."


@pytest.mark.parametrize(
    ("name", "variables", "refusal"),
    [
        ("lost", {}, r"en/made\.ftl has no message 'lost': add it"),
        ("counted", {"count": 1}, r"'counted' needs cell: give what en/made\.ftl names\."),
        ("plain", {"count": 1}, r"'plain' has no count: give only"),
        ("whole", {"cell": ""}, r"'whole' needs count"),
    ],
)
def test_a_missing_message_and_missing_or_surplus_variables_are_refused(say, name, variables, refusal):
    for way in (say, say.html, say.spans):
        with pytest.raises(LookupError, match=refusal):
            way(name, **variables)


@pytest.mark.parametrize("value", [1.0, np.float32(1), True, None, 1j])
def test_what_has_no_printed_form_yet_is_refused(say, value):
    for way in (say, say.html, say.spans):
        with pytest.raises(TypeError, match=r"give a text, formatted, or a count\."):
            way("counted", count=1, cell=value)


def test_objects_are_refused_in_text_and_where_they_would_choose(say):
    with pytest.raises(TypeError, match="say it as spans or as HTML"):
        say("two", left=object(), right="b")
    with pytest.raises(TypeError, match="chooses between variants"):
        say.spans("chosen", kind=object())


def test_a_room_without_a_file_is_refused():
    with pytest.raises(LookupError, match=r"no messages for 'attic': write en/attic\.ftl\."):
        room("attic")("any")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("a = b\nno message\n", "the entry at line 2, is not Fluent"),
        ("a = b\n\na = c\n", "the entry at line 3, names a again"),
        ("a = b\n    .title = c\n", "gives a attributes"),
        ("a =\n    .title = c\n", "gives a attributes"),
        ("a = { NUMBER($n) }\n", "calls a function in a"),
        ("a = { b }\n", "a refers to b, which is not there"),
        ("a = { -b }\n", "a refers to -b, which is not there"),
        ("a = { b }\nb = { a }\n", "a leads to a twice"),
    ],
)
def test_a_file_that_cannot_be_printed_is_refused_with_its_place(text, refusal, tmp_path):
    path = tmp_path / "bad.ftl"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=refusal):
        read_bundle(path, "en")


def test_fluent_is_loaded_when_the_first_message_is_said():
    code = (
        "import sys\nfrom gatedsym.messages import room\nsay = room('learning')\nbefore = 'fluent' in sys.modules\n"
        "say('task-loss')\nprint(before, 'fluent' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False True\n"
