"""Docstrings of public names tell arguments, results, shapes, numbers, errors and sources."""

import inspect
import re
from typing import Any

import pytest
from docstring_rules import RULES, returned
from numpy_sections import sections
from public_names import BETWEEN_ROOMS, FRAMEWORKS, ROOMS, public, results, typed_methods

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.flow.registry import analyses
from gatedsym.typing import Array

PAGES = (*ROOMS, "results")
ELSEWHERE = {
    "Any",
    "Array",
    "Callable",
    "DataArray",
    "Dataset",
    "Interface",
    "Key",
    "Mapping",
    "Markup",
    "Measure",
    "Module",
    "None",
    "Path",
    "Self",
    "Tensors",
}
"""Kinds of results that no page of ours tells: those of other libraries, and two that a person only hands on."""


def told(page):
    """(dotted name, thing, docstring) of each public name of a page, and of each method that a person types."""
    for name, thing in results() if page == "results" else public(page):
        yield name, thing, inspect.getdoc(thing) or ""
        if inspect.isclass(thing):
            for method, typed in typed_methods(name, thing):
                yield method, typed, inspect.getdoc(typed) or ""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("page", PAGES)
def test_docstrings_leave_nothing_out(page, rule):
    assert {name: lacks for name, thing, text in told(page) if (lacks := rule(name, thing, text))} == {}


def test_each_rule_finds_its_breach():
    def silent(x, dh, rate) -> "Array":
        """Compute something.

        Parameters
        ----------
        x : array
        y : str
        rate : float

        Raises
        ------
        NoSuchError

        Raises
        ------
        NoSuchError
        """
        raise ArgumentError("no.")

    found = {rule.__name__: rule("silent", silent, inspect.getdoc(silent)) for rule in RULES}
    assert found == {
        "arguments_untold": ["dh"],
        "arguments_made_up": ["y"],
        "result_untold": ["what it returns"],
        "errors_untold": ["ArgumentError"],
        "errors_made_up": ["NoSuchError"],
        "shapes_untold": ["x : array", "its array"],
        "numbers_untold": ["rate : float: "],
        "sections_amiss": ["Raises", "Raises"],
    }


def test_each_analysis_and_each_task_names_its_source():
    """Papers with their year, or that it is our own."""
    measured: dict[str, Any] = {name: one.dataset for name, one in analyses().items()}
    sources = {n: sections(inspect.getdoc(f)).get("References", "") for n, f in (measured | gs.tasks.tasks()).items()}
    assert [name for name, source in sources.items() if not re.search(r"\b(19|20)\d\d\b|[Oo]ur own", source)] == []


def test_what_the_reference_leaves_out_is_there():
    held = {name: thing for page in PAGES if page not in FRAMEWORKS for name, thing, _ in told(page)}
    left = {dotted: names for dotted, names in BETWEEN_ROOMS.items() if dotted.rpartition(".")[0] not in FRAMEWORKS}
    assert [dotted for dotted in left if dotted not in held] == []
    assert [(dotted, name) for dotted, names in left.items() for name in names if name not in vars(held[dotted])] == []


def test_every_class_that_a_public_function_returns_stands_in_the_reference():
    here = [name for page in PAGES if page not in FRAMEWORKS for name in told(page)]
    known = {name.rpartition(".")[2] for name, thing, _ in here if inspect.isclass(thing)} | ELSEWHERE
    assert {(name, one) for name, thing, _ in here for one in re.findall(r"\b[A-Z]\w+", returned(thing))
            if one not in known} == set()  # fmt: skip
