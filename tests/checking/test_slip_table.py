"""The first suspect is the slip: in homework of several hands and styles, by tables of slips."""

from __future__ import annotations

import pytest
from slip_table import entries, row_of

ENTRIES = entries()
LEAST = 40
"""Slips that the tables must have, half of them by someone who had not seen the checker."""


def named(entry: tuple[str, dict[str, object]]) -> str:
    table, what = entry
    return f"{table}-{what['file']}-{ENTRIES.index(entry)}"


def test_the_tables_have_slips_of_three_cells_and_four_styles_and_name_the_few_that_are_missed() -> None:
    assert len(ENTRIES) >= LEAST
    assert {str(e["cell"]).split("_")[0] for _, e in ENTRIES} >= {"lstm", "gru", "rnn"}
    assert len({str(e["file"]).split("_")[0] for _, e in ENTRIES}) >= 4
    missed = [e for _, e in ENTRIES if e.get("missed")]
    assert len(missed) <= 0.1 * len(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
@pytest.mark.sampled
def test_the_first_suspect_is_the_slip(entry: tuple[str, dict[str, object]]) -> None:
    """A slip with ``missed = true`` is not found, which is held too: the table says what is so."""
    if str(entry[1]["file"]).startswith("torch"):
        pytest.importorskip("torch")
    row = row_of(*entry)
    assert row.found is not bool(entry[1].get("missed")), str(row)
