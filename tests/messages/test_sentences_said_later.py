"""An object that is there for its numbers holds its sentences by name: they are said when somebody reads them."""

import copy
import pickle
import subprocess
import sys
from dataclasses import dataclass, replace

import pytest

from gatedsym.files.fingerprint import Sources
from gatedsym.messages.later import Sentence, later, told

words = later("learning")


@told("about")
@dataclass(frozen=True)
class Noted:
    name: str
    about: str
    size: int = 1


TWO = "2 numbers"


@pytest.fixture
def noted():
    return Noted("one", words("task-outputs-of-numbers", count=2))


def test_a_field_that_is_told_reads_as_the_text(noted):
    assert noted.about == TWO
    assert isinstance(noted.about, str)
    assert repr(noted) == f"Noted(name='one', about='{TWO}', size=1)"


def test_a_text_that_somebody_gave_stays(noted):
    assert Noted("one", TWO) == noted
    assert Noted("one", "of my own") != noted
    assert replace(noted, size=2).about == TWO


def test_pickles_and_copies_keep_the_name_of_the_message(noted):
    for again in (pickle.loads(pickle.dumps(noted)), copy.deepcopy(noted)):
        assert again == noted
        assert vars(again)["about"] == Sentence("learning", "task-outputs-of-numbers", (("count", 2),))


def test_a_wrong_variable_is_refused_when_the_sentence_is_read():
    wrong = Noted("one", words("task-outputs-of-numbers", counts=2))
    with pytest.raises(LookupError, match="needs count: give what en/learning"):
        wrong.about  # noqa: B018


def test_a_task_is_made_and_trained_on_without_its_sentences():
    code = (
        "import sys, gatedsym as gs\ntask = gs.tasks.recall(T=5)\ntask.batch(0), hash(task)\n"
        "print('fluent' in sys.modules, len(task.about) > 40, 'fluent' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False True True\n"


def test_no_number_of_a_training_hangs_on_the_words_of_a_task():
    closure = Sources.of_package().closure("gatedsym.learning.training", "gatedsym.learning.catalogue")
    assert "gatedsym/learning/tasks/recall.py" in closure.files
    assert "gatedsym/messages/en/tasks.ftl" not in closure.files
    assert "fluent" not in closure.libraries
