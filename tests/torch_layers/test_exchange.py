"""Torch's modules as Layers and back: values, gradients on packed batches, and what is trained, are the module's."""

import numpy as np
import pytest
from plain_kernels import as_python

import gatedsym as gs
from gatedsym.conventions import export_parameters, find_layout
from gatedsym.errors import ArgumentError

torch = pytest.importorskip("torch", reason="torch is not installed")
nn = torch.nn
import gatedsym.torch as gt  # noqa: E402  # after torch is known to be there

LENGTHS = [5, 2, 4]
MODULES = {
    "lstm": lambda: nn.LSTM(3, 4),
    "lstm of two layers and directions": lambda: nn.LSTM(3, 4, num_layers=2, bidirectional=True, dropout=0.5),
    "lstm without bias, batch first": lambda: nn.LSTM(3, 4, bias=False, batch_first=True),
    "lstm with a projection": lambda: nn.LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2),
    "gru": lambda: nn.GRU(3, 4, num_layers=2, batch_first=True),
    "gru without bias": lambda: nn.GRU(3, 4, bias=False, bidirectional=True),
    "rnn": lambda: nn.RNN(3, 4, bidirectional=True),
    "rnn of relu": lambda: nn.RNN(3, 4, nonlinearity="relu"),
}


def made(key):
    torch.manual_seed(3)
    module = MODULES[key]().double().eval()
    layer = gt.from_torch(module)
    as_python(layer.cell)
    return module, layer


def packed(module):
    x = torch.randn(5, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(4)).requires_grad_(True)
    rows = x.transpose(0, 1) if module.batch_first else x
    return x, nn.utils.rnn.pack_padded_sequence(rows, LENGTHS, batch_first=module.batch_first, enforce_sorted=False)


def loss_of(y, last):
    """A number that depends on every output and on every last state, differently on each."""
    weights = torch.linspace(-1, 1, y.data.numel(), dtype=torch.float64).reshape(y.data.shape)
    return (weights * y.data).sum() + sum((k + 2) * (s**2).sum() for k, s in enumerate(last))


@pytest.mark.parametrize("key", MODULES)
def test_values_and_gradients_on_a_packed_batch_are_the_module_s(key):
    module, layer = made(key)
    found = []
    for one in (module, layer):
        x, rows = packed(module)
        y, last = one(rows)
        states = list(last.values()) if isinstance(last, dict) else last if isinstance(last, tuple) else [last]
        loss_of(y, states).backward()
        found.append((y, states, x.grad))
    (y, states, dx), (ours, our_states, our_dx) = found
    np.testing.assert_allclose(ours.data.detach(), y.data.detach(), rtol=0, atol=1e-12)
    assert torch.equal(ours.batch_sizes, y.batch_sizes)
    for mine, theirs in zip(our_states, states, strict=True):
        np.testing.assert_allclose(mine.detach(), theirs.detach(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(our_dx, dx, rtol=0, atol=1e-12)
    for place in layer.places:
        compare_gradients(module, layer, place)


def compare_gradients(module, layer, place):
    """A second bias has a gradient of its own; ours is that of the array in which our parameter stands."""
    tensors = zip(place.form.families, layer.tensors(place), strict=True)
    grads = {name: part.numpy() for family, tensor in tensors if tensor.grad is not None
             for name, part in family.split(tensor.grad).items()}  # fmt: skip
    shapes = layer.cell.shapes(**place.form.sizes)
    ours = {name: grads.get(name, np.zeros(shape)) for name, shape in shapes.items()}
    stands = export_parameters(layer.cell, {name: np.ones(shape) for name, shape in shapes.items()}, "pytorch")
    suffix = f"_l{place.layer}{'_reverse' if place.reverse else ''}"
    for name, array in export_parameters(layer.cell, ours, "pytorch").items():
        theirs = getattr(module, name.removesuffix("_l0") + suffix, None)
        assert (theirs is None) == (name in find_layout(layer.cell.name, "pytorch").absent and not module.bias)
        if theirs is not None:
            np.testing.assert_allclose(array, np.where(stands[name], theirs.grad, 0), rtol=0, atol=1e-12)


@pytest.mark.parametrize("key", MODULES)
def test_a_layer_made_from_a_module_goes_back_to_such_a_module(key):
    module, layer = made(key)
    back = gt.to_torch(layer)
    assert repr(back) == repr(module)
    assert {p.dtype for p in back.parameters()} == {torch.float64}
    _, rows = packed(module)
    np.testing.assert_allclose(back(rows)[0].data.detach(), module(rows)[0].data.detach(), rtol=0, atol=1e-12)
    assert not back.training


@pytest.mark.parametrize("make", [lambda: nn.LSTMCell(3, 4), lambda: nn.GRUCell(3, 4), lambda: nn.RNNCell(3, 4)])
def test_a_cell_of_torch_becomes_a_layer_and_a_cell_again(make):
    module = make().double()
    layer = gt.from_torch(module)
    as_python(layer.cell)
    x, states = torch.randn(4, 2, 3, dtype=torch.float64), None
    y, _ = layer(x)
    back = gt.to_torch(layer, as_cell=True)
    assert repr(back) == repr(module)
    for one in (module, back):
        states = None
        for t in range(4):
            states = one(x[t], states)
        h = states[0] if isinstance(states, tuple) else states
        np.testing.assert_allclose(y[-1].detach(), h.detach(), rtol=0, atol=1e-14)


def test_what_a_module_does_not_train_a_layer_does_not_train():
    module = nn.LSTM(3, 4, num_layers=2)
    module.weight_hh_l1.requires_grad_(False)
    layer = gt.from_torch(module)
    assert [name for name, p in layer.named_parameters() if not p.requires_grad] == ["U_l1"]
    back = gt.to_torch(layer)
    assert [name for name, p in back.named_parameters() if not p.requires_grad] == ["weight_hh_l1"]
    bare = gt.from_torch(nn.GRU(3, 4, bias=False))
    assert [name for name, p in bare.named_parameters() if not p.requires_grad] == ["b", "v_g"]


def test_dropout_between_layers_is_torch_s():
    module = nn.LSTM(3, 4, num_layers=2, dropout=0.5).double()
    layer = gt.from_torch(module)
    as_python(layer.cell)
    x, found = torch.randn(5, 2, 3, dtype=torch.float64), []
    for one in (module, layer):
        torch.manual_seed(11)
        found.append(one(x)[0].detach())
    np.testing.assert_allclose(found[1], found[0], rtol=0, atol=1e-14)


def test_a_cell_that_torch_does_not_have_is_refused_with_those_it_has():
    with pytest.raises(ArgumentError, match="PyTorch has no layout for the cell 'gru'; it has them for rnn"):
        gt.to_torch(gt.Layer("gru", m=3, n=4))
    mine = gs.Cell("x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n\nh' = sigmoid(W x + U h + b)", name="rnn")
    with pytest.raises(ArgumentError, match="called rnn and has equations of its own"):
        gt.to_torch(gt.Layer(mine, m=3, n=4))
    with pytest.raises(ArgumentError, match="a cell of torch has no second layer or direction: leave as_cell out"):
        gt.to_torch(gt.Layer("rnn", m=3, n=4, layers=2), as_cell=True)
    with pytest.raises(ArgumentError, match=r"weight_ih_l0 is float16.*convert it"):
        gt.from_torch(nn.RNN(3, 4).half())
    with pytest.raises(ArgumentError, match="Linear is no recurrent module"):
        gt.from_torch(nn.Linear(3, 4))


def test_a_module_of_another_sign_of_z_goes_to_torch_with_its_sign_turned():
    layer = gt.Layer("gru_torch_overwrites", m=3, n=4, dtype=torch.float64, seed=1)
    as_python(layer.cell)
    x = torch.randn(4, 2, 3, dtype=torch.float64)
    np.testing.assert_allclose(gt.to_torch(layer)(x)[0].detach(), layer(x)[0].detach(), rtol=0, atol=1e-14)


def test_a_layer_is_analysed_with_its_own_weights():
    layer = gt.Layer("rnn", m=3, n=4, dtype=torch.float64, seed=1, batch_first=True)
    x = torch.randn(2, 9, 3, dtype=torch.float64)
    data = gs.gradient_flow(layer, x, loss=lambda y: (y[:, -1] ** 2).sum())
    x.requires_grad_(True)
    (layer(x)[0][:, -1] ** 2).sum().backward()
    wanted = x.grad.norm(dim=-1).log10().mean(dim=0).flip(0).numpy()
    np.testing.assert_allclose(data["log10_norm"].sel(quantity="x").squeeze(), wanted, rtol=1e-12)
    assert data.attrs["given_by"][0].startswith("the Layer(rnn, m=3, n=4, output h), SHA-256 ")
    assert data["cell"].values.tolist() == ["rnn_layer"]


def test_the_layers_of_a_layer_are_a_stack():
    layer = gt.Layer("rnn", m=3, n=4, layers=2, dtype=torch.float64, seed=1)
    as_python(layer.cell)
    cell = as_python(gt.cell_of(layer))
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    run = cell.forward(cell.init(), x.numpy())
    np.testing.assert_allclose(run["h_2"][1:], layer(x)[0].detach(), rtol=0, atol=1e-14)


def test_a_layer_of_any_text_is_analysed_at_all_its_sizes():
    text = "p = 2\nx in R^m; h in R^n; s in R^p; b in R^n\ns' = s / 2 + mean(x)\nh' = tanh(b * h + sum(s'))"
    layer = gt.Layer(gs.Cell(text, name="mine"), m=3, n=4, p=5, seed=1)
    assert gt.cell_of(layer).given_sizes == dict(layer.place().form.sizes)
    assert gt.cell_of(layer).named("yours").given_sizes["p"] == 5
