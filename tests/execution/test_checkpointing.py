"""Gradients that keep states between segments alone: those of the whole run, for any cell, division and cotangent."""

from functools import cache

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled

# One state, two, two delays of states, delayed inputs, outputs with sums that finish, a matrix state.
CELLS = ["rnn", "lstm", "tau_gru", "tau_gru_delayed_input", "qrnn", "lru", "mlstm"]
COMPILED = ("lstm", "tau_gru_delayed_input", "mlstm")
"""In every run; of the others plain Python shows how a run is divided, unless `--every-kernel` is given."""
STEPS, BATCH, SIZE = 23, 3, 5
EVERYTHING = ("params", "inputs", "states", "trajectory")

RING = """
h, c in R^n
U in R^(n,n)
c' = 0.9*c + h[-3]
h' = tanh(U @ h + c')
"""


@cache
def problem_of(name, dtype="float64", compiled=True):
    generator = np.random.default_rng(2)
    cell = gs.cell(name)
    if not compiled:
        cell.kernels = Kernels(uncompiled(cell.kernels.module, NUMPY))
    params = cell.init(m=SIZE, n=SIZE, dtype=dtype)
    x = generator.normal(size=(STEPS, BATCH, SIZE)).astype(dtype)
    # Where a delay is longer than a step, or an input is delayed, there are several rows of the past.
    delays = {k: v for k, v in cell.interface.delays.items() if v and len(cell.layout_of(k).axes) == 1}
    initial = {k: generator.normal(size=(v, BATCH, SIZE)).astype(dtype) for k, v in delays.items()}
    run = cell.forward(params, x, initial=initial)
    cotangents = {k: generator.normal(size=run[k][-STEPS:].shape).astype(dtype) for k in (*cell.states, *cell.outputs)}
    return cell, params, x, initial, cotangents, run


def close(found, expected, dtype="float64"):
    """Equal but for the order of sums of some hundred terms, against the largest entry."""
    scale = max(float(np.abs(v).max(initial=0)) for v in expected.values())
    tolerance = {"float64": 1e-13, "float32": 1e-5}[dtype]
    assert found.keys() == expected.keys()
    assert max(float(np.abs(found[k] - expected[k]).max(initial=0)) for k in expected) <= tolerance * scale


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("segments", ["sqrt", 1, 4, 23, 100])
@pytest.mark.parametrize("name", CELLS)
@pytest.mark.long
def test_gradients_are_those_of_the_whole_run(name, segments, dtype, request):
    """Bit by bit, but for sums over steps: those of parameters, and of inputs that are read at several delays."""
    compiled = name in COMPILED or request.config.getoption("--every-kernel")
    if not compiled and dtype == "float32":
        pytest.skip("plain Python computes in float64: --every-kernel")
    cell, params, x, initial, cotangents, run = problem_of(name, dtype, compiled)
    whole = cell.backward(params, run, cotangents)
    found = cell.gradients(params, x, cotangents, initial=initial, segments=segments, returns=EVERYTHING)
    assert all(np.array_equal(found.trajectory[k], run[k]) for k in (*cell.states, *cell.outputs))
    assert all(np.array_equal(found.states[k], whole.states[k]) for k in cell.states)
    assert all(np.array_equal(found.initial[k], whole.initial[k]) for k in cell.states)
    if cell.interface.delays["x"] == 0:
        assert np.array_equal(found.x, whole.x)
    close(found.inputs, whole.inputs, dtype)
    close(found.initial, whole.initial, dtype)
    close(found.params, whole.params, dtype)


@pytest.mark.sampled
@pytest.mark.parametrize("name", CELLS)
def test_a_callable_is_asked_for_the_cotangents_of_each_segment_from_the_last_on(name, request):
    compiled = name in COMPILED or request.config.getoption("--every-kernel")
    cell, params, x, initial, cotangents, run = problem_of(name, compiled=compiled)
    asked = []

    def rows(part, start, stop):
        asked.append((start, stop))
        assert np.array_equal(part[cell.states[0]], run[cell.states[0]][start : stop + 1])
        return {k: v[start:stop] for k, v in cotangents.items()}

    found = cell.gradients(params, x, rows, initial=initial, segments=5, returns=EVERYTHING)
    assert asked == [(20, 23), (15, 20), (10, 15), (5, 10), (0, 5)]
    whole = cell.backward(params, run, cotangents)
    close(found.params, whole.params)
    close(found.states, whole.states)
    close(found.inputs, whole.inputs)


def test_a_loss_may_be_computed_from_the_run_of_a_segment():
    """Half the squared distance of h from a target, at the steps that a segment has."""
    cell, params, x, initial, _, run = problem_of("lstm")
    target = np.random.default_rng(5).normal(size=(STEPS, BATCH, SIZE))
    expected = cell.backward(params, run, {"h": run["h"][1:] - target}).params
    found = cell.gradients(params, x, lambda r, a, b: {"h": r["h"][1:] - target[a:b]}, initial=initial).params
    close(found, expected)


def test_a_callable_may_have_nothing_to_give_or_give_single_steps():
    cell, params, x, initial, cotangents, run = problem_of("lstm")
    last = cotangents["h"][-1:]
    expected = cell.backward(params, run, {"h": ([-1], last)}).params
    close(cell.gradients(params, x, {"h": ([-1], last)}, initial=initial).params, expected)
    ends = lambda r, start, stop: {"h": ([-1], last)} if stop == STEPS else None  # noqa: E731
    close(cell.gradients(params, x, ends, initial=initial).params, expected)


def test_sparse_cotangents_fall_into_their_segments_and_equal_times_add_up():
    cell, params, x, initial, _, run = problem_of("gru_torch")
    dh = np.random.default_rng(8).normal(size=(5, BATCH, SIZE))
    sparse = {"h": ([20, 3, -1, 3, 0], dh)}
    dense = np.zeros((STEPS, BATCH, SIZE))
    for time, row in zip([20, 3, 22, 3, 0], dh, strict=True):
        dense[time] += row
    whole = cell.backward(params, run, {"h": dense})
    found = cell.gradients(params, x, sparse, initial=initial, returns=EVERYTHING)
    close(found.params, whole.params)
    assert np.array_equal(found.states["h"], whole.states["h"])


@pytest.mark.long
def test_a_cell_without_input_and_with_batch_first():
    ring = gs.Cell(RING, name="ring")
    params = ring.init(n=4)
    run = ring.forward(params, steps=17, batch=2, batch_first=True)
    dh = np.random.default_rng(0).normal(size=(2, 17, 4))
    whole = ring.backward(params, run, {"h": dh})
    found = ring.gradients(params, None, {"h": dh}, steps=17, batch=2, batch_first=True, returns=EVERYTHING, segments=9)
    assert np.array_equal(found.states["c"], whole.states["c"])
    assert np.array_equal(found.trajectory["h"], run["h"])
    close(found.params, whole.params)


def test_a_workspace_changes_no_bit_and_no_step_at_all_is_a_run_too():
    cell, params, x, initial, cotangents, _ = problem_of("lstm")
    workspace = gs.Workspace()
    expected = cell.gradients(params, x, cotangents, initial=initial).params
    for _ in range(2):
        found = cell.gradients(params, x, cotangents, initial=initial, workspace=workspace).params
        assert all(np.array_equal(found[k], expected[k]) for k in expected)
    none = cell.gradients(params, x[:0], {"h": np.zeros((0, BATCH, SIZE))}, workspace=workspace)
    assert not any(v.any() for v in none.params.values())
    assert not none.initial["h"].any()


@pytest.mark.parametrize("segments", [0, -1, 2.5, "all", True])
def test_a_number_of_segments_that_is_none_is_refused(segments):
    cell, params, x, initial, cotangents, _ = problem_of("rnn")
    with pytest.raises(gs.GatedsymError, match="segments must be 'sqrt' or an integer of at least 1"):
        cell.gradients(params, x, cotangents, initial=initial, segments=segments)


def test_memory_grows_with_the_root_of_the_steps_and_the_input_is_not_copied():
    """All that a call takes but kernels' own buffers lies in its workspace: 16 times the steps, 4 times the memory."""
    cell = gs.cell("lstm")
    params = cell.init(m=8, n=8)
    held = []
    for steps in (256, 4096):
        workspace = gs.Workspace()
        x = np.ones((steps, 4, 8))
        cell.gradients(params, x, {"h": ([-1], np.ones((1, 4, 8)))}, workspace=workspace)
        held.append(workspace.nbytes)
    assert held[1] < 5 * held[0]
    assert held[1] < x.nbytes
