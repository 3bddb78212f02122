"""What gt.Layer takes, converts, and refuses in a sentence."""

import re

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the layer is torch's")
gt = pytest.importorskip("gatedsym.torch")

import gatedsym as gs  # noqa: E402  # after what may be absent
from gatedsym.errors import ArgumentError, PrecisionWarning  # noqa: E402

LSTM = {"cell": "lstm", "m": 2, "n": 3}


@pytest.fixture(scope="module")
def layer():
    return gt.Layer(**LSTM, seed=0)


def zeros(*shape, **options):
    return torch.zeros(*shape, **options)


MADE_WRONG = {
    "layers=0 must be a positive integer": {"layers": 0},
    "dropout=1 must be a probability": {"dropout": 1},
    "bidirectional=2 must be True or False": {"bidirectional": 2},
    "dtype is torch.float16; gt.Layer computes in torch.float32 and torch.float64": {"dtype": torch.float16},
    "cell is 3: give a name of the library, a text of equations, or a gs.Cell": {"cell": 3},
    "readout is 'q'; lstm has h, c": {"readout": "q"},
    "lstm needs the size of n": {"n": None},
    "lstm has no dimension 'k'": {"k": 3},
    "gru_d has h and last, and its equations do not say": {"cell": "gru_d"},
    "clockwork_rnn has the inputs x, on_1, on_2, on_3: layers need one vector": {
        "cell": "clockwork_rnn",
        "n": 6,
        "readout": "h_1",
        "layers": 2,
    },
}
RUN_WRONG = {
    "x has shape (5, 2); it must be (T, B, 2)": lambda: (zeros(5, 2),),
    "x has shape (5, 1, 3); it must be (T, B, 2)": lambda: (zeros(5, 1, 3),),
    "x is a list; give a tensor": lambda: ([[[0.0, 0.0]]],),
    "x lacks 'x'; the inputs of lstm are x": lambda: (None,),
    "x has 'q'; the inputs of lstm are x": lambda: ({"q": zeros(5, 1, 2), "x": zeros(5, 1, 2)},),
    "x is on meta; gt.Layer computes on the CPU": lambda: (zeros(5, 1, 2, device="meta"),),
    "x is complex64, and real numbers are needed": lambda: (zeros(5, 1, 2, dtype=torch.complex64),),
    "states is a tuple; give a dict of tensors by name": lambda: (zeros(5, 1, 2), (zeros(1, 1, 3),)),
    "states has 'q'; lstm has h, c": lambda: (zeros(5, 1, 2), {"q": zeros(1, 1, 3)}),
    "states['h'] has shape (1, 3); it must be (1, 1, 3)": lambda: (zeros(5, 1, 2), {"h": zeros(1, 3)}),
    "states['h'] is on meta": lambda: (zeros(5, 1, 2), {"h": zeros(1, 1, 3, device="meta")}),
    "lengths[0] is 6; there are 5 steps": lambda: (zeros(5, 1, 2), None, [6]),
    "lengths is float32; it must be integers": lambda: (zeros(5, 1, 2), None, zeros(1)),
    "lengths has shape (2,); it must be (1,)": lambda: (zeros(5, 1, 2), None, [1, 2]),
    "lengths is on meta": lambda: (zeros(5, 1, 2), None, zeros(1, dtype=torch.int64, device="meta")),
    "lengths is given beside a packed sequence": lambda: (
        torch.nn.utils.rnn.pack_padded_sequence(zeros(5, 1, 2), torch.tensor([3])),
        None,
        [3],
    ),
}


@pytest.mark.parametrize("sentence", MADE_WRONG)
def test_a_layer_that_cannot_be_is_refused_in_a_sentence(sentence):
    with pytest.raises(ArgumentError, match=re.escape(sentence)) as refusal:
        gt.Layer(**{**LSTM, **MADE_WRONG[sentence]})
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("sentence", RUN_WRONG)
def test_arguments_that_do_not_fit_are_refused_in_a_sentence(layer, sentence):
    with pytest.raises(ArgumentError, match=re.escape(sentence)) as refusal:
        layer(*RUN_WRONG[sentence]())
    assert str(refusal.value).endswith(".")


def test_parameters_of_another_device_or_type_are_refused_in_a_sentence():
    layer = gt.Layer(**LSTM)
    with pytest.raises(ArgumentError, match=r"W is on meta; gt.Layer computes on the CPU: move it"):
        gt.Layer(**LSTM).to("meta")(zeros(5, 1, 2))
    with pytest.raises(ArgumentError, match=r"W is bfloat16; gt.Layer computes in float32 and float64"):
        layer.bfloat16()(zeros(5, 1, 2))


@pytest.mark.parametrize("given", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floats_are_converted_and_that_is_said(layer, given):
    x = torch.linspace(-1, 1, 10).reshape(5, 1, 2).to(given).requires_grad_()
    with pytest.warns(PrecisionWarning, match=r"gt.Layer computes in float32 and converts x at every call"):
        y, _ = layer(x)
    assert y.dtype == torch.float32
    assert torch.equal(y, layer(x.detach().float())[0])
    y.sum().backward()
    assert x.grad.dtype == given
    assert x.grad.abs().max() > 0


def test_a_layer_follows_its_parameters_to_another_type(layer):
    import copy

    other = copy.deepcopy(layer).double()
    assert other(zeros(5, 1, 2, dtype=torch.double))[0].dtype == torch.double


def test_whole_numbers_are_taken_where_they_are_exact(layer):
    x = torch.arange(10).reshape(5, 1, 2)
    assert torch.equal(layer(x)[0], layer(x.float())[0])


def test_what_does_not_lie_in_order_is_taken(layer):
    x = torch.randn(1, 2, 5).permute(2, 0, 1)
    assert torch.equal(layer(x)[0], layer(x.contiguous())[0])


def test_a_cell_without_input_takes_steps_and_batch():
    text = "h in R^n; U in R^(n,n)\nh' = tanh(U @ h)"
    y, states = gt.Layer(text, n=3)(states={"h": torch.ones(1, 2, 3)}, steps=4, batch=2)
    assert y.shape == (4, 2, 3)
    assert torch.equal(states["h"][0], y[-1])


def test_several_inputs_go_by_name():
    layer = gt.Layer("cfc", m=2, n=3, dtype=torch.double)
    given = {"x": torch.randn(4, 2, 2, dtype=torch.double), "dt": torch.rand(4, 2, dtype=torch.double) + 0.1}
    shape = (4, 2, *layer.places[0].form.shapes["dt"])
    given["dt"] = torch.rand(shape, dtype=torch.double) + 0.1
    run = layer.cell.forward(layer.cell_parameters(), {name: t.numpy() for name, t in given.items()})
    assert np.array_equal(layer(given)[0].detach().numpy(), run[layer.output][1:])


@pytest.mark.long
def test_a_complex_state_is_a_complex_tensor():
    layer = gt.Layer("unitary_rnn", m=2, n=4, dtype=torch.double, seed=0)
    x = torch.randn(3, 2, 2, dtype=torch.double)
    y, states = layer(x)
    assert y.dtype == states["h"].dtype == torch.complex128
    rest, _ = layer(x[1:], layer(x[:1])[1])
    assert torch.allclose(rest, y[1:], rtol=0, atol=1e-15)


def test_the_past_of_a_delayed_input_is_a_state():
    layer = gt.Layer("qrnn_f", m=2, n=2, layers=2, dtype=torch.double, seed=0)
    x = torch.randn(6, 2, 2, dtype=torch.double)
    y, states = layer(x)
    assert set(states) >= set(layer.cell.inputs)
    rest, _ = layer(x[3:], layer(x[:3])[1])
    assert torch.allclose(rest, y[3:], rtol=0, atol=1e-15)
    _, last = layer(x, lengths=[3, 6])
    assert torch.allclose(last["x"][:, ..., 0, :], layer(x[:3, :1])[1]["x"][:, ..., 0, :], rtol=0, atol=1e-15)
    with pytest.raises(
        ArgumentError, match="reads x of earlier steps: in layers x has the size of what is read out, 3"
    ):
        gt.Layer("qrnn_f", m=2, n=3, layers=2)


def test_latex_and_objects_are_cells():
    latex = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n\n" r"h_t = \tanh(W x_t + U h_{t-1} + b)"
    assert gt.Layer(latex, m=2, n=3).cell.parameters == ("W", "U", "b")
    cell = gs.cell("gru")
    assert gt.Layer(cell, m=2, n=3).cell is cell


def test_a_declared_output_is_what_is_read_out_and_takes_no_step_more():
    layer = gt.Layer("linear_attention", m=2, n=3, dtype=torch.double)
    y, _ = layer(torch.zeros(4, 1, 2, dtype=torch.double))
    assert y.shape[:2] == (4, 1)
    assert layer.output in layer.cell.outputs
