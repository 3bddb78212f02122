"""Cells of every kind learn: matrix states, delays, outputs, complex numbers, tokens, layers, masks, no state."""

import numpy as np
import pytest
from loss_slopes import slope

import gatedsym as gs
from gatedsym.errors import ArgumentError

RECALL = gs.tasks.recall(T=4, classes=3, noise=1)

CELLS = {
    "a matrix state": "x in R^m; M in R^(n,n); A in R^(n,m); B in R^(n,m)\nM' = 0.9 * M + outer(A @ x, B @ x)",
    "a delay": "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh_t = tanh(W @ x_t + U @ h_{t-3})",
    "an output": "x in R^m; h in R^n; output y in R^k; k = 2; W in R^(n,m); V in R^(k,n)\n"
    "h' = tanh(W @ x + h)\ny = V @ h'",
    "a complex state": "x in R^m; z in C^n; W in C^(n,m); a in C^n\nz' = a * z + W @ x",
    "no state": "x in R^m; output y in R^n; W in R^(n,m)\ny = tanh(W @ x)",
}


def check_learning(cell, task=RECALL, **options):
    """Its gradient is that of its loss, in full and truncated to the whole; and a run on it ends well."""
    net = gs.Network(cell, task, **{"n": 3, "dtype": "float64", **options})
    batch = task.batch(0, 4, dtype="float64")
    net.gradient(batch)
    direction = np.random.default_rng(0).standard_normal(net.theta.size)
    assert net.grad @ direction == pytest.approx(slope(net, batch, direction), rel=1e-5)
    assert net.gradient(batch, truncate=2) == pytest.approx(net.loss(batch), rel=1e-10)
    hist = gs.learn(net, task, updates=2, batch=4, held_out=8, probes=0, truncate=3)
    assert np.isfinite(hist["loss"]).all()
    assert hist.at(2).parameters == net.cell.parameters
    return hist


@pytest.mark.sampled
@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_of_a_kind_learns(kind):
    hist = check_learning(CELLS[kind])
    has_radius = bool(np.isfinite(hist["spectral_radius"]).all())
    assert has_radius == (kind not in ("a delay", "no state"))
    shares = hist["gradient_at_lag"].sel(lag="longest")
    assert bool(np.isfinite(shares).all()) == (kind != "no state")


def test_a_network_of_two_layers_reads_its_upper_one():
    net = gs.Network("gru", RECALL, n=3, layers=2, dtype="float64")
    assert net.readout.names == ("h_2",)
    assert {"W_z_1", "U_z_2", "W_logits"} <= set(net.params)


def test_a_mask_is_drawn_by_its_law_and_anew_for_each_batch():
    text = "x in R^m; input kept in {0,1}^n with mean 0.5; h in R^n; W in R^(n,m)\nh' = tanh(W @ x + 2 * kept * h)"
    net = gs.Network(text, RECALL, n=6, dtype="float64")
    batch = RECALL.batch(0, 4, dtype="float64")
    one, other = (net.feeding.inputs(batch, (0, update))["kept"] for update in (1, 2))
    assert set(np.unique(one)) == {0.0, 1.0}
    assert (one != other).any()
    assert net.gradient(batch, draw=1) == net.gradient(batch, draw=1) != net.gradient(batch, draw=2)


def test_where_equations_leave_it_open_the_readout_is_asked_for():
    text = "x in R^m; a in R^n; b in R^n; W in R^(n,m); V in R^(n,m)\na' = tanh(W @ x + a)\nb' = tanh(V @ x - b)"
    with pytest.raises(ArgumentError, match="readout='a'"):
        gs.Network(text, RECALL, n=3)
    assert gs.Network(text, RECALL, n=3, readout="b").readout.names == ("b",)
    with pytest.raises(ArgumentError, match="no output or state"):
        gs.Network(text, RECALL, n=3, readout="q")


def test_the_gradient_is_that_of_torch():
    torch = pytest.importorskip("torch", reason="torch is the reference")
    task = gs.tasks.adding(T=6)
    net = gs.Network("lstm", task, n=4, dtype="float64")
    batch = task.batch(0, 3, dtype="float64")
    layer, top = torch.nn.LSTM(2, 4, dtype=torch.float64), torch.nn.Linear(4, 1, dtype=torch.float64)
    exported = gs.conventions.export_parameters("lstm", dict(net.cell_params), "pytorch")
    with torch.no_grad():
        for name, value in exported.items():
            getattr(layer, name).copy_(torch.from_numpy(value))
        top.weight.copy_(torch.from_numpy(net.params["W_prediction"]))
        top.bias.copy_(torch.from_numpy(net.params["b_prediction"]))
    y = top(layer(torch.from_numpy(batch.inputs))[0][-1])
    loss = torch.nn.functional.mse_loss(y, torch.from_numpy(batch.targets[-1]))
    loss.backward()
    assert net.gradient(batch) == pytest.approx(float(loss.detach()), rel=1e-12)
    np.testing.assert_allclose(net.grads["W_prediction"], top.weight.grad.numpy(), rtol=1e-11)
    np.testing.assert_allclose(net.grads["U_g"], layer.weight_hh_l0.grad.numpy()[8:12], rtol=1e-11, atol=1e-16)


def test_a_cell_reads_the_symbols_of_a_task_as_tokens():
    task = gs.tasks.copy(T=3, symbols=5)
    text = "input s in {0..k-1}; h in R^n; E in R^(n,k); U in R^(n,n)\nh' = tanh(E @ onehot(s) + U @ h)"
    net = gs.Network(text, task, n=3, dtype="float64")
    assert net.params["E"].shape == (3, len(task.symbols))
    batch = task.batch(0, 4, dtype="float64")
    net.gradient(batch)
    direction = np.random.default_rng(0).standard_normal(net.theta.size)
    assert net.grad @ direction == pytest.approx(slope(net, batch, direction), rel=1e-5)
    with pytest.raises(ArgumentError, match="declare a larger"):
        gs.Network(text.replace("k-1", "2").replace("(n,k)", "(n,3)"), task, n=3)


@pytest.mark.long
def test_sequences_of_unlike_lengths_learn_in_full_and_truncated():
    task = gs.tasks.adding(T=24, definition="hochreiter")
    net = gs.Network("gru", task, n=4, dtype="float64")
    batch = task.batch(0, 6, dtype="float64")
    assert batch.ragged
    loss = net.gradient(batch)
    full = net.grad.copy()
    direction = np.random.default_rng(0).standard_normal(net.theta.size)
    assert full @ direction == pytest.approx(slope(net, batch, direction), rel=1e-6)
    assert net.gradient(batch, truncate=task.steps) == loss
    np.testing.assert_array_equal(net.grad, full)
    assert net.gradient(batch, truncate=7) == pytest.approx(loss, rel=1e-12)
    hist = gs.learn(net, task, updates=2, batch=4, held_out=8, probes=0)
    assert np.isfinite(hist["openness"].sel(step=23)).all()
    assert np.isfinite(hist["gradient_at_cue"]).all()


def test_a_class_that_there_is_not_is_refused():
    net = gs.Network("gru", RECALL, n=3, dtype="float64")
    batch = RECALL.batch(0, 4, dtype="float64")
    net.gradient(batch)
    batch.targets[-1, 2] = 3
    with pytest.raises(ArgumentError, match="target"):
        net.gradient(batch)
