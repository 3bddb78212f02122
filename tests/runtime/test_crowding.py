"""One thread does the work while other processes keep threads from running; then more are tried again."""

from __future__ import annotations

import time

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.runtime.threads import crowding as crowding_module
from gatedsym.runtime.threads import pool
from gatedsym.runtime.threads.crowding import Crowding, Watch
from gatedsym.runtime.threads.pool import run_together, thread_count, threads_for_call


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """A pool that has met nothing yet, and may use three threads."""
    monkeypatch.setattr(pool, "_crowding", Crowding())
    monkeypatch.setenv("GATEDSYM_THREADS", "3")


def wait_as_if_a_core_were_taken():
    time.sleep(0.02)


def test_after_a_thread_was_kept_from_running_one_does_the_work():
    assert threads_for_call() == 3
    run_together([lambda: None, wait_as_if_a_core_were_taken], together=True)
    assert threads_for_call() == 1


def test_a_team_is_over_where_the_calling_thread_is_kept_from_running():
    run_together([wait_as_if_a_core_were_taken, lambda: None], together=True)
    assert threads_for_call() == 1


def test_a_failure_is_watched_as_well():
    def fail():
        wait_as_if_a_core_were_taken()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run_together([lambda: None, fail], together=True)
    assert threads_for_call() == 1


def test_a_number_that_is_given_is_taken_at_its_word_all_the_same():
    run_together([lambda: None, wait_as_if_a_core_were_taken], together=True)
    assert threads_for_call(2) == 2
    assert thread_count() == 3


def test_what_was_lost_is_small_against_the_time_until_the_next_trial():
    crowding = Crowding()
    crowding.note(lost=0.03, call=0.04, now=5.0)
    assert crowding.lasts(5.0 + 15 * 0.03)
    assert not crowding.lasts(5.0 + 17 * 0.03)


def test_a_longer_while_is_not_cut_short_by_a_shorter_one():
    crowding = Crowding()
    crowding.note(lost=1.0, call=1.0, now=0.0)
    crowding.note(lost=0.01, call=0.01, now=1.0)
    assert crowding.lasts(10.0)


@pytest.mark.parametrize(("lost", "call"), [(1e-4, 1e-4), (0.01, 1.0), (0.0, 0.5), (-1e-3, 0.1)])
def test_waking_a_thread_and_a_short_interruption_are_no_crowding(lost, call):
    crowding = Crowding()
    crowding.note(lost, call, now=0.0)
    assert not crowding.lasts(0.0)


def lost(monkeypatch, together, *parts, call):
    """What a call tells of threads of which each took and computed for so long, the others first."""
    times = [taken for taken, _ in reversed(parts)]
    clock = iter([0.0, *times, call])
    monkeypatch.setattr(crowding_module.time, "perf_counter", lambda: next(clock))
    told, watch = [], Watch(len(parts), together)
    for number, (_, busy) in reversed(list(enumerate(parts))):
        watch.finish(number, busy)
    monkeypatch.setattr(Crowding, "note", lambda self, lost, call, now: told.append(lost))
    watch.tell(Crowding())
    return pytest.approx(told[0])


def test_what_a_call_lost(monkeypatch):
    # A team waits for its slowest; one that is done early was not kept.
    assert lost(monkeypatch, True, (0.05, 0.05), (0.01, 0.01), call=0.06) == 0.0
    assert lost(monkeypatch, True, (0.06, 0.06), (0.06, 0.02), call=0.06) == 0.04
    # Rows: 50 ms each, the second beside another process; alone the first takes 100 ms.
    assert lost(monkeypatch, False, (0.05, 0.05), (0.1, 0.05), call=0.1) == 0.0
    assert lost(monkeypatch, False, (0.05, 0.05), (0.13, 0.05), call=0.13) == 0.03
    # Both beside other processes: alone the first would take 200 ms.
    assert lost(monkeypatch, False, (0.1, 0.05), (0.13, 0.05), call=0.13) == -0.07


def test_a_forked_child_has_met_nothing(monkeypatch):
    pool._crowding.note(1.0, 1.0, time.perf_counter())
    pool._forget_threads()
    assert threads_for_call() == 3


@pytest.mark.parametrize(("name", "batch", "size"), [("lstm", 64, 32), ("rnn", 4, 384)])  # rows, and a team
def test_results_are_the_same_bits_before_and_after(name, batch, size):
    cell = gs.cell(name)
    params = cell.init(m=size, n=size)
    x = np.random.default_rng(0).normal(size=(5, batch, size))

    def everything():
        run = cell.forward(params, x)
        return {**run, **cell.backward(params, run, {"h": x}).params}

    before = everything()
    pool._crowding.note(60.0, 60.0, time.perf_counter())
    assert threads_for_call() == 1
    after = everything()
    assert all(np.array_equal(before[key], after[key]) for key in before)
