"""Every message is said and every message said is there, with exactly its variables and a note of where it stands."""

import re

import pytest
import said

from gatedsym.messages import room
from gatedsym.messages.rooms import FOLDER, LANGUAGE

ROOMS = sorted(path.stem for path in (FOLDER / LANGUAGE).glob("*.ftl"))


@pytest.fixture(scope="module")
def calls():
    return said.all_said()


def test_only_files_of_messages_stand_in_the_folder():
    assert {path.suffix for path in (FOLDER / LANGUAGE).iterdir()} == {".ftl"}


@pytest.mark.parametrize("name", ROOMS)
def test_every_message_is_said_somewhere(name, calls):
    messages = room(name).bundle.messages
    used = {message for call in calls if call.room == name for message in call.names(messages)}
    assert sorted(messages.keys() - used - referred_to(name)) == []


def referred_to(name):
    """Messages that others of the file take into themselves."""
    from fluent.syntax import FluentParser, ast

    from gatedsym.messages.bundle import _found

    text = (FOLDER / LANGUAGE / f"{name}.ftl").read_text("utf-8")
    return {reference.id.name for reference in _found(FluentParser().parse(text), ast.MessageReference)}


@pytest.mark.parametrize("name", ROOMS)
def test_every_message_has_a_note_of_where_it_stands(name):
    short = [m.name for m in room(name).bundle.messages.values() if len(m.comment.split()) < 3]
    assert short == []


@pytest.mark.parametrize("name", ROOMS)
def test_a_note_names_each_variable_of_its_message_and_no_other(name):
    """A translator reads one message at a time."""
    told = {m: set(re.findall(r"\$([A-Za-z][\w-]*)", m.comment)) for m in room(name).bundle.messages.values()}
    assert [(m.name, sorted(m.variables - names)) for m, names in told.items() if m.variables - names] == []
    assert [(m.name, sorted(names - m.variables)) for m, names in told.items() if names - m.variables] == []


def problems(calls, messages_of):
    """Calls whose message is not there, or has other variables."""
    for call in calls:
        messages = messages_of(call.room)
        if not call.names(messages):
            yield f"{call.where}: {call.room}.ftl has no message {call.name}"
        for name in call.names(messages):
            if call.variables is not None and call.variables != messages[name].variables:
                wanted = ", ".join(sorted(messages[name].variables)) or "none"
                yield f"{call.where}: {name} has the variables {wanted}"


def test_every_message_that_is_said_is_there_with_exactly_its_variables(calls):
    assert len(calls) > 20
    assert list(problems(calls, lambda name: room(name).bundle.messages)) == []


MODULE = """
from gatedsym.messages import room

say = room("learning")
as_html = room("learning").html


def lines(task, more):
    yield {call}
"""
FAULTS = {
    'say("task-lost")': "one.py:9: learning.ftl has no message task-lost",
    'say("task-loss", size=1)': "one.py:9: task-loss has the variables none",
    'say.spans("task-metric-larger")': "one.py:9: task-metric-larger has the variables metric",
    'as_html("task-checked", check=1)': "one.py:9: task-checked has the variables checked",
    'room("learning")("task-checked")': "one.py:9: task-checked has the variables checked",
    'later("learning")("task-checked")': "one.py:9: task-checked has the variables checked",
    'say(f"task-asked{task}", step=1)': "one.py:9: task-asked has the variables answers, step",
    'say("task-loss" if more else "loss")': "one.py:9: learning.ftl has no message loss",
}


@pytest.mark.parametrize("call", FAULTS)
def test_a_message_said_wrongly_is_found(call, tmp_path):
    path = tmp_path / "one.py"
    path.write_text(MODULE.replace("{call}", call), "utf-8")
    found = list(problems(said.said_in_module(path), lambda name: room(name).bundle.messages))
    assert FAULTS[call] in found


@pytest.mark.parametrize("call", ["say(task.name)", 'say("task-lags", **more)', "say()", 'say(f"{task}-lags")'])
def test_a_name_or_variables_that_nobody_can_check_are_found(call, tmp_path):
    path = tmp_path / "one.py"
    path.write_text(MODULE.replace("{call}", call), "utf-8")
    with pytest.raises(AssertionError, match="write the"):
        list(said.said_in_module(path))


def test_calls_in_a_template_are_found(tmp_path):
    path = tmp_path / "learning" / "page.html.j2"
    path.parent.mkdir()
    path.write_text(
        '<p>{{ say("task-lost") }}{% if x %}{{ say("task-loss" if x else "task-cues", n=1) }}{% endif %}</p>'
    )
    found = list(problems(said.said_in_template(path, tmp_path), lambda name: room(name).bundle.messages))
    assert [text.split(": ")[1] for text in found] == [
        "learning.ftl has no message task-lost",
        "task-loss has the variables none",
        "task-cues has the variables none",
    ]
