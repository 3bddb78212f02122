"""The page of printed equations says what the reader says of each source today."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "derivations" / "docs"


def load_writer():
    """The script that writes the page."""
    spec = importlib.util.spec_from_file_location("list_printed", DOCS / "list_printed.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["list_printed"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


page = load_writer()
ENTRIES = tomllib.loads(page.SOURCES.read_text("utf-8"))


@pytest.mark.long
def test_the_page_is_what_becomes_of_the_sources_today():
    assert page.PAGE.read_text("utf-8") == page.write_page(ENTRIES), "again: python derivations/docs/list_printed.py"


def test_nine_of_ten_sources_stand_as_printed_or_are_refused_with_what_to_type():
    refused = [entry for entry in ENTRIES.values() if "refused" in entry]
    assert len(refused) / len(ENTRIES) < 0.15
    assert all(page.fate_of(entry).said.startswith("refused: ") for entry in refused)


def test_a_row_tells_what_a_source_asks_of_a_person():
    shapes = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)"
    text = "h_t = f(W x_t + U h_{t-1})"
    fate = page.fate_of({"source": "a | b", "declarations": f"{shapes}; f = tanh", "text": text})
    assert fate.said == "accepted"
    assert "a function" in fate.needs
    assert fate.row.startswith("| a \\| b | accepted | open: f is ")
