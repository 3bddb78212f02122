"""The page on the study says what the committed runs say."""

import importlib.util
from pathlib import Path

from gatedsym.figures.caption import Text
from gatedsym.trainability.claims import committed_runs
from gatedsym.trainability.sentences import coverage, five_sentences

DOCS = Path(__file__).parents[2] / "derivations" / "docs"


def test_the_five_sentences_of_the_page_follow_from_the_committed_runs():
    data, page = committed_runs(), (DOCS / "trainability.md").read_text("utf-8")
    for number, sentence in enumerate(five_sentences(data), 1):
        assert f"\n{number}. {Text(sentence).plain}\n" in page
    assert f"\n{coverage(data)}\n" in page


def test_the_page_is_as_it_is_written_from_the_committed_runs():
    spec = importlib.util.spec_from_file_location("tell_trainability", DOCS / "tell_trainability.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "trainability.md").read_text("utf-8") == module.page(committed_runs()), (
        "write it again: python derivations/docs/tell_trainability.py"
    )


def test_the_committed_runs_are_of_the_committed_grid():
    from gatedsym.trainability.grid import read_grid

    assert committed_runs().attrs["grid"] == read_grid(DOCS / "trainability" / "grid.toml").digest
