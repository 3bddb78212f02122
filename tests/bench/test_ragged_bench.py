"""A batch of unlike lengths beside one of all steps: both are measured, and lengths are half of the steps."""

import pytest

import gatedsym.bench.ragged as bench
from gatedsym.bench.ragged import ragged, spread_lengths


def test_lengths_are_spread_over_half_of_the_steps():
    lengths = spread_lengths(100, 32)
    assert (lengths.min(), lengths.max()) == (1, 99)
    assert abs(lengths.mean() / 100 - 0.5) < 0.01


@pytest.mark.long
def test_a_row_has_both_times_and_their_ratio(monkeypatch):
    monkeypatch.setattr(bench, "STEPS", 6)
    monkeypatch.setattr(bench, "TURNS", 1)
    table = ragged(["lstm"], threads=1, batches=(3,), hidden=(4,), dtype="float64")
    assert [row[:4] for row in table.rows] == [["lstm", "3", "4", what] for what in ("forward", "forward + backward")]
    assert len(table.head) == len(table.rows[0])
    assert all(float(cell) > 0 for row in table.rows for cell in row[4:])
    assert all(row[-1] == "0.50" for row in table.rows)
