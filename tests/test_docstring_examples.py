"""Examples in the docstrings of public names run, and show what they say; every public function has one."""

import doctest
import importlib
import inspect
import warnings

import pytest

import gatedsym as gs

ROOMS = (
    "gatedsym",
    "gatedsym.flow",
    "gatedsym.figures",
    "gatedsym.learning.catalogue",
    "gatedsym.composition.head",
    "gatedsym.learning.optimisers",
    "gatedsym.conventions",
    "gatedsym.sweep",
    "gatedsym.torch",
    "gatedsym.jax",
)
HELD = (gs.Cell, gs.Bidirectional, gs.Network)
"""Classes whose methods are typed by a person."""
FRAMEWORKS = {"gatedsym.torch": "torch", "gatedsym.jax": "jax"}
WITHOUT = {
    "gatedsym.conventions.Block",
    "gatedsym.conventions.Framework",
    "gatedsym.conventions.Layer",
    "gatedsym.conventions.Layout",
    "gatedsym.conventions.StackedArray",
    "gatedsym.conventions.WeightFile",
    "gatedsym.conventions.export_parameters",
    "gatedsym.conventions.find_layers",
    "gatedsym.conventions.find_layout",
    "gatedsym.conventions.open_weights",
    "gatedsym.conventions.why_not_named",
    "gatedsym.figures.live_gradient",
    "gatedsym.figures.speed",
    "gatedsym.learning.optimisers.NAMED",
    "gatedsym.learning.optimisers.Optimiser",
    "gatedsym.sweep.Behind",
    "gatedsym.sweep.Experiment",
    "gatedsym.sweep.Store",
    "gatedsym.sweep.experiments",
    "gatedsym.sweep.run",
    "gatedsym.sweep.train_point",
    "gatedsym.torch.Watcher",
}
"""Names whose docstring has no example: records, and what needs files, a framework or minutes."""


def public(room):
    """(dotted name, thing) of each public name of a room that is no room, no warning and no error."""
    if room in FRAMEWORKS:
        pytest.importorskip(FRAMEWORKS[room], reason="the framework is not installed")
    module = importlib.import_module(room)
    for name in module.__all__:
        thing = getattr(module, name)
        if not (inspect.ismodule(thing) or (inspect.isclass(thing) and issubclass(thing, BaseException))):
            yield f"{room}.{name}", thing


def methods():
    """(dotted name, method) of what a person calls."""
    for held in HELD:
        for name, method in vars(held).items():
            if not name.startswith("_") and (inspect.isfunction(method) or isinstance(method, property)):
                yield f"{held.__name__}.{name}", method


def examples(name, thing):
    """The examples of a docstring, in the names of the module that it stands in."""
    module = inspect.getmodule(inspect.unwrap(thing.fget if isinstance(thing, property) else thing))
    finder = doctest.DocTestFinder(recurse=False)
    return [found for found in finder.find(thing, name, module=False, globs=dict(vars(module))) if found.examples]


def fails(found):
    """What the runs of some examples say of failures."""
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE, verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a few small networks: a reader is warned of, an example shows the call
        for one in found:
            runner.run(one, out=said.append)
    return said


CASES = [(room, name) for room in ROOMS[:6] for name in importlib.import_module(room).__all__]


@pytest.mark.parametrize(("room", "name"), CASES, ids=lambda part: part.removeprefix("gatedsym."))
@pytest.mark.sampled
def test_examples_of_a_public_name_run(room, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    thing = getattr(importlib.import_module(room), name)
    found = [] if inspect.ismodule(thing) or isinstance(thing, dict) else examples(name, thing)
    assert "".join(fails(found)) == ""


@pytest.mark.parametrize(("name", "method"), [pytest.param(*pair, id=pair[0]) for pair in methods()])
@pytest.mark.sampled
def test_examples_of_a_method_run(name, method, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "".join(fails(examples(name, method))) == ""


@pytest.mark.parametrize("room", ROOMS[6:])
@pytest.mark.long
def test_examples_of_a_room_beside_the_way_run(room, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "".join(fails([one for name, thing in public(room) for one in examples(name, thing)])) == ""


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_has_an_example_or_is_listed_here(room):
    without = {name for name, thing in public(room) if isinstance(thing, dict) or not examples(name, thing)}
    assert without == {name for name in WITHOUT if name.rpartition(".")[0] == room}


def test_an_example_that_is_wrong_is_found():
    def wrong():
        """Add.

        >>> 1 + 1
        3
        """

    assert "Expected:" in "".join(fails(examples("wrong", wrong)))
    assert gs.Cell.forward.__doc__.count(">>>") > 2
