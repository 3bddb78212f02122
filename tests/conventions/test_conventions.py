"""The table of layouts: round trips, the documented orders, refusals in a sentence."""

import re

import numpy as np
import pytest
from plain import plain_cell

import gatedsym as gs
from gatedsym import conventions
from gatedsym.conventions.page import conventions_page
from gatedsym.errors import ArgumentError
from gatedsym.library import load as library

LAYOUTS = conventions.layouts()
SIZES = {"m": 3, "n": 5}
MORE_SIZES = {"lstmp": {"r": 2}}


def key_of(layout):
    return f"{layout.framework.key}-{layout.cell}"


def drawn(layout, dtype="float64"):
    generator = np.random.default_rng(5)
    shapes = gs.cell(layout.cell).shapes(**SIZES, **MORE_SIZES.get(layout.cell, {}))
    params = {k: generator.normal(size=s).astype(dtype) for k, s in shapes.items()}
    return {k: np.zeros_like(v) if k in layout.without else v for k, v in params.items()}


def gate_blocks(array, count):
    """An array's blocks along its outputs, rows."""
    return np.split(array, count)


def test_every_cell_of_the_table_is_in_the_library():
    assert {layout.cell for layout in LAYOUTS} <= set(library.names())


def test_a_framework_has_one_layout_for_a_cell():
    assert len({key_of(layout) for layout in LAYOUTS}) == len(LAYOUTS)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=key_of)
def test_parameters_come_back_from_every_layout(layout, dtype):
    params = drawn(layout, dtype)
    arrays = conventions.export_parameters(layout.cell, params, layout.framework.key)
    back = conventions.import_parameters(layout.cell, arrays, layout.framework.key)
    assert list(back) == list(gs.cell(layout.cell).parameters)
    for name, value in params.items():
        assert back[name].dtype == value.dtype
        if name in layout.added:  # one subtraction and one addition
            np.testing.assert_allclose(back[name], value, rtol=0, atol=4 * np.finfo(dtype).eps)
        else:
            assert back[name].tobytes() == value.tobytes(), name


@pytest.mark.parametrize("layout", LAYOUTS, ids=key_of)
def test_every_number_of_a_parameter_stands_in_one_place(layout):
    """Numbered parameters: each number is found once among the arrays, up to its sign; all else is zero."""
    shapes = gs.cell(layout.cell).shapes(**SIZES, **MORE_SIZES.get(layout.cell, {}))
    count = sum(int(np.prod(s)) for k, s in shapes.items() if k not in layout.without)
    numbers = iter(range(100, 100 + count))
    params = {
        k: np.zeros(s) if k in layout.without else np.reshape([float(next(numbers)) for _ in range(int(np.prod(s)))], s)
        for k, s in shapes.items()
    }
    for name, amount in layout.added.items():
        params[name] = params[name] + amount
    arrays = conventions.export_parameters(layout.cell, params, layout.framework.key)
    found = np.concatenate([a.ravel() for a in arrays.values()])
    assert sorted(np.abs(found[found != 0])) == list(range(100, 100 + count))


@pytest.mark.parametrize("layout", LAYOUTS, ids=key_of)
def test_a_changed_layout_is_an_array_of_its_own(layout):
    params = drawn(layout)
    arrays = conventions.export_parameters(layout.cell, params, layout.framework.key)
    for array in arrays.values():
        assert array.flags.c_contiguous
        assert not any(np.shares_memory(array, p) for p in params.values())


def test_two_biases_of_a_gate_are_added():
    params = drawn(conventions.find_layout("lstm", "pytorch"))
    arrays = conventions.export_parameters("lstm", params, "pytorch")
    assert not arrays["bias_hh_l0"].any()
    arrays["bias_hh_l0"] = np.ones_like(arrays["bias_hh_l0"])
    back = conventions.import_parameters("lstm", arrays, "pytorch")
    np.testing.assert_array_equal(back["b_f"], params["b_f"] + 1)


@pytest.mark.parametrize(("name", "sign"), [("gru_torch", 1), ("gru_torch_overwrites", -1)])
def test_the_second_bias_of_the_update_gate_has_the_sign_of_the_gate(name, sign):
    params = drawn(conventions.find_layout(name, "pytorch"))
    arrays = conventions.export_parameters(name, params, "pytorch")
    arrays["bias_hh_l0"] = arrays["bias_hh_l0"] + 1
    back = conventions.import_parameters(name, arrays, "pytorch")
    np.testing.assert_array_equal(back["b_z"], params["b_z"] + sign)
    np.testing.assert_array_equal(back["b_r"], params["b_r"] + 1)
    np.testing.assert_array_equal(back["b_g"], params["b_g"])
    np.testing.assert_array_equal(back["v_g"], params["v_g"] + 1)


def test_biases_that_a_framework_leaves_out_are_zero():
    arrays = conventions.export_parameters("gru_torch", drawn(conventions.find_layout("gru_torch", "keras")), "keras")
    del arrays["bias"]
    back = conventions.import_parameters("gru_torch", arrays, "keras")
    assert not any(back[name].any() for name in ("b_z", "b_r", "b_g", "v_g"))


def test_tensors_of_torch_are_taken_as_they_are():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    layer = torch.nn.LSTM(3, 5)
    params = conventions.import_parameters("lstm", layer.state_dict(), "pytorch")
    np.testing.assert_array_equal(params["W_f"], layer.weight_ih_l0.detach().numpy()[5:10])
    with pytest.raises(ArgumentError, match=r"arrays\['weight_ih_l0'\] does not become an array"):
        conventions.import_parameters("lstm", dict(layer.named_parameters()), "pytorch")


# What is documented of cuDNN: gates by linLayerID (JuliaGPU/CUDA.jl, lib/cudnn/src/rnn.jl; there counted from 1).
CUDNN_LSTM = ["i", "f", "g", "o"]  # input gate, forget gate, new cell state, output gate
CUDNN_GRU = ["r", "z", "g"]  # reset gate, update gate, new hidden state


def test_cudnn_has_gates_in_the_documented_order():
    params = drawn(conventions.find_layout("lstm", "cudnn"))
    arrays = conventions.export_parameters("lstm", params, "cudnn")
    for gate, w, u, b in zip(CUDNN_LSTM, *(gate_blocks(a, 4) for a in list(arrays.values())[:3]), strict=True):
        np.testing.assert_array_equal(w, params[f"W_{gate}"])
        np.testing.assert_array_equal(u, params[f"U_{gate}"])
        np.testing.assert_array_equal(b, params[f"b_{gate}"])
    params = drawn(conventions.find_layout("gru_torch", "cudnn"))
    arrays = conventions.export_parameters("gru_torch", params, "cudnn")
    for gate, w, u in zip(CUDNN_GRU, *(gate_blocks(a, 3) for a in list(arrays.values())[:2]), strict=True):
        np.testing.assert_array_equal(w, params[f"W_{gate}"])
        np.testing.assert_array_equal(u, params[f"U_{gate}"])
    np.testing.assert_array_equal(gate_blocks(arrays["bias 3-5"], 3)[2], params["v_g"])


@pytest.mark.parametrize(
    "name", ["rnn", "rnn_relu", "lstm", "gru_torch", "gru_torch_cho_sign", "gru_torch_overwrites", "lstmp"]
)
def test_cudnn_has_what_torch_hands_to_it(name):
    """torch takes the weight space apart as weight_ih, weight_hh, bias_ih, bias_hh and weight_hr, in this order."""
    params = drawn(conventions.find_layout(name, "cudnn"))
    cudnn = conventions.export_parameters(name, params, "cudnn")
    torch = conventions.export_parameters(name, params, "pytorch")
    for a, b in zip(cudnn.values(), torch.values(), strict=True):
        np.testing.assert_array_equal(a, b)


# TensorFlow 1, written again from tensorflow/python/ops/rnn_cell_impl.py: what `call` computes of a row of inputs.


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def tf1_rnn(v, x, h):
    return (np.tanh(np.concatenate([x, h], 1) @ v["kernel"] + v["bias"]),)


def tf1_lstm(v, x, h, c, forget_bias=1.0):
    i, j, f, o = np.split(np.concatenate([x, h], 1) @ v["kernel"] + v["bias"], 4, axis=1)
    zero = np.zeros(c.shape[1])
    f = f + forget_bias + v.get("w_f_diag", zero) * c
    i = i + v.get("w_i_diag", zero) * c
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(j)
    m = sigmoid(o + v.get("w_o_diag", zero) * c) * np.tanh(c)
    return (m @ v["projection/kernel"] if "projection/kernel" in v else m), c


def tf1_gru(v, x, h):
    r, u = np.split(sigmoid(np.concatenate([x, h], 1) @ v["gates/kernel"] + v["gates/bias"]), 2, axis=1)
    c = np.tanh(np.concatenate([x, r * h], 1) @ v["candidate/kernel"] + v["candidate/bias"])
    return (u * h + (1 - u) * c,)


def textbook_rnn(v, x, h):
    return (np.tanh(np.concatenate([h, x], 1) @ v["W"].T + v["b"]),)


def textbook_lstm(v, x, h, c):
    hx = np.concatenate([h, x], 1)
    f, i, g, o = (hx @ v[f"W_{k}"].T + v[f"b_{k}"] for k in "fiCo")
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def textbook_gru(v, x, h):
    z, r = (sigmoid(np.concatenate([h, x], 1) @ v[f"W_{k}"].T + v.get(f"b_{k}", 0)) for k in "zr")
    g = np.tanh(np.concatenate([r * h, x], 1) @ v["W_h"].T + v.get("b_h", 0))
    return ((1 - z) * h + z * g,)


def stacked_lstm(v, x, h, c):
    i, f, g, o = np.split(np.concatenate([h, x], 1) @ v["W"].T + v["b"], 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


TRANSCRIBED = {
    ("tf1", "rnn"): tf1_rnn,
    ("tf1", "lstm"): tf1_lstm,
    ("tf1", "lstm_peephole"): tf1_lstm,
    ("tf1", "lstmp"): tf1_lstm,
    ("tf1", "gru"): tf1_gru,
    ("tf1", "gru_cho_sign"): tf1_gru,
    ("textbook", "rnn"): textbook_rnn,
    ("textbook", "lstm"): textbook_lstm,
    ("textbook", "gru"): textbook_gru,
    ("textbook", "gru_cho_sign"): textbook_gru,
    ("textbook", "gru_no_bias"): textbook_gru,
    ("stacked", "lstm"): stacked_lstm,
}


@pytest.mark.parametrize(("framework", "name"), list(TRANSCRIBED))
def test_a_step_with_stacked_matrices_is_the_same_step(framework, name):
    params, generator = drawn(conventions.find_layout(name, framework)), np.random.default_rng(8)
    arrays = conventions.export_parameters(name, params, framework)
    cell = plain_cell(name)
    x = generator.normal(size=(1, 4, SIZES["m"]))
    width = {"h": params["U_i"].shape[1] if name == "lstmp" else SIZES["n"], "c": SIZES["n"]}
    start = {s: generator.normal(size=(4, width[s])) for s in cell.states}
    run = cell.forward(params, x, initial=start)
    found = TRANSCRIBED[framework, name](arrays, x[0], *(start[s] for s in cell.states))
    for state, value in zip(cell.states, found, strict=True):
        np.testing.assert_allclose(value, run[state][1], rtol=1e-13, atol=1e-14)


def test_the_page_says_what_the_table_says():
    """`python -m gatedsym.conventions.page --write` writes it."""
    page = library.derivations_folder() / "docs" / "conventions.md"
    assert page.read_text("utf-8") == conventions_page()


# Refusals.


def refusal(call, *arguments):
    with pytest.raises(ArgumentError) as caught:
        call(*arguments)
    return str(caught.value)


def test_what_does_not_exist_is_refused_with_what_does():
    params = drawn(conventions.find_layout("lstm", "keras"))
    assert "it must be one of pytorch, keras" in refusal(conventions.export_parameters, "lstm", params, "chainer")
    message = refusal(conventions.export_parameters, "gru", params, "pytorch")
    assert message.startswith("PyTorch has no layout for the cell 'gru'; it has them for rnn, rnn_relu, lstm, lstmp, ")


def test_wrong_names_are_refused():
    layout = conventions.find_layout("lstm", "pytorch")
    params = drawn(layout)
    arrays = conventions.export_parameters("lstm", params, "pytorch")
    assert "params lacks b_f; lstm has W_i" in refusal(
        conventions.export_parameters, "lstm", {k: v for k, v in params.items() if k != "b_f"}, "pytorch"
    )
    deeper = arrays | {"weight_ih_l1": arrays["weight_hh_l0"]}
    assert "arrays has 'weight_ih_l1'" in refusal(conventions.import_parameters, "lstm", deeper, "pytorch")
    assert "must be a mapping" in refusal(conventions.import_parameters, "lstm", list(arrays.values()), "pytorch")


def test_wrong_shapes_are_refused_with_what_is_needed():
    arrays = conventions.export_parameters("lstm", drawn(conventions.find_layout("lstm", "keras")), "keras")
    message = refusal(conventions.import_parameters, "lstm", arrays | {"kernel": arrays["kernel"].T}, "keras")
    assert re.search(r"arrays\['kernel'\] has shape \(20, 3\); it needs \(m, 4 n\) with .*n = 5", message)
    message = refusal(conventions.import_parameters, "lstm", arrays | {"bias": arrays["bias"][None]}, "keras")
    assert "arrays['bias'] has shape (1, 20); it needs (4 n,) for LSTM of Keras 3" in message
    params = drawn(conventions.find_layout("lstm", "keras"))
    params["U_f"] = params["U_f"][:, :-1]
    assert "params['U_f'] has shape (5, 4); it needs (n, n) with n = 5" in refusal(
        conventions.export_parameters, "lstm", params, "keras"
    )


def test_wrong_numbers_are_refused():
    layout = conventions.find_layout("rnn", "keras")
    params = drawn(layout)
    half = params | {"W": params["W"].astype("float16")}
    assert "params['W'] is float16; it must be float64 or float32" in refusal(
        conventions.export_parameters, "rnn", half, "keras"
    )
    mixed = params | {"W": params["W"].astype("float32")}
    assert "params mixes float32 and float64" in refusal(conventions.export_parameters, "rnn", mixed, "keras")


def test_a_parameter_that_the_layout_has_no_place_for_must_be_zero():
    params = drawn(conventions.find_layout("gru_torch", "flax"))
    assert "params['v_g'] is not zero" in refusal(conventions.export_parameters, "gru_torch", params, "flax_nnx")


def test_a_cell_of_ones_own_is_refused():
    mine = gs.cell("lstm").variant("mine", {"f": "1 - i"})
    assert "no layout for the cell 'mine'" in refusal(conventions.export_parameters, mine, {}, "keras")
    named = gs.cell("lstm").variant("lstm", {"f": "1 - i"})
    assert "differ in U_f, W_f, b_f" in refusal(conventions.export_parameters, named, {}, "keras")
