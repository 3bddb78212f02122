"""Cells with several loops over time: what they give depends neither on threads nor on how the steps are divided."""

from __future__ import annotations

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.execution.partitions import segment_steps

TEXT = (
    "x in R^m;  h, k in R^n;  W in R^(n,m);  U, V, R in R^(n,n);  C in R^(m,n);  b, c in R^n\noutput y\n"
    "h' = tanh(W @ x + U @ h + b)\n"  # a layer
    "k' = sigmoid(c) * k + tanh(V @ h' + R @ k)\n"  # another
    "y = C @ k' + x"  # a readout
)
STEPS, BATCH, M, N = 11, 43, 3, 9


@pytest.fixture(scope="module")
def problem():
    cell, generator = gs.Cell(TEXT, name="two_loops"), np.random.default_rng(0)
    params = cell.init(m=M, n=N, seed=0)
    return cell, params, generator.normal(size=(STEPS, BATCH, M)), {"y": generator.normal(size=(STEPS, BATCH, M))}


def found(grads):
    """Everything that a backward pass gives, by name."""
    return {
        "x": grads.x,
        **{f"of {name}": value for name, value in grads.params.items()},
        **{f"at {name}": value for name, value in grads.initial.items()},
    }


@pytest.mark.long
@pytest.mark.parametrize("threads", [2, 3, 5])
def test_threads_change_no_bit(problem, threads):
    cell, params, x, cotangents = problem
    assert segment_steps(BATCH) * 2 < STEPS, "more than one segment"
    runs = [cell.forward(params, x, threads=count) for count in (1, threads)]
    one, several = (found(cell.backward(params, run, cotangents, threads=n)) for run, n in zip(runs, (1, threads)))
    for name in ("h", "k", "y"):
        np.testing.assert_array_equal(runs[0][name], runs[1][name])
    for name, value in one.items():
        np.testing.assert_array_equal(value, several[name], err_msg=name)


@pytest.mark.long
@pytest.mark.parametrize("segments", [2, 3, STEPS])
def test_the_division_of_steps_changes_no_bit_of_an_adjoint(problem, segments):
    """What comes into an adjoint before its loop is summed apart, so that it comes last wherever the steps are cut."""
    cell, params, x, cotangents = problem
    whole = cell.backward(params, cell.forward(params, x), cotangents)
    parts = cell.gradients(params, x, cotangents, segments=segments, returns=("inputs", "params"))
    np.testing.assert_array_equal(parts.x, whole.x)
    for name, value in whole.initial.items():
        np.testing.assert_array_equal(parts.initial[name], value)


@pytest.mark.long
def test_buffers_of_a_segment_serve_where_only_states_are_kept(problem):
    cell, params, x, _ = problem
    whole, states = cell.forward(params, x), cell.forward(params, x, keep="states")
    for name in ("h", "k", "y"):
        np.testing.assert_array_equal(states[name], whole[name])
