"""Examples in the docstrings of public names run, and show what they say; every public function has one."""

import doctest
import inspect
import warnings

import pytest
from public_names import ROOMS, public, results, typed_classes, typed_methods

import gatedsym as gs

NEEDS = {"gatedsym.figures.live_gradient": "torch", "gatedsym.learning.catalogue.digits": "sklearn"}
"""What the example of a name needs that its room does not."""
USED = (*ROOMS[:6], "results")
"""Rooms on the way; the others stand beside it."""


def things(room):
    """(dotted name, thing) of each public name of a room, and of each method that a person types."""
    named = list(results() if room == "results" else public(room))
    for name, thing in named:
        yield name, thing
        if inspect.isclass(thing):
            yield from typed_methods(name, thing)


def function_of(thing):
    """The function that a property computes by, or the thing itself."""
    return thing.fget if isinstance(thing, property) else getattr(thing, "func", thing)


def examples(name, thing):
    """The examples of a docstring, which import what they use."""
    finder = doctest.DocTestFinder(recurse=False)
    return [found for found in finder.find(thing, name, module=False, globs={}) if found.examples]


def fails(found):
    """What the runs of some examples say of failures."""
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE, verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a few small networks: a reader is warned of, an example shows the call
        for one in found:
            runner.run(one, out=said.append)
    return said


def shown_words(name, thing):
    """All that the examples of a docstring run, as text."""
    return "".join(example.source for found in examples(name, thing) for example in found.examples)


CASES = [pytest.param(*case, id=case[0].removeprefix("gatedsym.")) for room in USED for case in things(room)]


@pytest.mark.parametrize(("name", "thing"), CASES)
@pytest.mark.sampled
def test_examples_of_a_public_name_run(name, thing, tmp_path, monkeypatch):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name], reason="the framework is not installed")
    monkeypatch.chdir(tmp_path)
    assert "".join(fails(examples(name, thing))) == ""


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in USED])
@pytest.mark.long
def test_examples_of_a_room_beside_the_way_run(room, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "".join(fails([one for name, thing in things(room) for one in examples(name, thing)])) == ""


@pytest.mark.parametrize("room", [*ROOMS, "results"])
def test_every_public_name_has_an_example(room):
    named = results() if room == "results" else public(room)
    assert [name for name, thing in named if not examples(name, thing)] == []


@pytest.mark.parametrize("room", [*ROOMS, "results"])
def test_every_method_that_a_person_types_is_shown(room):
    """By an example of its own, or by one of its class that calls it."""
    hidden = []
    for name, held in results() if room == "results" else typed_classes(room):
        called = shown_words(name, held)
        for method, thing in typed_methods(name, held):
            if inspect.isfunction(thing) and not examples(method, thing):
                hidden += [method] if f".{method.rpartition('.')[2]}(" not in called else []
    assert hidden == []


def test_no_example_is_skipped_but_where_it_cannot_run():
    skipped = {
        name
        for room in (*ROOMS[:6], "gatedsym.conventions", "gatedsym.sweep", "gatedsym.trainability", "results")
        for name, thing in things(room)
        for found in examples(name, thing)
        if any(doctest.SKIP in example.options for example in found.examples)
    }
    assert skipped == {"gatedsym.trainability.read_runs"}  # it reads what the example of `run` makes in half a minute


def test_an_example_that_is_wrong_is_found():
    def wrong():
        """Add.

        >>> 1 + 1
        3
        """

    assert "Expected:" in "".join(fails(examples("wrong", wrong)))
    assert gs.Cell.forward.__doc__.count(">>>") > 2
