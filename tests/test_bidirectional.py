"""Both directions: each is a run of its own, the numbers are torch's, and what is in the padding is seen by neither."""

import copy
import pickle

import numpy as np
import pytest
from plain_kernels import as_python

import gatedsym as gs
from gatedsym.errors import ArgumentError, UnknownNameError

T, B, M, N = 7, 4, 3, 4
LENGTHS = np.array([7, 2, 5, 1])
CLOSE = {"rtol": 1e-12, "atol": 1e-12}


@pytest.fixture(scope="module")
def both():
    return gs.Bidirectional("lstm")


@pytest.fixture(scope="module")
def params(both):
    return both.init(m=M, n=N)


@pytest.fixture(scope="module")
def x():
    array = np.random.default_rng(0).standard_normal((T, B, M))
    array[np.arange(T)[:, None] >= LENGTHS] = np.nan
    return array


def _torch_lstm(params):
    torch = pytest.importorskip("torch", reason="torch is not installed; `pip install torch` to compare with it")
    layer = torch.nn.LSTM(M, N, bidirectional=True, dtype=torch.float64)
    for direction, suffix in (("forward", ""), ("backward", "_reverse")):
        own = params[direction]
        with torch.no_grad():
            for key, letter in (("weight_ih", "W"), ("weight_hh", "U"), ("bias_ih", "b")):
                blocks = np.concatenate([own[f"{letter}_{gate}"] for gate in "ifgo"])
                getattr(layer, f"{key}_l0{suffix}").copy_(torch.from_numpy(blocks))
            getattr(layer, f"bias_hh_l0{suffix}").zero_()
    return torch, layer


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["one length", "lengths"])
def test_values_and_gradients_are_those_of_a_bidirectional_layer_of_torch(both, params, x, lengths):
    torch, layer = _torch_lstm(params)
    rng = np.random.default_rng(1)
    dh, ends = rng.standard_normal((T, B, 2 * N)), rng.standard_normal((2, B, N))
    own = np.nan_to_num(x)
    given = torch.from_numpy(own).requires_grad_()
    packing = torch.nn.utils.rnn
    if lengths is None:
        output, (_, last) = layer(given)
        shown = own
    else:
        packed = packing.pack_padded_sequence(given, torch.from_numpy(lengths), enforce_sorted=False)
        output, (_, last) = layer(packed)
        output, _ = packing.pad_packed_sequence(output, total_length=T)
        shown = x
    ((output * torch.from_numpy(dh)).sum() + (last * torch.from_numpy(ends)).sum()).backward()

    run = both.forward(params, shown, lengths=lengths)
    cotangents = {"h": dh, "forward": {"c": ends[0]}, "backward": {"c": ends[1]}}
    grads = both.backward(params, run, cotangents)
    np.testing.assert_allclose(run["h"], output.detach().numpy(), **CLOSE)
    np.testing.assert_allclose(np.stack([run.final[d]["c"] for d in run.final]), last.detach().numpy(), **CLOSE)
    np.testing.assert_allclose(grads.x, given.grad.numpy(), **CLOSE)
    for direction, suffix in (("forward", ""), ("backward", "_reverse")):
        for key, letter in (("weight_ih", "W"), ("weight_hh", "U"), ("bias_ih", "b")):
            found = np.concatenate([grads.params[direction][f"{letter}_{gate}"] for gate in "ifgo"])
            np.testing.assert_allclose(found, getattr(layer, f"{key}_l0{suffix}").grad.numpy(), **CLOSE)


def test_batch_first_is_the_same_with_axes_exchanged(both, params, x):
    resets = np.random.default_rng(2).random((T, B)) < 0.3
    dh = np.random.default_rng(3).standard_normal((T, B, 2 * N))
    run = both.forward(params, x, lengths=LENGTHS, resets=resets)
    turned = both.forward(params, np.swapaxes(x, 0, 1), lengths=LENGTHS, resets=resets.T, batch_first=True)
    assert np.array_equal(turned["h"], np.swapaxes(run["h"], 0, 1))
    grads = both.backward(params, run, {"h": dh})
    swapped = both.backward(params, turned, {"h": np.swapaxes(dh, 0, 1)})
    assert np.array_equal(swapped.x, np.swapaxes(grads.x, 0, 1))
    sparse = both.backward(params, run, {"h": ([2, -7], dh[[2, 0]])})
    other = both.backward(params, turned, {"h": ([2, -7], np.swapaxes(dh[[2, 0]], 0, 1))})
    assert np.array_equal(other.x, np.swapaxes(sparse.x, 0, 1))


def test_an_episode_is_read_backward_from_its_own_end(both, params, x):
    resets = np.zeros((T, B), bool)
    resets[3, 0] = resets[1, 2] = resets[6, 2] = True
    run = both.forward(params, x, lengths=LENGTHS, resets=resets)
    for b, start, stop in ((0, 0, 3), (0, 3, 7), (1, 0, 2), (2, 0, 1), (2, 1, 5), (3, 0, 1)):
        alone = both.forward(params, x[start:stop, b : b + 1])
        np.testing.assert_allclose(run["h"][start:stop, b], alone["h"][:, 0], **CLOSE)


def test_two_cells_of_unlike_sizes_and_a_cell_with_outputs_stand_side_by_side():
    cells = [as_python(gs.cell(name)) for name in ("lstm", "gru")]
    both = gs.Bidirectional(tuple(cells))
    params = {"forward": cells[0].init(m=M, n=3), "backward": cells[1].init(m=M, n=5)}
    x = np.random.default_rng(4).standard_normal((T, B, M))
    run = both.forward(params, x)
    assert list(run) == ["h"]
    np.testing.assert_array_equal(run["h"][..., :3], run.forward["h"][1:])
    np.testing.assert_array_equal(run["h"][..., 3:], run.backward["h"][:0:-1])
    grads = both.backward(params, run, {"h": np.ones((T, B, 8))})
    for direction, one in both.cells.items():
        turned = x if direction == "forward" else x[::-1]
        width = params[direction].sizes["n"]
        alone = one.backward(params[direction], one.forward(params[direction], turned), {"h": np.ones((T, B, width))})
        np.testing.assert_allclose(
            grads.params[direction]["U_z" if width == 5 else "U_i"],
            alone.params["U_z" if width == 5 else "U_i"],
            **CLOSE,
        )


def test_one_direction_alone_may_have_cotangents(both, params, x):
    run = both.forward(params, x, lengths=LENGTHS)
    grads = both.backward(params, run, {"backward": {"h": np.ones((B, N))}})
    assert not any(array.any() for array in grads.params["forward"].values())
    assert grads.params["backward"]["U_i"].any()


def test_it_is_an_object_as_any(both, params, x):
    run = both.forward(params, x, lengths=LENGTHS)
    grads = both.backward(params, run, {"h": np.ones((T, B, 2 * N))})
    for one in (both, run, grads):
        assert pickle.loads(pickle.dumps(one)) == one == copy.deepcopy(one)
        assert "lstm" in repr(one)
        assert "<table" in one._repr_html_()
    assert run != both.forward(params, x, lengths=LENGTHS - 1)


REFUSED = [
    (lambda both, params, x: gs.Bidirectional(("lstm",)), "cells must be a cell, or a forward and a backward one, not"),
    (lambda both, params, x: gs.Bidirectional(3), "cells must be a cell, or a forward and a backward one, not 3"),
    (
        lambda both, params, x: gs.Bidirectional(("lstm", "gru_d")),
        "both directions read the same inputs, but lstm has x",
    ),
    (
        lambda both, params, x: both.forward(params["forward"], x),
        "params has '.*'; it must map 'forward' and 'backward'",
    ),
    (lambda both, params, x: both.forward({"forward": params["forward"]}, x), "params lacks 'backward'; it must map"),
    (lambda both, params, x: both.forward(params, x, workspace=gs.Workspace()), "Bidirectional takes no workspace"),
    (
        lambda both, params, x: both.backward(params, 3, {}),
        "run must be what forward of Bidirectional returned, not int",
    ),
]


@pytest.mark.parametrize(("call", "sentence"), REFUSED)
def test_a_wrong_argument_is_refused_in_a_sentence(both, params, x, call, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        call(both, params, x)


def test_cotangents_that_do_not_fit_are_refused(both, params, x):
    run = both.forward(params, x, lengths=LENGTHS)
    for given, sentence in (
        ({"h": np.ones((T, B, N))}, r"has shape \(7, 4, 4\); it must be \(7, 4, 8\), both directions side by side\."),
        ({"h": np.ones((B, 2 * N))}, "the directions end at different steps"),
        ({"k": np.ones((T, B, N))}, "cotangents has 'k'; give some of forward, backward, "),
        ({"h": ([T], np.ones((1, B, 2 * N)))}, "times must lie in -7 … 6"),
        ({"h": ([0.0], np.ones((1, B, 2 * N)))}, "times must be integers, not float64"),
        ({"h": ([0, 1], np.ones((1, B, 2 * N)))}, r"has shape \(1, 4, 8\) for 2 times; it must be \(2, 4, 8\)\."),
        ({"h": (np.zeros((1, B), int), np.ones((1, B, 2 * N)))}, r"times has shape \(1, 4\); give one row of times"),
        ({"h": np.ones((T, B, 8)), "forward": {"h": np.ones((B, N))}}, "cotangents has 'h' twice"),
        ({}, "cotangents must map names to arrays"),
    ):
        with pytest.raises(ArgumentError, match=sentence):
            both.backward(params, run, given)
    with pytest.raises(UnknownNameError, match="there is no 'i' among the states and outputs of both directions"):
        run["i"]
