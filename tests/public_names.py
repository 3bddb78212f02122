"""Public names: what the rooms promise, and the methods of their classes that a person types."""

import importlib
import inspect
import re
import tomllib
from pathlib import Path

import pytest

ROOMS = (
    "gatedsym",
    "gatedsym.flow",
    "gatedsym.figures",
    "gatedsym.learning.catalogue",
    "gatedsym.composition.head",
    "gatedsym.learning.optimisers",
    "gatedsym.conventions",
    "gatedsym.sweep",
    "gatedsym.trainability",
    "gatedsym.torch",
    "gatedsym.jax",
)
FRAMEWORKS = {"gatedsym.torch": "torch", "gatedsym.jax": "jax"}
REFERENCE = Path(__file__).parents[1] / "derivations" / "docs" / "reference"
RESULTS = tuple(re.findall(r"^\.\. autoclass:: (\S+)$", (REFERENCE / "objects.md").read_text("utf-8"), re.M))
"""Classes of what calls give back."""
BETWEEN_ROOMS = tomllib.loads((REFERENCE / "between_rooms.toml").read_text("utf-8"))
"""Methods and attributes by which rooms serve each other: no person types them."""


def public(room):
    """(dotted name, thing) of each public name of a room that is no room, no warning and no error."""
    if room in FRAMEWORKS:
        pytest.importorskip(FRAMEWORKS[room], reason="the framework is not installed")
    module = importlib.import_module(room)
    for name in module.__all__:
        thing = getattr(module, name)
        if not (inspect.ismodule(thing) or (inspect.isclass(thing) and issubclass(thing, BaseException))):
            yield f"{room}.{name}", thing


def results():
    """(dotted name, class) of what calls give back."""
    for dotted in RESULTS:
        room, _, name = dotted.rpartition(".")
        yield dotted, getattr(importlib.import_module(room), name)


def typed_classes(room):
    """(dotted name, class) of a room's classes."""
    return [(name, thing) for name, thing in public(room) if inspect.isclass(thing)]


def typed_methods(dotted, held):
    """(dotted name, function or property) of what a person types of a class."""
    inner = BETWEEN_ROOMS.get(dotted, ())
    for name, method in vars(held).items():
        method = getattr(method, "__func__", method)
        known = inspect.isfunction(method) or isinstance(method, property) or hasattr(method, "func")
        if known and not name.startswith("_") and name not in inner:
            yield f"{dotted}.{name}", method
