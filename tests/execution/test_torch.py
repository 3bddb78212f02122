"""PyTorch's RNN, LSTM and GRU, with the same parameters as they are, give the same values and gradients."""

import numpy as np
import pytest
from reference.problems import small

import gatedsym as gs

torch = pytest.importorskip("torch", reason="torch is not installed; `pip install torch` to compare with it")

LAYERS = {"rnn": ("RNN", [""]), "lstm": ("LSTM", ["_i", "_f", "_g", "_o"]), "gru_torch": ("GRU", ["_r", "_z", "_g"])}
TOLERANCE = {"float64": {"rtol": 1e-12, "atol": 1e-13}, "float32": {"rtol": 2e-4, "atol": 2e-5}}


def torch_layer(problem):
    """The layer of torch with the parameters of a problem; its second bias is v_g in gru_torch's candidate, else 0."""
    name, params = problem.cell.name, problem.params
    layer, gates = LAYERS[name]
    n, m = params[f"W{gates[0]}"].shape
    made = getattr(torch.nn, layer)(m, n, dtype=getattr(torch, str(problem.x.dtype)))
    second = [params["v_g"] if name == "gru_torch" and g == "_g" else np.zeros(n) for g in gates]
    values = {
        "weight_ih_l0": [params[f"W{g}"] for g in gates],
        "weight_hh_l0": [params[f"U{g}"] for g in gates],
        "bias_ih_l0": [params[f"b{g}"] for g in gates],
        "bias_hh_l0": second,
    }
    with torch.no_grad():
        for key, blocks in values.items():
            getattr(made, key).copy_(torch.from_numpy(np.concatenate(blocks)))
    return made


def by_torch(problem):
    """Values and gradients: those of the layer's parameters by gatedsym's names."""
    name, (_, gates) = problem.cell.name, LAYERS[problem.cell.name]
    layer = torch_layer(problem)
    x = torch.from_numpy(problem.x).requires_grad_()
    start = {k: torch.from_numpy(v)[None].requires_grad_() for k, v in problem.initial.items()}
    h, last = layer(x, (start["h"], start["c"]) if name == "lstm" else start["h"])
    loss = (h * torch.from_numpy(problem.cotangents["h"])).sum()
    if name == "lstm":
        loss = loss + (last[1][0] * torch.from_numpy(problem.cotangents["c"][-1])).sum()
    loss.backward()
    params = {}
    for kind, key in (("W", "weight_ih_l0"), ("U", "weight_hh_l0"), ("b", "bias_ih_l0")):
        blocks = getattr(layer, key).grad.numpy()
        params |= {f"{kind}{g}": v for g, v in zip(gates, np.split(blocks, len(gates)), strict=True)}
    if name == "gru_torch":
        params["v_g"] = np.split(layer.bias_hh_l0.grad.numpy(), 3)[2]
    initial = {k: v.grad[0].numpy() for k, v in start.items()}
    return h.detach().numpy(), params, x.grad.numpy(), initial


@pytest.mark.sampled
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", LAYERS)
def test_values_and_gradients_are_those_of_torch(name, dtype):
    problem = small(name, steps=20, batch=5, m=6, n=12, dtype=dtype)
    cotangents = {"h": problem.cotangents["h"]}
    if name == "lstm":
        cotangents["c"] = ([-1], problem.cotangents["c"][-1:])  # torch hands out the last c alone
    run = problem.forward()
    grads = problem.cell.backward(problem.params, run, cotangents)
    h, params, x, initial = by_torch(problem)
    np.testing.assert_allclose(run["h"][1:], h, **TOLERANCE[dtype])
    np.testing.assert_allclose(grads.x, x, **TOLERANCE[dtype])
    assert sorted(params) == sorted(grads.params)
    for key, value in params.items():
        np.testing.assert_allclose(grads.params[key], value, **TOLERANCE[dtype])
    for key, value in initial.items():
        np.testing.assert_allclose(grads.states[key][0], value, **TOLERANCE[dtype])


def test_weights_of_a_gru_copied_in_as_they_are_give_its_numbers():
    """No sign turned, no block reordered beyond torch's own stack r, z, n; its two biases of r and z are summed."""
    torch.manual_seed(0)
    layer = torch.nn.GRU(3, 5, dtype=torch.float64)
    arrays = {k: v.detach().numpy() for k, v in layer.named_parameters()}
    params = {}
    for kind, key in (("W", "weight_ih_l0"), ("U", "weight_hh_l0")):
        params |= {f"{kind}_{g}": block for g, block in zip("rzg", np.split(arrays[key], 3), strict=True)}
    (b_r, b_z, b_g), (c_r, c_z, v_g) = (np.split(arrays[f"bias_{side}_l0"], 3) for side in ("ih", "hh"))
    params |= {"b_r": b_r + c_r, "b_z": b_z + c_z, "b_g": b_g, "v_g": v_g}
    x = np.random.default_rng(1).normal(size=(7, 4, 3))
    expected, _ = layer(torch.from_numpy(x))
    run = gs.cell("gru_torch").forward(params, x)
    np.testing.assert_allclose(run["h"][1:], expected.detach().numpy(), rtol=1e-12, atol=1e-14)
