"""Results do not depend on threads, on neighbours in the batch, on who else calls, or on a fork."""

import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from reference.by_hand import CELLS
from reference.problems import small

from gatedsym.execution import kernels as call
from gatedsym.execution import partitions as division
from gatedsym.runtime.threads.team import Team

BATCH = 43  # several chunks, and a rest that fills no tile


def everything(problem, threads=None):
    """All that the five kernels give, by name."""
    cell, params = problem.cell, problem.params
    run = problem.forward(threads=threads)
    grads = cell.backward(params, run, problem.cotangents, threads=threads)
    flow = cell.flow(params, run, problem.cotangents, threads=threads)
    directions = {s: np.stack([a, -2 * a]) for s, a in problem.initial.items()}
    tangents = cell.tangent(params, run, directions, threads=threads)
    return {
        **{f"value of {k}": run[k] for k in run},
        **{f"adjoint of {k}": v for k, v in grads.states.items()},
        "adjoint of x": grads.x,
        **{f"gradient of {k}": v for k, v in grads.params.items()},
        **{f"norm of {k}": v for k, v in flow.log_norm.items()},
        **{f"tangent of {k}": v for k, v in tangents.states.items()},
        "exponents": tangents.exponents,
        **{f"block {k}": v for k, v in cell.jacobian(params, run, threads=threads).items()},
    }


def differing(a, b):
    return [k for k in a if not np.array_equal(a[k], b[k])]


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize(("batch", "n"), [(BATCH, 17), (1, 9), (8, 1)])
def test_threads_do_not_change_a_bit(name, batch, n):
    problem = small(name, steps=5, batch=batch, n=n)
    one = everything(problem, threads=1)
    for threads in (2, 3, 8, None):
        assert differing(one, everything(problem, threads=threads)) == []


@pytest.fixture
def teams(monkeypatch):
    """Threads are members of a team however small the weights are, as if there were cores for all of them."""
    monkeypatch.setattr(division, "_CACHE", 0)
    monkeypatch.setattr(division, "usable_cores", lambda: 8)
    made = []
    monkeypatch.setattr(division, "Team", lambda *given: made.append(given) or Team(*given))
    return made


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize(("batch", "n"), [(BATCH, 17), (1, 9), (8, 70)])
def test_a_team_gives_the_bits_of_one_thread(teams, name, batch, n):
    problem = small(name, steps=5, batch=batch, n=n)
    one = everything(problem, threads=1)
    assert not teams
    for threads in (2, 3, 5):
        assert differing(one, everything(problem, threads=threads)) == []
    assert any(together for *_, together in teams)


def test_teams_of_concurrent_callers_do_not_wait_for_each_other(teams):
    problems = [small("gru", steps=6, batch=3 + k, n=9, seed=k) for k in range(5)]
    serial = [everything(p, threads=1) for p in problems]
    with ThreadPoolExecutor(5) as pool:
        for _ in range(3):
            together = list(pool.map(lambda p: everything(p, threads=3), problems))
            assert [differing(a, b) for a, b in zip(serial, together, strict=True)] == [[]] * 5


def test_a_member_that_fails_is_told_and_nobody_waits(teams, monkeypatch):
    problem = small("gru", steps=6, batch=3, n=9)
    scratch = call.thread_scratch

    def fail(size, dtype):
        if threading.current_thread() is not threading.main_thread():
            raise MemoryError("on purpose")
        return scratch(size, dtype)

    monkeypatch.setattr(call, "thread_scratch", fail)
    with pytest.raises(MemoryError, match="on purpose"):
        problem.forward(threads=2)
    monkeypatch.setattr(call, "thread_scratch", scratch)
    assert np.array_equal(problem.forward(threads=2)["h"], problem.forward(threads=1)["h"])


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("cut", [1, 13, 40])
def test_rows_of_a_batch_do_not_feel_each_other(name, cut):
    """Two calls with a part of the rows each give the bits of one call; sums over rows agree to rounding."""
    problem = small(name, steps=5, batch=BATCH, n=17)
    halves = [
        replace(
            problem,
            x=problem.x[:, rows],
            initial={k: v[rows] for k, v in problem.initial.items()},
            cotangents={k: v[:, rows] for k, v in problem.cotangents.items()},
        )
        for rows in (slice(None, cut), slice(cut, None))
    ]
    whole, first, second = everything(problem), everything(halves[0]), everything(halves[1])
    for key, value in whole.items():
        if key.startswith("gradient"):
            np.testing.assert_allclose(first[key] + second[key], value, rtol=1e-11, atol=1e-12)
        else:
            assert np.array_equal(np.concatenate([first[key], second[key]], axis=1), value), key


def test_concurrent_calls_from_python_threads_give_what_serial_calls_give():
    problems = [small("gru", steps=6, batch=20 + k, n=9, seed=k) for k in range(6)]
    serial = [everything(p, threads=1) for p in problems]
    with ThreadPoolExecutor(6) as pool:
        for _ in range(3):
            together = list(pool.map(lambda p: everything(p, threads=2), problems))
            assert [differing(a, b) for a, b in zip(serial, together, strict=True)] == [[]] * 6


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_computes_what_its_parent_does():
    """In a process of its own, which has used its threads before it forks."""
    program = """
        import multiprocessing, warnings
        import numpy as np
        import gatedsym as gs

        warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of forks beside threads
        cell = gs.cell("rnn")
        params = cell.init(m=4, n=9)
        x = np.random.default_rng(0).normal(size=(5, 43, 4))

        def last_state():
            return cell.forward(params, x, threads=2)["h"][-1]

        parent = last_state()
        with multiprocessing.get_context("fork").Pool(1) as pool:
            child = pool.apply_async(last_state).get(timeout=60)
        assert np.array_equal(parent, child)
        assert np.array_equal(parent, last_state())
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
