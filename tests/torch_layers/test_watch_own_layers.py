"""A gt.Layer is watched as torch's own layers are: cells of any equations, with delays, outputs and several inputs."""

import numpy as np
import pytest

from gatedsym.cells import Cell

torch = pytest.importorskip("torch", reason="PyTorch is not installed: its layers cannot be watched")
from torch import nn  # noqa: E402
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence  # noqa: E402

import gatedsym.torch as gt  # noqa: E402

T, B = 5, 3
DELAYED = """
x in R^m; input u in R^m; h in R^n; W, V in R^(n,m); U, R in R^(n,n)
g = sigmoid(V @ u)
h' = tanh(W @ x + g * (U @ h) + R @ h_{t-2})
y = 2 * h' * h'
output y
"""


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


@pytest.mark.parametrize("packed", [False, True])
def test_our_lstm_and_torchs_with_the_same_weights_are_seen_alike(packed):
    torchs = nn.LSTM(3, 4, num_layers=2, bidirectional=True, dtype=torch.float64)
    ours = gt.Layer("lstm", 3, 4, layers=2, bidirectional=True, dtype=torch.float64)
    for place in ours.places:
        params = gt.cell_of(torchs, layer=place.layer, reverse=place.reverse).init()
        ours.copy_parameters(params, place.layer, place.reverse)
    x, seen = torch.randn(T, B, 3, dtype=torch.float64), []
    rows = pack_padded_sequence(x, torch.tensor([3, 5, 2]), enforce_sorted=False) if packed else x
    weights = torch.randn(T, B, 8, dtype=torch.float64)
    for model in (torchs, ours):
        with gt.watch(model, weights=not packed) as watcher:
            y, final = model(rows)
            c = final["c"] if isinstance(final, dict) else final[1]
            ((pad_packed_sequence(y)[0] if packed else y) * weights).sum().add(c.square().sum()).backward()
        seen.append(watcher.dataset())
    for name in ("log10_norm", "log10_norm_together", "openness"):
        np.testing.assert_allclose(seen[0][name], seen[1][name], rtol=0, atol=1e-10)
    if not packed:
        steps = watcher.weight_gradients("", 1, "reverse")
        assert set(steps) == set(ours.cell.parameters)


def test_a_cell_with_two_inputs_a_delay_and_an_output_is_seen_as_autograd_sees_its_loop():
    layer = gt.Layer(Cell(DELAYED, "delayed"), 3, 4, dtype=torch.float64)
    x, u = torch.randn(2, T, B, 3, dtype=torch.float64)
    past = torch.randn(1, 2, B, 4, dtype=torch.float64)
    with gt.watch(layer, every=1) as watcher:
        y, final = layer({"x": x, "u": u}, {"h": past})
        (y.sum() + final["h"].square().sum()).backward()
    w = {name: torch.as_tensor(array) for name, array in layer.cell_parameters().items()}
    states, outputs = [past[0, 0], past[0, 1].clone().requires_grad_()], []
    for t in range(T):
        open_ = torch.sigmoid(u[t] @ w["V"].T)
        states.append(torch.tanh(x[t] @ w["W"].T + open_ * (states[-1] @ w["U"].T) + states[-2] @ w["R"].T))
        outputs.append(2 * states[-1] ** 2)
    loss = torch.stack(outputs).sum() + torch.stack(states[-2:]).square().sum()
    wanted = [g.norm(dim=1).log10().median() for g in torch.autograd.grad(loss, states[1:])]
    data = watcher.dataset().squeeze()
    np.testing.assert_allclose(data["log10_norm"].sel(quantity="h", quantile=0.5)[:-1], wanted, rtol=0, atol=1e-10)
    assert set(data["quantity"].values) == {"h", "state", "x", "u"}
    opened = torch.sigmoid(u @ w["V"].T).mean(dim=(1, 2))
    np.testing.assert_allclose(data["openness"][1:-1], opened, rtol=0, atol=1e-12)
