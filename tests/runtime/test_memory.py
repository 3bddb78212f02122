"""Memory that is used again: arrays never share it while they live, and it does not grow without end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from gatedsym.runtime import memory


@pytest.fixture(autouse=True)
def nothing_unused(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(memory, "_unused", {})
    monkeypatch.setattr(memory, "_held", 0)
    return


@pytest.mark.parametrize("size", [10, 40_000, 1 << 20])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_an_array_is_what_numpy_would_make(size: int, dtype: str) -> None:
    array = memory.zeros((size // 10, 10), dtype)
    assert array.shape == (size // 10, 10)
    assert array.dtype == dtype
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert not array.any()


def test_memory_of_an_array_that_is_gone_serves_the_next() -> None:
    first = memory.empty((100_000,), "float64")
    place = first.ctypes.data
    del first
    second = memory.empty((99_000,), "float64")
    assert second.ctypes.data == place


def test_memory_is_not_used_again_while_a_view_of_it_lives() -> None:
    first = memory.empty((100, 1000), "float64")
    first[:] = 1
    view = first[3:5].T
    del first
    others = [memory.zeros((100, 1000), "float64") for _ in range(5)]
    assert (view == 1).all()
    assert not any(np.shares_memory(view, other) for other in others)


@pytest.mark.parametrize("view", [memoryview, np.frombuffer, lambda a: np.lib.stride_tricks.as_strided(a, (5,), (8,))])
def test_memory_is_not_used_again_while_something_else_refers_to_it(view: Callable[[Any], Any]) -> None:
    first = memory.empty((100_000,), "float64")
    first[:] = 1
    seen = view(first)
    del first
    memory.zeros((100_000,), "float64")
    assert np.asarray(seen)[0] == 1


def test_zeros_are_zeros_in_memory_that_was_used() -> None:
    memory.empty((100_000,), "float64").fill(np.nan)
    assert not memory.zeros((100_000,), "float64").any()


def test_only_so_much_memory_lies_unused() -> None:
    arrays = [memory.empty((1 << 20,), "float64") for _ in range(40)]
    del arrays
    assert 0 < memory._held <= memory._MOST
    assert memory._held == sum(len(block) for blocks in memory._unused.values() for block in blocks)


def test_memory_of_sizes_that_nobody_wants_any_more_makes_room() -> None:
    for count in (1 << 20, 1 << 21):
        arrays = [memory.empty((count,), "float64") for _ in range(20)]
        del arrays
    assert max(memory._unused) >= (1 << 21) * 8
    assert 0 < memory._held <= memory._MOST


def test_arrays_of_many_threads_never_meet() -> None:
    wrong = []

    def work(number: int) -> None:
        for _ in range(200):
            array = memory.empty((20_000,), "float64")
            array.fill(number)
            if not (array == number).all():
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
