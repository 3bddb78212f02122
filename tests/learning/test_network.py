"""A network: a cell, a readout and a loss, one vector of parameters, and its gradient for cells of every kind."""

import copy
import pickle

import numpy as np
import pytest
from loss_slopes import slope

import gatedsym as gs
from gatedsym.errors import ArgumentError, DataError
from gatedsym.learning.readout import Places

ADDING, RECALL = gs.tasks.adding(T=8), gs.tasks.recall(T=6, lags="uniform")


def network(cell="gru", task=ADDING, **options):
    return gs.Network(cell, task, **{"n": 4, "dtype": "float64", **options})


def batch_of(task, count=5):
    return task.batch(0, count, dtype="float64")


@pytest.mark.parametrize(("cell", "task"), [("gru", ADDING), ("lstm", RECALL)])
def test_the_gradient_is_that_of_the_loss(cell, task):
    net, batch = network(cell, task), batch_of(task)
    loss = net.gradient(batch)
    assert loss == pytest.approx(net.loss(batch), rel=1e-12)
    direction = np.random.default_rng(0).standard_normal(net.theta.size)
    assert net.grad @ direction == pytest.approx(slope(net, batch, direction), rel=1e-6)


def test_the_loss_is_that_of_the_task():
    net, batch = network("lstm", RECALL), batch_of(RECALL)
    assert net.loss(batch) == pytest.approx(RECALL.measure(net.outputs(batch), batch).loss, rel=1e-12)


def test_names_are_views_of_one_vector():
    net = network()
    net.theta[...] = 0
    net.params["W_z"][1, 0] = 3.0
    assert net.theta[net.layout.slices["W_z"]].max() == 3.0
    assert set(net.params) == {*net.cell.parameters, "W_prediction", "b_prediction"}
    net.gradient(batch_of(ADDING))
    np.testing.assert_array_equal(net.grads["b_prediction"].ravel(), net.grad[net.layout.slices["b_prediction"]])


def test_truncation_carries_states_on_and_no_adjoint():
    net, batch = network("lstm", RECALL), batch_of(RECALL)
    whole = net.gradient(batch)
    full = net.grad.copy()
    assert net.gradient(batch, truncate=6) == whole
    np.testing.assert_array_equal(net.grad, full)
    assert net.gradient(batch, truncate=2) == pytest.approx(whole, rel=1e-12)
    last = net.cell.forward(net.cell_params, batch.inputs[:4]).final
    run = net.cell.forward(net.cell_params, batch.inputs[4:], initial=last)
    y = run["h"][2:]
    read = net.head.forward(net.head_params, {"y": y, "target": batch.targets[5:], "weight": batch.weights[5:]})
    back = net.head.backward(net.head_params, read, gs.head.cotangents(read))
    found = net.cell.backward(net.cell_params, run, {"h": back.inputs["y"][0]})
    np.testing.assert_allclose(net.grads["U_f"], found.params["U_f"], rtol=1e-12)
    assert abs(net.grad - full).max() > 1e-6


def test_retention_and_seed_decide_the_start():
    one, other = network(seed=1, retention=2.0), network(seed=2, retention=2.0)
    assert (one.params["b_z"] == 2).all() or (one.params["b_z"] == -2).all()
    assert one != other
    assert other.with_seed(1) == one


def test_a_network_copies_pickles_saves_and_loads(tmp_path):
    net = network("lstm", RECALL, retention=1.0)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin == net
        twin.theta[0] += 1
        assert twin != net
        assert twin.params["W_i"].base is not net.params["W_i"].base
    net.theta[3] = 0.25
    net.save(tmp_path / "net.npz")
    back = gs.Network.load(tmp_path / "net.npz")
    assert back == net
    assert back.gradient(batch_of(RECALL)) == net.gradient(batch_of(RECALL))


def test_a_file_that_was_changed_or_is_another_is_refused(tmp_path):
    path = tmp_path / "net.npz"
    network().save(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        gs.Network.load(path)
    np.savez(path, theta=np.zeros(3))
    with pytest.raises(DataError, match="is no gatedsym network file"):
        gs.Network.load(path)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("h in R^n; U in R^(n,n)\nh' = tanh(U @ h)", "has no input, and a task is read"),
        ("x in R^3; h in R^n; W in R^(n,3)\nh' = tanh(W @ x + h)", "reads 3 numbers a step as x, and the task shows 2"),
        ("input x in {0..k-1}; h in R^n; E in R^(n,k)\nh' = tanh(E @ onehot(x) + h)", "reads the number of a symbol"),
        (
            "x in R^m; input d in R; h in R^n; W in R^(n,m)\nh' = tanh(W @ x + d * h)",
            "reads d beside x, and nobody says",
        ),
    ],
)
def test_a_task_that_does_not_fit_is_refused_in_a_sentence(cell, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        network(cell)


def test_a_batch_of_another_type_or_width_is_refused():
    net = network()
    with pytest.raises(ArgumentError, match=r"ask for task\.batch"):
        net.gradient(ADDING.batch(0, 4))
    with pytest.raises(ArgumentError, match="8 features and the network reads 2"):
        net.gradient(batch_of(RECALL))


def test_places_are_steps_where_all_count_or_single_ones():
    where = np.zeros((4, 3))

    def places():
        return Places.of(where, np.flatnonzero(where.any(axis=1)))

    where[3] = 1.0
    assert places().last
    where[1] = 0.5
    assert places().steps.tolist() == [1, 3]
    values = np.arange(12).reshape(4, 3)
    assert places().take(values).tolist() == [[3, 4, 5], [9, 10, 11]]
    where[1, 0] = 0.0
    assert places().take(values).tolist() == [[4, 5, 9, 10, 11]]
