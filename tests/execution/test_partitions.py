"""Who computes what: every row once, whole shares, teams where weights are large and rows are few."""

from __future__ import annotations

import pytest

from gatedsym.execution import partitions as partition
from gatedsym.execution.partitions import batch_share, divide_batch, segment_steps

SIZES = [0, 1, 7, 8, 9, 16, 31, 32, 64, 100, 1024, 100_000]


@pytest.mark.parametrize("batch", SIZES)
@pytest.mark.parametrize("threads", [1, 2, 3, 8, 100])
@pytest.mark.parametrize("weights", [0, 1 << 30])
def test_rows_are_divided_in_order_into_whole_shares(batch: int, threads: int, weights: int) -> None:
    share = batch_share(batch)
    chunks, _ = divide_batch(batch, share, threads, weights)
    assert [row for chunk in chunks for row in range(*chunk)] == list(range(batch))
    assert all(first % share == 0 or first == batch for first, _ in chunks)
    assert len(chunks) <= threads


@pytest.mark.parametrize("batch", SIZES)
def test_shares_are_few_and_multiples_of_the_tallest_tile(batch: int) -> None:
    assert batch_share(batch) % 8 == 0
    assert -(-batch // batch_share(batch)) <= 64
    assert segment_steps(batch) >= 1


def test_large_weights_and_few_rows_make_a_team(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "usable_cores", lambda: 4)
    assert divide_batch(16, 8, 4, 1 << 22).is_team
    assert divide_batch(1, 8, 2, 1 << 22).is_team
    assert not divide_batch(16, 8, 1, 1 << 22).is_team
    assert not divide_batch(16, 8, 2, 1 << 10).is_team
    assert not divide_batch(4096, 64, 4, 1 << 22).is_team
    assert len(divide_batch(1, 8, 100, 1 << 22).chunks) == 4  # never more than there are cores: members wait for others
