"""Names of the package that README.md, the pages and the notebooks print are names that it has."""

import re
from pathlib import Path
from types import ModuleType

import pytest

import gatedsym as gs

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "derivations" / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted((DOCS / "notebooks").glob("*.ipynb"))]


def public(room):
    """The names that a room offers."""
    return getattr(room, "__all__", dir(room))


def first_unknown(name):
    """The first part of gs.… that no room offers, or None."""
    found = gs
    for part in name.split(".")[1:]:
        known = public(found) if isinstance(found, ModuleType) else dir(found)
        if part not in known:
            return part
        found = getattr(found, part)
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_name_that_a_page_prints_is_offered(page):
    names = set(re.findall(r"\bgs(?:\.[A-Za-z_]\w*)+", page.read_text("utf-8")))
    assert not {name: part for name in sorted(names) if (part := first_unknown(name))}


def test_a_module_of_a_room_is_not_taken_for_a_name_that_it_offers():
    import gatedsym.figures.gate_clamping  # noqa: F401

    assert first_unknown("gs.figures.gate_clamping") == "gate_clamping"
    assert first_unknown("gs.figures.valve") is None
