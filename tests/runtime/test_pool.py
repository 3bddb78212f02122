"""Threads: every chunk once, errors handed on, forks and concurrent callers survive."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from gatedsym.runtime import run_chunks
from gatedsym.runtime.threads.pool import WORTH_WAKING, thread_count, usable_cores


def chunks_of(count: int) -> list[tuple[int, int]]:
    """Chunks of seven rows."""
    return [(start, min(start + 7, count)) for start in range(0, count, 7)]


@pytest.mark.parametrize("threads", [1, 2, 3, 8, None])
def test_every_chunk_runs_once(threads: int | None) -> None:
    counts = np.zeros(100, int)

    def mark(start: int, stop: int) -> None:
        counts[start:stop] += 1

    run_chunks(mark, chunks_of(100), threads)
    assert (counts == 1).all()


def test_chunks_run_side_by_side() -> None:
    meeting = threading.Barrier(3)
    run_chunks(lambda start, stop: meeting.wait(timeout=30), [(0, 1), (1, 2), (2, 3)], threads=3)
    assert not meeting.broken


def test_the_first_error_reaches_the_caller_and_the_pool_lives_on() -> None:
    def fail(start: int, stop: int) -> None:
        raise ArithmeticError(f"chunk {start}")

    with pytest.raises(ArithmeticError, match="chunk 0"):
        run_chunks(fail, [(0, 1), (1, 2)], threads=1)
    with pytest.raises(ArithmeticError, match="chunk"):
        run_chunks(fail, chunks_of(100), threads=4)
    done: list[int] = []
    run_chunks(lambda start, stop: done.append(start), [(0, 1), (1, 2)], threads=2)
    assert sorted(done) == [0, 1]


def test_calls_within_chunks_and_from_many_threads_do_not_wait_for_each_other() -> None:
    total = np.zeros((8, 64), int)

    def outer(caller: int) -> None:
        def chunk(start: int, stop: int) -> None:
            def inner(first: int, last: int) -> None:
                total[caller, start + first : start + last] += 1

            run_chunks(inner, chunks_of(stop - start), threads=4)

        run_chunks(chunk, chunks_of(64), threads=4)

    callers = [threading.Thread(target=outer, args=(k,)) for k in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(timeout=60)
    assert (total == 1).all()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:os.fork.* was called:RuntimeWarning")  # of JAX, if another test has loaded it
def test_a_forked_child_has_a_pool_of_its_own() -> None:
    run_chunks(lambda start, stop: None, chunks_of(100), threads=4)
    child = os.fork()
    if child == 0:
        done: list[int] = []
        run_chunks(lambda start, stop: done.append(start), chunks_of(100), threads=4)
        os._exit(0 if len(done) == len(chunks_of(100)) else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_threads_come_from_the_argument_then_the_environment_then_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEDSYM_THREADS", "3")
    assert thread_count(5) == 5
    assert thread_count() == 3
    monkeypatch.delenv("GATEDSYM_THREADS")
    assert thread_count() == usable_cores()


def test_little_work_is_done_by_the_caller_unless_threads_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEDSYM_THREADS", "3")
    assert thread_count(None, WORTH_WAKING) == 3
    assert thread_count(None, WORTH_WAKING - 1) == 1
    assert thread_count(2, 0) == 2
    seen: set[int] = set()
    run_chunks(lambda start, stop: seen.add(threading.get_ident()), chunks_of(100), work=1)
    assert seen == {threading.get_ident()}


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_a_number_of_threads_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEDSYM_THREADS", text)
    with pytest.raises(ValueError, match="GATEDSYM_THREADS"):
        thread_count()
    with pytest.raises(ValueError, match="threads"):
        thread_count(0)
