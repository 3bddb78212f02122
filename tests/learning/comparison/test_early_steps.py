"""What parts of a sequence add to a gradient adds up to the gradient."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.learning.comparison.early_steps import gradient_by_part, parts_of_gradient, why_not_cut

TASKS = {
    "one answer": gs.tasks.adding(T=20),
    "answers at many steps": gs.tasks.copy(T=5),
    "ragged": gs.tasks.france(filler=(5, 12)),
}


def network(cell, task):
    return gs.Network(cell, task, n=4, dtype="float64")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.sampled
@pytest.mark.parametrize("cell", ["gru", "rnn", "unitary_rnn", "mlstm"])
def test_parts_of_a_gradient_add_up_to_it(cell, task):
    net, batch = network(cell, TASKS[task]), TASKS[task].batch(1, 6, held_out=True, dtype="float64")
    found = parts_of_gradient(net, batch)
    net.gradient(batch)
    assert len(found) == 10
    for name in net.cell.parameters:
        whole = net.grads[name]
        np.testing.assert_allclose(sum(part[name] for part in found), whole, atol=1e-12 * np.abs(whole).max())


def test_a_short_sequence_has_as_many_parts_as_steps():
    task = gs.tasks.adding(T=4)
    found = gradient_by_part(network("rnn", task), task.batch(0, 2, dtype="float64"))
    assert found.shape == (3, 4)
    assert np.isneginf(found[1, 0])  # U meets the initial state, which is 0, at the first step
    assert np.isfinite(np.delete(found.ravel(), 4)).all()


def test_a_cell_that_looks_further_back_than_a_step_is_not_cut():
    delayed = gs.Cell("x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ x + U @ h_{t-2})", name="delayed")
    assert why_not_cut(network(delayed, TASKS["one answer"])).endswith(".")
    assert why_not_cut(network("rnn", TASKS["one answer"])) == ""
