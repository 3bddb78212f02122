"""A workspace changes no bit, allocates nothing twice, says when a run is gone; what is not asked for is not there."""

import multiprocessing
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from reference.problems import small

import gatedsym as gs

resource = pytest.importorskip("resource")

CELLS = ["rnn", "lstm", "gru_torch", "qrnn", "lru"]  # one state, two, work of a step, a delayed input, sums that finish


def problem_of(name, steps=9, batch=5, size=6, dtype="float64", seed=0):
    """A cell with parameters, input and cotangents of all that takes them."""
    generator = np.random.default_rng(seed)
    cell = gs.cell(name)
    params = cell.init(m=size, n=size, dtype=dtype, seed=seed)
    x = generator.normal(size=(steps, batch, size)).astype(dtype)
    run = cell.forward(params, x)
    cotangents = {k: generator.normal(size=run[k][-steps:].shape).astype(dtype) for k in (*cell.states, *cell.outputs)}
    return cell, params, x, cotangents


def gathered(run, grads):
    """Copies of all results by name."""
    groups = {"params": grads.params, "states": grads.states, "inputs": grads.inputs, "initial": grads.initial}
    found = {f"{group} {k}": v.copy() for group, arrays in groups.items() for k, v in arrays.items()}
    return found | {f"value of {k}": run[k].copy() for k in run}


def both(cell, params, x, cotangents, **options):
    run = cell.forward(params, x, **options)
    return gathered(run, cell.backward(params, run, cotangents, **options))


def differing(a, b):
    assert a.keys() == b.keys()
    return [k for k in a if not np.array_equal(a[k], b[k])]


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.long
def test_a_workspace_changes_no_bit_whatever_calls_it_has_seen(name):
    workspace = gs.Workspace()
    for size, steps, batch, dtype in ((6, 9, 5, "float64"), (3, 4, 2, "float32"), (8, 11, 7, "float64")):
        problem = problem_of(name, steps, batch, size, dtype)
        assert differing(both(*problem, workspace=workspace), both(*problem)) == []


def test_repeated_calls_fault_no_pages_and_allocate_no_arrays():
    """Each call writes 16 MB; a page has 4 kB. Inside kernels the weights are packed, into some 0.3 MB here."""
    cell, params, x, cotangents = problem_of("lstm", steps=200, batch=16, size=48)
    workspace = gs.Workspace()

    def call():
        run = cell.forward(params, x, keep="adjoint", workspace=workspace, threads=1)
        cell.backward(params, run, cotangents, workspace=workspace, threads=1)

    for _ in range(3):
        call()
    held = workspace.nbytes
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        call()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 400
    assert workspace.nbytes == held > 16e6
    tracemalloc.start()
    call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1e6


def test_a_run_that_has_been_overwritten_says_so_and_gradients_leave_it_alone():
    cell, params, x, cotangents = problem_of("lstm")
    workspace = gs.Workspace()
    first = cell.forward(params, x, workspace=workspace)
    for _ in range(2):
        cell.backward(params, first, cotangents, workspace=workspace)
    assert np.isfinite(first["h"]).all()
    cell.forward(params, 2 * x, workspace=workspace)
    for use in (lambda: first["h"], lambda: cell.backward(params, first, cotangents)):
        with pytest.raises(gs.GatedsymError, match="lay in a workspace that a later call has used"):
            use()


def test_a_workspace_serves_one_call_at_a_time():
    cell, params, x, cotangents = problem_of("rnn")
    workspace = gs.Workspace()

    def within(run, start, stop):
        cell.forward(params, x, workspace=workspace)

    with pytest.raises(gs.GatedsymError, match="in use by another call: give each thread a workspace of its own"):
        cell.gradients(params, x, within, workspace=workspace)
    assert differing(both(cell, params, x, cotangents, workspace=workspace), both(cell, params, x, cotangents)) == []
    with pytest.raises(gs.GatedsymError, match=r"workspace must be a gatedsym\.Workspace, not dict"):
        cell.forward(params, x, workspace={})


def test_a_copied_input_may_change_and_one_that_is_not_is_the_callers_own():
    cell, params, x, cotangents = problem_of("lstm")
    expected = both(cell, params, x, cotangents)
    run = cell.forward(params, x, copy=False)
    assert np.shares_memory(run["x"], x)
    assert differing(gathered(run, cell.backward(params, run, cotangents)), expected) == []
    changing = x.copy()
    run = cell.forward(params, changing)
    changing[:] = 0
    assert differing(gathered(run, cell.backward(params, run, cotangents)), expected) == []


@pytest.mark.parametrize("form", ["float32", "batch first", "not contiguous", "read only"])
def test_an_input_that_kernels_cannot_take_as_it_is_gives_the_same(form):
    cell, params, x, _ = problem_of("lstm")
    x = x.astype("float32").astype("float64")
    given = {
        "float32": x.astype("float32"),
        "batch first": np.swapaxes(x, 0, 1),
        "not contiguous": np.repeat(x, 2, axis=2)[:, :, ::2],
        "read only": np.broadcast_to(x, x.shape),
    }[form]
    run = cell.forward(params, given, copy=False, batch_first=form == "batch first")
    assert np.array_equal(run.arrays["h"], cell.forward(params, x)["h"])


@pytest.mark.parametrize("wanted", ["params", "inputs", "states"])
def test_what_is_asked_for_alone_is_what_it_is_among_all(wanted):
    cell, params, x, cotangents = problem_of("lstm", steps=30)
    run = cell.forward(params, x)
    every, alone = cell.backward(params, run, cotangents), cell.backward(params, run, cotangents, returns=wanted)
    found, expected = getattr(alone, wanted), getattr(every, wanted)
    assert found.keys() == expected.keys()
    assert all(np.array_equal(found[k], expected[k]) for k in expected)
    assert all(np.array_equal(alone.initial[k], every.initial[k]) for k in ("h", "c"))
    for other in {"params", "inputs", "states"} - {wanted}:
        with pytest.raises(gs.GatedsymError, match=f"asked for without '{other}'; name it in returns="):
            getattr(alone, other)


def test_a_result_that_there_is_not_is_refused():
    cell, params, x, cotangents = problem_of("rnn")
    run = cell.forward(params, x)
    with pytest.raises(gs.GatedsymError, match="returns has 'weights'; choose of params, inputs, states"):
        cell.backward(params, run, cotangents, returns=("weights",))


def test_the_backward_pass_in_stretches_gives_the_adjoints_of_one_in_one_piece(monkeypatch):
    """Work arrays of a small run need no segments; with less room than one step, there are eight."""
    cell, params, x, cotangents = problem_of("lstm", steps=21)
    expected = both(cell, params, x, cotangents)
    monkeypatch.setattr("gatedsym.execution.backward._WORK", 1)
    divided = both(cell, params, x, cotangents)
    sums = [k for k in expected if k.startswith("params")]
    assert set(differing(divided, expected)) <= set(sums)
    assert differing(divided, expected) != []
    for key in sums:
        np.testing.assert_allclose(divided[key], expected[key], rtol=1e-12, atol=1e-13)


def test_arguments_of_a_form_that_was_right_are_still_checked_by_form():
    problem = small("lstm")
    run = problem.forward()
    problem.forward()
    with pytest.raises(gs.GatedsymError, match="params lacks U_f"):
        problem.cell.forward({k: v for k, v in problem.params.items() if k != "U_f"}, problem.x)
    with pytest.raises(gs.GatedsymError, match=r"last axes must be"):
        problem.cell.forward(problem.params, problem.x[:, :, :-1])
    narrow = {k: v.astype("float32") for k, v in problem.params.items()}
    problem.cell.backward(narrow, problem.cell.forward(narrow, problem.x.astype("float32")), {"h": np.ones((7, 3, 5))})
    with pytest.raises(gs.GatedsymError, match="params are float32, but the run was made with float64"):
        problem.cell.backward(narrow, run, problem.cotangents)


def test_eight_callers_with_a_workspace_each_get_what_one_gets():
    problem = problem_of("gru_torch", batch=20)
    expected = both(*problem)
    own = threading.local()

    def call(number):
        own.workspace = getattr(own, "workspace", None) or gs.Workspace()
        return differing(both(*problem, workspace=own.workspace, threads=1 + number % 3), expected)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(call, range(40))) == [[]] * 40


def final_state(name):
    """In a worker."""
    cell, params, x, _ = problem_of(name, batch=20)
    workspace = gs.Workspace()
    return [cell.forward(params, x, threads=2, workspace=workspace)["h"][-1].copy() for _ in range(2)][-1]


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_spawned_workers_compute_what_their_parent_does():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert np.array_equal(pool.apply_async(final_state, ("gru_torch",)).get(timeout=120), final_state("gru_torch"))
