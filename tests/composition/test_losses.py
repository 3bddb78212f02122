"""A loss is an output: its adjoint is derived, it stands any logits, and one rule says how it is reduced."""

from __future__ import annotations

import numpy as np
import pytest
from plain_kernels import as_python

import gatedsym as gs
from gatedsym.composition.reduction import weight_of
from gatedsym.errors import ArgumentError
from gatedsym.proofs.cell import prove_cell

T, B, M, N, K = 6, 4, 3, 4, 5


@pytest.fixture(scope="module")
def weighted():
    return as_python(gs.stack(["rnn"], head=gs.head.classification(K, weights=True)))


def numbers(cell, seed=0):
    rng = np.random.default_rng(seed)
    inputs = {"x": rng.normal(size=(T, B, M)), "target": rng.integers(0, K, size=(T, B))}
    if "weight" in cell.inputs:
        inputs["weight"] = rng.uniform(0, 2, size=(T, B))
    return cell.init(m=M, n=N, seed=seed), inputs


def torch_of(params, layers, torch):
    """torch's LSTM of several layers and a linear readout with these parameters."""
    lstm, readout = torch.nn.LSTM(M, N, layers).double(), torch.nn.Linear(N, K).double()
    with torch.no_grad():
        for k in range(layers):
            for ours, theirs in (("W", "weight_ih"), ("U", "weight_hh"), ("b", "bias_ih")):
                whole = np.concatenate([params[f"{ours}_{g}_{k + 1}"] for g in "ifgo"])
                getattr(lstm, f"{theirs}_l{k}").copy_(torch.from_numpy(whole))
            getattr(lstm, f"bias_hh_l{k}").zero_()
        readout.weight.copy_(torch.from_numpy(params["W_logits"].copy()))
        readout.bias.copy_(torch.from_numpy(params["b_logits"].copy()))
    return lstm, readout


def test_gradients_of_two_layers_with_a_loss_are_those_of_torch():
    torch = pytest.importorskip("torch", reason="torch is not installed; `pip install torch` to compare with it")
    two = as_python(gs.stack(["lstm", "lstm"], head=gs.head.classification(K)))
    params, inputs = numbers(two)
    run = two.forward(params, inputs)
    grads = two.backward(params, run, gs.head.cotangents(run))
    lstm, readout = torch_of(params, 2, torch)
    x = torch.from_numpy(inputs["x"]).requires_grad_()
    loss = torch.nn.CrossEntropyLoss()(
        readout(lstm(x)[0]).reshape(-1, K), torch.from_numpy(inputs["target"]).reshape(-1)
    )
    loss.backward()
    assert abs(gs.head.loss(run) - loss.item()) < 1e-12
    assert np.abs(grads.inputs["x"] - x.grad.numpy()).max() < 1e-10
    for k in range(2):
        for ours, theirs in (("W", "weight_ih"), ("U", "weight_hh"), ("b", "bias_ih")):
            whole = np.concatenate([grads.params[f"{ours}_{g}_{k + 1}"] for g in "ifgo"])
            assert np.abs(whole - getattr(lstm, f"{theirs}_l{k}").grad.numpy()).max() < 1e-10
    assert np.abs(grads.params["W_logits"] - readout.weight.grad.numpy()).max() < 1e-10


@pytest.mark.long
def test_two_layers_with_a_loss_are_proven():
    verdicts = list(prove_cell(gs.stack(["lstm", "lstm"], head=gs.head.classification(3))))
    assert len(verdicts) == 5
    assert all(verdict.proof is not None for verdict in verdicts)


def test_one_layer_with_a_loss_is_proven():
    assert all(v.proof is not None for v in prove_cell(gs.stack(["rnn"], head=gs.head.regression(2))))


def test_the_loss_of_huge_logits_is_finite_and_so_is_its_gradient(weighted):
    params, inputs = numbers(weighted)
    for size in (1e3, 1e300):
        huge = {**params, "W_logits": params["W_logits"] * size}
        run = weighted.forward(huge, inputs)
        grads = weighted.backward(huge, run, gs.head.cotangents(run))
        assert np.isfinite(run["loss"]).all()
        assert run["loss"].max() > size / 100
        assert all(np.isfinite(grads.params[name]).all() for name in weighted.parameters if name != "U")
    sure = {**params, "W_logits": 0 * params["W_logits"], "b_logits": np.array([800.0, 0, 0, 0, 0])}
    run = weighted.forward(sure, {**inputs, "target": 0 * inputs["target"], "weight": np.ones((T, B))})
    assert (run["loss"] == 0).all()


def test_a_vector_of_probabilities_is_a_target_as_well():
    by_class, by_vector = (as_python(gs.stack(["rnn"], head=gs.head.classification(K, target=kind)))
                           for kind in ("class", "vector"))  # fmt: skip
    params, inputs = numbers(by_class)
    one = by_class.forward(params, inputs)
    other = by_vector.forward(params, {"x": inputs["x"], "target": np.eye(K)[inputs["target"]]})
    assert np.allclose(one["loss"], other["loss"], rtol=1e-14)


def test_the_mean_is_over_what_counts(weighted):
    params, inputs = numbers(weighted)
    run = weighted.forward(params, inputs)
    weight = inputs["weight"]
    assert weight_of(weighted, "loss") == "weight"
    each = weighted.forward(params, {**inputs, "weight": np.ones((T, B))})["loss"]
    assert np.isclose(gs.head.loss(run), (weight * each).sum() / weight.sum(), rtol=1e-14)
    assert np.isclose(gs.head.loss(run, "sum"), (weight * each).sum(), rtol=1e-14)
    assert np.isclose(gs.head.cotangents(run)["loss"], 1 / weight.sum()).all()
    assert (gs.head.cotangents(run, "sum")["loss"] == 1).all()


def test_a_step_of_weight_zero_has_no_gradient(weighted):
    params, inputs = numbers(weighted)
    inputs["weight"] = np.where(np.arange(T)[:, None] < 3, 1.0, 0.0) * np.ones((T, B))
    run = weighted.forward(params, inputs)
    grads = weighted.backward(params, run, gs.head.cotangents(run))
    assert not grads.inputs["x"][3:].any()
    assert grads.inputs["x"][:3].all()
    short = {name: value[:3] for name, value in inputs.items()}
    alone = weighted.forward(params, short)
    assert np.isclose(gs.head.loss(run), gs.head.loss(alone), rtol=1e-14)
    shorter = weighted.backward(params, alone, gs.head.cotangents(alone))
    assert np.allclose(grads.params["W"], shorter.params["W"], rtol=1e-12)


def test_the_reduction_is_the_same_batch_first(weighted):
    params, inputs = numbers(weighted)
    run = weighted.forward(params, inputs)
    other = weighted.forward(params, {k: np.swapaxes(v, 0, 1) for k, v in inputs.items()}, batch_first=True)
    assert np.isclose(gs.head.loss(run), gs.head.loss(other), rtol=1e-15)
    grads = [weighted.backward(params, r, gs.head.cotangents(r)).params["U"] for r in (run, other)]
    assert np.allclose(*grads, rtol=1e-14)


def test_padded_steps_count_as_nothing(weighted):
    params, inputs = numbers(weighted)
    lengths = np.array([6, 2, 4, 5])
    run = weighted.forward(params, inputs, lengths=lengths)
    inside = np.arange(T)[:, None] < lengths
    by_weight = weighted.forward(params, {**inputs, "weight": inside * inputs["weight"]})
    assert np.isclose(gs.head.loss(run), gs.head.loss(by_weight), rtol=1e-13)
    assert (gs.head.cotangents(run, "sum")["loss"] == inside).all()
    grads = weighted.backward(params, run, gs.head.cotangents(run))
    expected = weighted.backward(params, by_weight, gs.head.cotangents(by_weight))
    assert np.allclose(grads.params["W_logits"], expected.params["W_logits"], rtol=1e-12)


def test_a_weight_is_told_by_what_it_does():
    reward = "input y in R^n; v in R^n; input reward in R; output loss\nloss = -reward * dot(v, y)"
    gate = "input y in R^n; v in R^n; input level in [0, inf); output loss\nloss = level^2 * dot(v, y)"
    both = "input y in R^n; v in R^n; input importance in [0, inf); output loss\nloss = importance * exp(dot(v, y))"
    found = [weight_of(gs.stack(["rnn"], head=lines), "loss") for lines in (reward, gate, both)]
    assert found == ["", "", "importance"]


def test_half_the_squared_distance_is_the_loss_of_a_regression():
    cell = as_python(gs.stack(["rnn"], head=gs.head.regression(2)))
    params, inputs = numbers(cell)
    inputs["target"] = np.random.default_rng(1).normal(size=(T, B, 2))
    run = cell.forward(params, inputs)
    miss = run["h"][1:] @ params["W_prediction"].T + params["b_prediction"] - inputs["target"]
    assert np.allclose(run["loss"], (miss**2).sum(-1) / 2, rtol=1e-13)
    assert np.isclose(gs.head.loss(run), run["loss"].mean(), rtol=1e-14)


def test_what_is_no_loss_or_has_no_mean_is_refused(weighted):
    params, inputs = numbers(weighted)
    with pytest.raises(ArgumentError, match="x lacks 'target'"):
        weighted.forward(params, {name: value for name, value in inputs.items() if name != "target"})
    run = weighted.forward(params, {**inputs, "weight": np.zeros((T, B))})
    with pytest.raises(ArgumentError, match="all of weight is 0"):
        gs.head.loss(run)
    with pytest.raises(ArgumentError, match="reduction must be 'mean' or 'sum'"):
        gs.head.loss(run, "none")
    with pytest.raises(ArgumentError, match="output 'logits' is no output"):
        gs.head.loss(run, output="logits")
    bare = as_python(gs.cell("rnn"))
    with pytest.raises(ArgumentError, match="rnn has none: write output loss, or give the stack a head"):
        gs.head.loss(bare.forward(bare.init(m=M, n=N), inputs["x"]))
    for classes in (0, 2.5, True, "ten"):
        with pytest.raises(ArgumentError, match="classes is"):
            gs.head.classification(classes)
    with pytest.raises(ArgumentError, match="target"):
        gs.head.classification(3, target="token")
