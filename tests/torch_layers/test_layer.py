"""gt.Layer: a cell as a module of torch, its parameters and its results."""

import copy
import pickle

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the layer is torch's")
gt = pytest.importorskip("gatedsym.torch")

SIZES = {"m": 2, "n": 3}


@pytest.fixture(scope="module")
def layer():
    return gt.Layer("lstm", **SIZES, dtype=torch.double, seed=0)


@pytest.fixture(scope="module")
def x():
    return torch.from_numpy(np.random.default_rng(1).normal(size=(5, 4, 2)))


def test_a_layer_gives_what_its_cell_gives(layer, x):
    run = layer.cell.forward(layer.cell_parameters(), x.numpy())
    y, states = layer(x)
    assert np.array_equal(y.detach().numpy(), run["h"][1:])
    assert {name: tensor.shape for name, tensor in states.items()} == {"h": (1, 4, 3), "c": (1, 4, 3)}
    assert np.array_equal(states["c"][0].detach().numpy(), run["c"][-1])


def test_parameters_are_few_and_the_papers_names_stand_in_the_state_dict(layer):
    assert {name: tuple(p.shape) for name, p in layer.named_parameters()} == {
        "W": (4, 3, 2),
        "U": (4, 3, 3),
        "b": (4, 3),
    }
    assert list(layer.state_dict()) == list(layer.cell.parameters)
    assert torch.equal(layer.state_dict()["W_f"], layer.W[1])


def test_the_arrays_of_a_layer_are_its_memory(layer):
    own = copy.deepcopy(layer)
    own.cell_parameters()["b_f"][:] = 7
    assert torch.equal(own.b[1].detach(), torch.full((3,), 7.0, dtype=torch.double))


def test_copies_and_pickles_compute_the_same(layer, x):
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(other(x)[0], layer(x)[0])
        assert other.W is not layer.W


def test_a_state_dict_goes_into_another_layer(x):
    one, other = (gt.Layer("lstm", **SIZES, layers=2, bidirectional=True, seed=seed) for seed in (0, 1))
    names = list(one.state_dict())
    assert {"W_i_l0", "W_i_l0_reverse", "b_o_l1_reverse"} <= set(names)
    other.load_state_dict(one.state_dict())
    assert torch.equal(one(x.float())[0], other(x.float())[0])


def test_a_state_dict_with_wrong_names_or_shapes_is_refused_by_them(layer):
    found = dict(layer.state_dict())
    del found["W_i"]
    with pytest.raises(RuntimeError, match=r"Missing key.*W_i"):
        copy.deepcopy(layer).load_state_dict(found)
    with pytest.raises(RuntimeError, match=r"Unexpected key.*Q"):
        copy.deepcopy(layer).load_state_dict({**layer.state_dict(), "Q": torch.zeros(1)})
    with pytest.raises(RuntimeError, match=r"size mismatch for W_i: its shape is \(1,\) and must be \(3, 2\)"):
        copy.deepcopy(layer).load_state_dict({**layer.state_dict(), "W_i": torch.zeros(1)})


def test_the_seed_of_torch_governs_what_is_drawn():
    torch.manual_seed(3)
    one, other = gt.Layer("gru", **SIZES), gt.Layer("gru", **SIZES)
    torch.manual_seed(3)
    assert torch.equal(gt.Layer("gru", **SIZES).U, one.U)
    assert not torch.equal(one.U, other.U)


def test_a_layer_begins_as_its_cell_says():
    layer = gt.Layer("lstm", **SIZES, scheme="orthogonal", retention=2.0, dtype=torch.double, seed=4)
    expected = layer.cell.init(**SIZES, scheme="orthogonal", retention=2.0, seed=4)
    assert layer.cell_parameters() == expected


def test_packed_sequences_and_lengths_are_one(layer, x):
    lengths = [2, 5, 1, 3]
    y, states = layer(x, lengths=lengths)
    packed, last = layer(torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False))
    assert torch.equal(torch.nn.utils.rnn.pad_packed_sequence(packed)[0], y)
    assert all(torch.equal(last[name], states[name]) for name in states)
    alone, last = layer(x[:2, :1])
    assert torch.allclose(y[:2, :1], alone, rtol=0, atol=1e-15)
    assert torch.allclose(states["h"][:, :1], last["h"], rtol=0, atol=1e-15)
    assert not y[2:, 0].any()


def test_batch_first_exchanges_the_first_axes_of_sequences_alone(x):
    one, other = (gt.Layer("lstm", **SIZES, batch_first=first, dtype=torch.double, seed=0) for first in (False, True))
    y, states = other(x.transpose(0, 1))
    assert torch.equal(y.transpose(0, 1), one(x)[0])
    assert torch.equal(states["h"], one(x)[1]["h"])


def test_layers_read_what_those_below_read_out(x):
    two = gt.Layer("lstm", **SIZES, layers=2, dtype=torch.double, seed=0)
    below, above = (gt.Layer("lstm", m=m, n=3, dtype=torch.double) for m in (2, 3))
    below.copy_parameters(two.cell_parameters(0))
    above.copy_parameters(two.cell_parameters(1))
    y, states = two(x)
    middle, first = below(x)
    expected, last = above(middle)
    assert torch.equal(y, expected)
    assert torch.equal(states["c"], torch.cat([first["c"], last["c"]]))


def test_the_second_direction_reads_each_sequence_from_its_own_end(x):
    both = gt.Layer("lstm", **SIZES, bidirectional=True, dtype=torch.double, seed=0)
    alone = gt.Layer("lstm", **SIZES, dtype=torch.double)
    alone.copy_parameters(both.cell_parameters(reverse=True))
    y, states = both(x, lengths=[5, 3, 5, 5])
    backwards, last = alone(x[:3, 1:2].flip(0))
    assert torch.allclose(y[:3, 1:2, 3:], backwards.flip(0), rtol=0, atol=1e-15)
    assert torch.allclose(states["h"][1, 1], last["h"][0, 0], rtol=0, atol=1e-15)


def test_states_go_on_where_they_stopped(layer, x):
    whole, end = layer(x)
    _, middle = layer(x[:2])
    rest, last = layer(x[2:], middle)
    assert torch.equal(rest, whole[2:])
    assert torch.equal(last["c"], end["c"])


def test_dropout_acts_between_layers_in_training_alone(x):
    layer = gt.Layer("lstm", **SIZES, layers=2, dropout=0.5, dtype=torch.double, seed=0)
    torch.manual_seed(0)
    assert not torch.equal(layer(x)[0], layer(x)[0])
    layer.eval()
    assert torch.equal(layer(x)[0], layer(x)[0])


def test_the_output_has_the_name_that_the_cell_reads_out():
    assert gt.Layer("lstm", **SIZES).output == "h"
    assert gt.Layer("lstm", **SIZES, readout="c").output == "c"
    text = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ x + U @ h)\noutput y = h' * h'"
    assert gt.Layer(text, **SIZES).output == "y"
