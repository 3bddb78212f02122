"""Rows of sequences of unlike length: found once for the last lengths, and gathered from arrays of any layout."""

import gc
import weakref

import numpy as np
import pytest

from gatedsym.execution.ragged.gather import gather_steps
from gatedsym.execution.ragged.lengths import divide_sequences
from gatedsym.execution.ragged.recent_rows import _LARGEST, _MOST, RecentRows
from gatedsym.execution.ragged.rows import PackedRows

T, B = 6, 5


def episodes(lengths, resets=None):
    return divide_sequences(np.array(lengths), resets, T, len(lengths), False)


def test_the_same_lengths_and_resets_have_the_same_rows():
    recent, resets = RecentRows(), np.zeros((T, B), bool)
    resets[2, 0] = True
    first = recent.of(episodes([6, 3, 0, 3, 1]), 8, False)
    assert recent.of(episodes([6, 3, 0, 3, 1]), 8, False) is first
    others = [
        recent.of(episodes([6, 3, 0, 3, 2]), 8, False),
        recent.of(episodes([6, 3, 0, 3, 1], resets), 8, False),
        recent.of(episodes([6, 3, 0, 3, 1]), 16, False),
        recent.of(episodes([6, 3, 0, 3, 1]), 8, True),
    ]
    assert len({id(rows) for rows in [first, *others]}) == 5


def test_only_the_last_packings_are_kept_and_none_that_is_large():
    recent = RecentRows()
    first = recent.of(episodes([1, 1, 1, 1, 1]), 8, False)
    for number in range(_MOST):
        recent.of(episodes([6, 5, 4, number % 7, number // 7]), 8, False)
    assert recent.of(episodes([1, 1, 1, 1, 1]), 8, False) is not first
    long = divide_sequences(np.array([_LARGEST, 1]), None, _LARGEST, 2, False)
    assert recent.of(long, 8, False) is not recent.of(long, 8, False)


def test_what_is_found_out_of_rows_does_not_keep_them():
    rows = PackedRows(episodes([6, 3, 0, 3, 1]), 2, False)
    for delay in (0, 1):
        rows.after(delay), rows.stretches(delay), rows.places(bool(delay)), rows.past(delay + 1)
    gone = weakref.ref(rows)
    gc.disable()
    try:
        del rows
        assert gone() is None
    finally:
        gc.enable()


def of_layout(array, layout):
    """The same numbers, lying in another order."""
    if layout == "batch first":
        return np.swapaxes(np.ascontiguousarray(np.swapaxes(array, 0, 1)), 0, 1)
    if layout == "every second":
        return np.repeat(array, 2, axis=-1)[..., ::2]
    return array.astype(np.float32) if layout == "float32" else array


@pytest.mark.parametrize("layout", ["time first", "batch first", "every second", "float32"])
@pytest.mark.parametrize("delay", [0, 1, 2])
def test_steps_are_gathered_from_any_layout(layout, delay):
    rows = PackedRows(episodes([6, 3, 0, 3, 1]), 2, delay > 1)
    given = of_layout(np.arange(T * B * 3.0).reshape(T, B, 3), layout)
    found = np.full((rows.count + delay * B, 1, 3), -1.0)
    gather_steps(rows, given, found, delay)
    past = found[rows.past(delay), 0]
    assert (past == -1).all()
    assert len(np.unique(rows.after(delay))) == rows.count
    for row, time, sequence in zip(rows.after(delay), rows.time, rows.sequence, strict=True):
        assert np.array_equal(found[row, 0], given[time, sequence])
