"""State dicts of whole models: a layer, a direction or a cell among other things is found, or asked about by name."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym import conventions
from gatedsym.errors import ArgumentError, DataError

GATES = {"lstm": "ifgo", "gru_torch": "rzg", "rnn": ""}


def drawn(name, seed=0, m=3, n=4):
    return gs.cell(name).init(m=m, n=n, seed=seed, scheme="xavier")


def same(found, params):
    return list(found) == list(params) and all(np.array_equal(found[k], params[k]) for k in params)


def refusal(*arguments, **options):
    with pytest.raises((ArgumentError, DataError)) as caught:
        conventions.import_parameters(*arguments, **options)
    assert str(caught.value).endswith(".")
    assert ".." not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("framework", ["pytorch", None])
@pytest.mark.parametrize("label", ["rnn:0", "encoder.rnn:1:reverse", "lstm_cell", "0:reverse", "."])
def test_a_layer_is_exported_under_its_names_and_found_beside_anything_else(label, framework):
    params = drawn("lstm")
    arrays = conventions.export_parameters("lstm", params, "pytorch", layer=label)
    model = {
        "embedding.weight": np.zeros((9, 3)),
        **arrays,
        "readout.weight": np.zeros((2, 4)),
        "readout.bias": np.zeros(2),
    }
    assert same(conventions.import_parameters("lstm", model, framework), params)
    assert same(conventions.import_parameters("lstm", model, framework, layer=label), params)


def test_names_of_a_layer_are_those_of_torch():
    names = list(conventions.export_parameters("rnn", drawn("rnn"), "pytorch", layer="a.b:1:reverse"))
    assert names[0] == "a.b.weight_ih_l1_reverse"
    assert list(conventions.export_parameters("rnn", drawn("rnn"), "pytorch", layer="c"))[1] == "c.weight_hh"
    assert "dense/rnn/kernel" in conventions.export_parameters("rnn", drawn("rnn"), "keras", layer="dense/rnn")
    with pytest.raises(ArgumentError, match=r"names a place that Keras 3 does not write"):
        conventions.export_parameters("rnn", drawn("rnn"), "keras", layer="rnn:1")


@pytest.mark.parametrize("name", GATES)
def test_every_layer_and_direction_of_a_torch_module_is_had(name):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    kind = {"lstm": torch.nn.LSTM, "gru_torch": torch.nn.GRU, "rnn": torch.nn.RNN}[name]
    model = torch.nn.ModuleDict({"rnn": kind(3, 4, num_layers=2, bidirectional=True), "out": torch.nn.Linear(8, 2)})
    held = model.state_dict()
    assert "There are several: rnn:0, rnn:0:reverse, rnn:1, rnn:1:reverse; say which" in refusal(name, held, "pytorch")
    for layer in (0, 1):
        for place in ("", "_reverse"):
            label = f"rnn:{layer}{place.replace('_', ':')}"
            found = conventions.import_parameters(name, held, "pytorch", layer=label)
            again = conventions.export_parameters(name, found, "pytorch", layer=label)
            for array in ("weight_ih", "weight_hh"):
                np.testing.assert_array_equal(
                    again[f"rnn.{array}_l{layer}{place}"], held[f"rnn.{array}_l{layer}{place}"]
                )
            assert found["W" if name == "rnn" else "W_" + GATES[name][0]].shape == (4, 8 if layer else 3)


@pytest.mark.parametrize("name", GATES)
def test_a_cell_of_torch_is_found_in_a_model(name):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    kind = {"lstm": torch.nn.LSTMCell, "gru_torch": torch.nn.GRUCell, "rnn": torch.nn.RNNCell}[name]
    model = torch.nn.ModuleDict({"conv": torch.nn.Conv1d(1, 3, 2), "cell": kind(3, 4)})
    found = conventions.import_parameters(name, model.state_dict(), "pytorch")
    first = "W" if name == "rnn" else "W_" + GATES[name][0]
    np.testing.assert_array_equal(found[first], model.cell.weight_ih.detach().numpy()[:4])


def test_two_modules_that_fit_are_asked_about():
    one, two = drawn("lstm", 0), drawn("lstm", 1)
    held = {
        **conventions.export_parameters("lstm", one, "pytorch", layer="a:0"),
        **conventions.export_parameters("lstm", two, "pytorch", layer="b:0"),
    }
    assert "Say which, with layer='a:0'" in refusal("lstm", held, "pytorch")
    assert same(conventions.import_parameters("lstm", held, layer="b"), two)
    assert "no layer c that fits: choose from a:0" in refusal("lstm", held, layer="c")


@pytest.mark.parametrize("strange", ["rnn.weight_hh_l0_raw", "rnn.bias_hhl0"])
def test_what_changes_the_meaning_of_a_matrix_beside_it_is_not_overlooked(strange):
    held = conventions.export_parameters("lstm", drawn("lstm"), "pytorch", layer="rnn:0")
    del held["rnn.bias_hh_l0"]
    held["other.weight"] = np.zeros(2)
    assert same(conventions.import_parameters("lstm", held, "pytorch"), drawn("lstm"))
    held[strange] = np.zeros(16)
    assert f"{strange} stands beside its arrays, and no layout of PyTorch has it" in refusal("lstm", held, "pytorch")


def test_normalised_weights_are_refused_by_what_is_missing():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.LSTM(3, 4), "weight_hh_l0")
    assert "arrays lacks weight_hh_l0" in refusal("lstm", layer.state_dict(), "pytorch")


def test_arrays_of_another_layer_are_refused_by_what_they_need():
    held = conventions.export_parameters("gru_torch", drawn("gru_torch"), "pytorch", layer="rnn:0")
    assert "rnn:0: arrays['weight_hh_l0'] has shape (12, 4); it needs (4 n, n)" in refusal("lstm", held)
    assert "its parameters are W_i" in refusal("lstm", {"weight": np.zeros((2, 2))})
    assert "lstm: b_o is missing" in refusal("lstm", {k: v for k, v in drawn("lstm").items() if k != "b_o"})


def test_a_cell_of_ones_own_has_its_own_names():
    own = gs.Cell("x in R^m; h in R^n; V in R^(n,m); a in R^n\nh' = tanh(V @ x + a * h)", "own")
    params = own.init(m=3, n=2)
    assert same(conventions.import_parameters(own, {"model.V": params["V"], "model.a": params["a"]}), dict(params))
    with pytest.raises(ArgumentError, match="no layout for the cell 'own'"):
        conventions.import_parameters(own, dict(params), "pytorch")


def test_variables_of_tensorflow_are_found_under_the_names_that_it_gives_them():
    params = drawn("lstm")
    named = {f"lstm/lstm_cell/{k}:0": v for k, v in conventions.export_parameters("lstm", params, "keras").items()}
    assert same(conventions.import_parameters("lstm", {"dense/kernel:0": np.zeros((4, 2)), **named}, "keras"), params)
