"""Torch's modules in analyses: their weights are what is analysed, and what no analysis can look at is refused."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from plain_kernels import as_python

import gatedsym as gs
from gatedsym import flow
from gatedsym.errors import ArgumentError
from gatedsym.flow.matching import SizedCell
from gatedsym.flow.registry import analyses

torch = pytest.importorskip("torch", reason="torch is not installed")
nn, F = torch.nn, torch.nn.functional
import gatedsym.torch as gt  # noqa: E402  # after torch is known to be there


class Classifier(nn.Module):
    def __init__(self, batch_first=False):
        super().__init__()
        self.rnn = nn.LSTM(3, 4, batch_first=batch_first)
        self.fc = nn.Linear(4, 5)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return Classifier().double()


@pytest.fixture(scope="module")
def x():
    return torch.randn(9, 2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


TARGET = torch.tensor([1, 3])


def by_torch(model, x):
    """log10 |dL/dx_t|, means over sequences, lag 0 first."""
    x = x.clone().requires_grad_(True)
    F.cross_entropy(model.fc(model.rnn(x)[0][-1]), TARGET).backward()
    model.zero_grad(set_to_none=True)
    return x.grad.norm(dim=-1).log10().mean(dim=-1).flip(0).numpy()


def of_x(data):
    return data["log10_norm"].sel(quantity="x").squeeze().values


def test_the_gradient_in_a_live_model_is_torch_s(model, x):
    data = gs.gradient_flow(model.rnn, x, loss=lambda h: F.cross_entropy(model.fc(h[-1]), TARGET))
    np.testing.assert_allclose(of_x(data), by_torch(model, x), rtol=1e-12)
    assert all(p.grad is None for p in model.parameters())
    assert (data.attrs["n"], data.attrs["seeds"], data.attrs["given"]) == (4, 1, ["nn_lstm"])


def test_a_module_that_is_batch_first_is_given_batches_first(model, x):
    other = Classifier(batch_first=True).double()
    other.load_state_dict(model.state_dict())
    data = gs.gradient_flow(other.rnn, x.transpose(0, 1), loss=lambda y: F.cross_entropy(other.fc(y[:, -1]), TARGET))
    np.testing.assert_allclose(of_x(data), by_torch(model, x), rtol=1e-12)
    with pytest.raises(ArgumentError, match=r"give \(batch, time, feature\), as torch's LSTM"):
        gs.gradient_flow(other.rnn, x[0])
    with pytest.raises(ArgumentError, match="measure them one after the other"):
        gs.gradient_flow([model.rnn, other.rnn], x)


def test_a_packed_input_has_its_lengths(model, x):
    packed = nn.utils.rnn.pack_padded_sequence(x, [5, 9], enforce_sorted=False)
    loss = lambda h: F.cross_entropy(model.fc(h[-1]), TARGET)  # noqa: E731  # as a person writes it
    found = gs.gradient_flow(model.rnn, packed, loss=loss)
    same = gs.gradient_flow(model.rnn, x, loss=loss, lengths=[5, 9])
    assert np.array_equal(found["log10_norm"], same["log10_norm"], equal_nan=True)
    assert found.attrs["lengths"].tolist() == [5, 9]
    with pytest.raises(ArgumentError, match="its sequences differ in length"):
        flow.clipping(model.rnn, packed)
    with pytest.raises(ArgumentError, match="lengths= is given beside a packed x"):
        gs.gradient_flow(model.rnn, packed, lengths=[5, 9])


@pytest.mark.filterwarnings("default")  # what torch's compiler warns of is not ours to mend
def test_what_torch_compiled_is_the_module_inside(model):
    assert gt.cell_of(torch.compile(model.rnn, backend="eager")) == gt.cell_of(model.rnn)


def test_contributions_of_steps_are_to_the_loss_that_is_given(model, x):
    data = flow.temporal_contributions(model.rnn, x, loss=lambda h: F.cross_entropy(model.fc(h[-1]), TARGET))
    values = data["log10_norm"].squeeze()
    assert np.all(values.sel(t=8, k=slice(1, 8)) == -np.inf)
    F.cross_entropy(model.fc(model.rnn(x)[0][-1]), TARGET).backward()
    whole, last = model.rnn.weight_hh_l0.grad[4:8].norm().log10(), float(values.sel(parameter="U_f", t=9).max())
    model.zero_grad(set_to_none=True)
    assert last - np.log10(9) - 1 < float(whole) < last + np.log10(18)  # a sum of nine steps and two sequences


def test_a_float32_model_s_head_gets_float32(model, x):
    single = Classifier().float()
    single.load_state_dict(model.state_dict())
    data = gs.gradient_flow(single.rnn, x.float(), loss=lambda h: F.cross_entropy(single.fc(h[-1]), TARGET))
    np.testing.assert_allclose(of_x(data), by_torch(model, x), atol=1e-5)


def test_modules_stand_beside_cells_of_the_library_at_their_size(model, x):
    other = nn.LSTM(3, 4)
    data = gs.gradient_flow(["lstm", model.rnn, other], x, seeds=1, init="xavier", retention=0.0)
    assert data["cell"].values.tolist() == ["lstm", "nn_lstm", "nn_lstm_2"]
    assert data.attrs["n"] == 4
    told = gs.figures.gradient_norm(data).caption.text
    digest = gt.cell_of(model.rnn).parameters_digest[:12]
    assert f"the parameters of nn_lstm (torch's LSTM(3, 4), SHA-256 {digest}) and nn_lstm_2 (torch's LSTM(3, 4)" in told


@pytest.mark.parametrize(
    ("make", "states"),
    [
        (lambda: nn.LSTM(3, 4, bias=False), {"h": 4, "c": 4}),
        (lambda: nn.LSTM(3, 4, proj_size=2), {"h": 2, "c": 4}),
        (lambda: nn.GRU(3, 4), {"h": 4}),
        (lambda: nn.RNN(3, 4), {"h": 4}),
        (lambda: nn.RNN(3, 4, nonlinearity="relu"), {"h": 4}),
        (lambda: nn.LSTM(3, 4, num_layers=2), {"h_1": 4, "c_1": 4, "h_2": 4, "c_2": 4}),
    ],
)
def test_a_module_is_the_cell_that_computes_what_it_computes(make, states, x):
    module = make().double()
    cell = as_python(gt.cell_of(module))
    run = cell.forward(cell.init(), x.numpy())
    values = {name: run[name] for name in cell.states}
    y, last = module(x)
    last = last if isinstance(last, tuple) else (last,)
    assert {name: array.shape[-1] for name, array in values.items()} == states
    top = [name for name in values if name.startswith("h")][-1]
    np.testing.assert_allclose(values[top][-1], y[-1].detach(), rtol=0, atol=1e-14)
    for kind, tensor in zip("hc", last):
        ours = [array[-1] for name, array in values.items() if name.startswith(kind)]
        np.testing.assert_allclose(ours, tensor.detach(), rtol=0, atol=1e-14)


def test_a_cell_of_torch_has_the_weights_of_the_cell():
    module = nn.GRUCell(3, 4).double()
    cell, h = as_python(gt.cell_of(module)), torch.zeros(2, 4, dtype=torch.float64)
    x = torch.randn(3, 2, 3, dtype=torch.float64)
    found = cell.forward(cell.init(), x.numpy())["h"]
    for t in range(3):
        h = module(x[t], h)
        np.testing.assert_allclose(found[t + 1], h.detach(), rtol=0, atol=1e-14)


def test_each_layer_and_direction_of_a_module_is_a_cell(x):
    module = nn.GRU(3, 4, num_layers=2, bidirectional=True).double()
    back = as_python(gt.cell_of(module, layer=0, reverse=True))
    y = nn.GRU(3, 4, bidirectional=True).double()
    y.load_state_dict({k: v for k, v in module.state_dict().items() if "_l0" in k})
    found = back.forward(back.init(), x.numpy()[::-1].copy())["h"][1:][::-1]
    np.testing.assert_allclose(found, y(x)[0][..., 4:].detach(), rtol=0, atol=1e-14)
    assert gt.cell_of(module, layer=1).given_sizes["m"] == 8
    assert "layer 0, backwards, of torch's GRU(3, 4" in back.given_by
    with pytest.raises(ArgumentError, match=r"both directions.*cell_of\(module, layer=0\)"):
        gs.gradient_flow(module, x)
    with pytest.raises(ArgumentError, match="has layers 0 to 1"):
        gt.cell_of(module, layer=2)


def test_a_cell_keeps_the_weights_that_the_module_had(x):
    module = nn.RNN(3, 4)
    cell = gt.cell_of(module)
    before = cell.init()["U"].copy()
    with torch.no_grad():
        module.weight_hh_l0.add_(1)
    assert np.array_equal(cell.init()["U"], before)
    assert cell != gt.cell_of(module)
    again = pickle.loads(pickle.dumps(cell))
    assert again == cell
    assert again.provenance == cell.provenance


@pytest.mark.parametrize(
    ("thing", "told"),
    [
        (lambda model: model, r"Classifier is a whole model.*rnn \(LSTM\(3, 4\)\): give one of them, model.rnn\.$"),
        (lambda model: nn.Sequential(gt.Layer("rnn", m=3, n=4)), r"a whole model.*are 0 \(Layer\(rnn, m=3, n=4"),
        (lambda model: type("Mine", (gt.Layer,), {"forward": 0})("rnn", m=3, n=4), "extends Layer and has a forward"),
        (lambda model: model.fc, "Linear is no recurrent module"),
        (lambda model: [torch.zeros(3)], "a Tensor of torch: give nn.LSTM"),
        (lambda model: type("Mine", (nn.LSTM,), {"forward": lambda self, x: x})(3, 4), "a forward of its own"),
    ],
)
def test_what_is_no_recurrent_module_is_refused(thing, told, model, x):
    with pytest.raises(ArgumentError, match=told):
        gs.gradient_flow(thing(model), x)


def test_sizes_that_a_module_does_not_have_are_refused(model, x):
    with pytest.raises(ArgumentError, match=r"reads 3 features, and x has \d+: give .*white_noise\(3\)"):
        gs.gradient_flow(model.rnn, "text")
    for asked in (7, [4, 7]):
        with pytest.raises(ArgumentError, match=r"have n = 4, and n = .*7.* is asked for: leave n out"):
            gs.gradient_flow(model.rnn, x, n=asked)


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        (lambda h: h[-1], r"a tensor of shape \(2, 4\).*return one number"),
        (lambda h: h.detach().sum(), "does not depend on the trajectory"),
        (lambda h: torch.ones((), requires_grad=True), "does not depend on the trajectory"),
        (lambda h: h.detach().sum().item(), "its gradient is needed"),
        (lambda h: (h.sum(), h[-1]), r"a gradient of shape \(2, 4\)"),
    ],
)
def test_a_loss_without_a_gradient_is_refused(loss, told, model, x):
    with pytest.raises(ArgumentError, match=told):
        gs.gradient_flow(model.rnn, x, loss=loss)


def test_a_layer_that_gives_another_name_than_is_compared_takes_no_function_of_its_output():
    text = "x in R^m; h in R^n; b in R^n; V in R^(k,n); output y in R^k; k = 2\nh' = tanh(b * h + mean(x))\ny = V @ h'"
    layer = gt.Layer(gs.Cell(text, name="read"), m=3, n=4)
    with pytest.raises(ArgumentError, match=r"gives y, and an analysis follows .* state h: give a function of that"):
        gs.gradient_flow(layer, loss=lambda y: y.sum())


def test_a_module_reads_white_noise_where_no_input_is_given(model):
    data = flow.gate_statistics(model.rnn, steps=4, batch=1, seeds=1)
    assert data.attrs["input_description"].startswith("white noise, 3 ")
    assert flow.valve(model.rnn, seeds=1, levels=(0.5,)).attrs["m"] == 3


def test_a_loss_of_tensors_is_for_cells_of_the_library_too(x):
    found = gs.gradient_flow("rnn", x, n=4, seeds=1, init="xavier", loss=gt.loss(lambda h: (h[-1] ** 2).sum() / 2))
    same = gs.gradient_flow("rnn", x, n=4, seeds=1, init="xavier", loss=lambda h: (0.0, at_the_end(h)))
    assert np.array_equal(found["log10_norm"], same["log10_norm"])
    assert "a lambda (test_modules_as_cells.py" in found.attrs["loss"]


def at_the_end(h):
    found = np.zeros_like(h)
    found[-1] = h[-1]
    return found


def test_the_theory_of_drawn_weights_refuses_given_ones(model, x):
    for name in ("mean_field", "phase_diagram"):
        with pytest.raises(ArgumentError, match="parameters of nn_lstm are given"):
            getattr(flow, name)(model.rnn, x)


def test_edits_of_a_module_s_cell_keep_its_size_and_its_weights(model):
    cell = gt.cell_of(model.rnn)
    coupled = cell.variant("coupled", {"f": "1 - i"})
    assert np.array_equal(coupled.init()["W_i"], cell.init()["W_i"])
    assert coupled.hidden_size == 4
    assert isinstance(cell.variant("more", {"f": "sigmoid(p * c)"}, "p in R^n"), SizedCell)


def test_a_gain_scales_no_weights_that_are_given(model, x):
    assert flow.clipping(model.rnn, x, seeds=1)["gain"].values.tolist() == [1.0]
    with pytest.raises(ArgumentError, match=r"gain = 2\.0 scales weights that are drawn"):
        flow.clipping(model.rnn, x, gain=2.0)


MORE = {
    "clipping": {"steps": 8}, "gate_statistics": {"steps": 8}, "temporal_contributions": {"steps": 8},
    "truncation": {"steps": 8},
}  # fmt: skip


@pytest.mark.parametrize("name", [n for n in MORE if n in analyses()])
def test_other_analyses_take_a_module(name, model, x):
    import inspect

    function = getattr(flow, name)
    options = {k: v for k, v in MORE[name].items() if k in inspect.signature(function).parameters}
    data = function(model.rnn, x, seeds=1, **options)
    assert data.attrs["given_by"] == [gt.cell_of(model.rnn).provenance]


def test_what_is_no_object_of_torch_imports_none():
    code = (
        "import sys, numpy as np, gatedsym as gs; from gatedsym.flow.foreign import bridge_of;"
        " sys.exit(any(map(bridge_of, ('rnn', gs.cell('rnn'), np.ones(3), len))) or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_layer_is_made_without_loading_analyses():
    code = (
        "import sys, gatedsym.torch as gt; gt.Layer('rnn', m=2, n=3);"
        " sys.exit('gatedsym.flow' in sys.modules or 'xarray' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
