"""Files of torch, ONNX and Keras: what they say of a layer counts, what no cell does is refused, and nothing is run."""

import json
import pickle
import sys
import zipfile

import h5py
import numpy as np
import pytest

import gatedsym as gs
from gatedsym import conventions
from gatedsym.errors import ArgumentError, DataError, GatedsymError
from gatedsym.flow.trained import read_weights, trained_cell


def drawn(name, m=3, n=4, seed=0):
    return gs.cell(name).init(m=m, n=n, seed=seed, scheme="xavier", dtype="float32")


def same(found, params):
    return all(np.array_equal(found[k], params[k]) for k in params)


def refusal(path, name="lstm", **options):
    with pytest.raises(GatedsymError) as caught:
        trained_cell([gs.cell(name)], path, **options)
    said = str(caught.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


# torch


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="torch is not installed")


def test_a_checkpoint_is_searched_for_tensors(tmp_path, torch):
    model = torch.nn.ModuleDict({"rnn": torch.nn.LSTM(3, 4), "out": torch.nn.Linear(4, 1)})
    checkpoint = {"epoch": 3, "state_dict": model.state_dict(), "losses": [0.5, 0.25], "config": {"n": 4}}
    torch.save(checkpoint, tmp_path / "w.pt")
    found = trained_cell([gs.cell("lstm")], tmp_path / "w.pt")
    assert same(found.params, conventions.import_parameters("lstm", model.rnn.state_dict(), "pytorch"))
    assert "layer state_dict.rnn:0 of w.pt" in found.description
    assert found.params["W_f"].dtype == np.float64


@pytest.mark.parametrize("kind", ["float64", "float16", "bfloat16"])
def test_every_width_of_a_tensor_is_read(tmp_path, torch, kind):
    layer = torch.nn.LSTM(3, 4).to(getattr(torch, kind))
    torch.save(layer.state_dict(), tmp_path / "w.pth")
    found = conventions.import_parameters("lstm", tmp_path / "w.pth")
    np.testing.assert_array_equal(found["W_i"], layer.weight_ih_l0[:4].detach().double().numpy())
    assert found["W_i"].dtype == ("float64" if kind == "float64" else "float32")


def test_objects_of_a_torch_file_are_not_made(tmp_path, torch):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "run"), "w"))

    torch.save({"weights": torch.zeros(2), "trap": Trap()}, tmp_path / "w.pt")
    assert "no object but tensors is read: save model.state_dict() alone" in refusal(tmp_path / "w.pt")
    torch.save(torch.nn.LSTM(2, 2), tmp_path / "w.pt")
    assert "holds an object of torch.nn.modules.rnn.LSTM" in refusal(tmp_path / "w.pt")
    (tmp_path / "w.bin").write_bytes(pickle.dumps(Trap()))
    assert "not a whole archive of torch" in refusal(tmp_path / "w.bin")
    assert not (tmp_path / "run").exists()


def test_tensors_that_are_no_weights_are_refused_by_name(tmp_path, torch):
    layer = torch.nn.LSTM(3, 4).state_dict()
    for change, said in (
        (lambda w: w.to(torch.int8), "is int8: save floats as"),
        (lambda w: w.to_sparse(), "no plain tensor"),
        (lambda w: w * np.inf, "not finite"),
        (lambda w: w.to("meta"), "no plain tensor"),
    ):
        torch.save({**layer, "weight_hh_l0": change(layer["weight_hh_l0"])}, tmp_path / "w.pt")
        assert said in refusal(tmp_path / "w.pt")


def test_a_torch_file_that_unfolds_to_much_is_not_unfolded(tmp_path, torch, monkeypatch):
    monkeypatch.setattr("gatedsym.conventions.torch_file.MAX_ARRAYS", 2**10)
    torch.save({"a": torch.zeros(2**10)}, tmp_path / "w.pt")
    assert "unfolds to" in refusal(tmp_path / "w.pt")
    monkeypatch.undo()
    monkeypatch.setattr("gatedsym.conventions.weight_file.MAX_ARRAYS", 2**10)
    torch.save({"a": torch.zeros(1).expand(10**12)}, tmp_path / "w.pt")  # four bytes with a stride of 0
    with pytest.raises(DataError, match=r"unfolds to 7.276e\+03 GiB of weights|unfolds to"):
        read_weights(tmp_path / "w.pt")


def test_a_torch_whose_loader_can_be_fooled_is_not_used(tmp_path, torch, monkeypatch):
    torch.save({"a": torch.zeros(2)}, tmp_path / "w.pt")
    monkeypatch.setattr(torch, "__version__", "2.9.1+cpu")
    monkeypatch.setattr(torch, "load", None)
    assert "install torch 2.10 or later" in refusal(tmp_path / "w.pt")


def test_a_program_of_torchscript_is_told_from_weights(tmp_path, torch):
    with zipfile.ZipFile(tmp_path / "w.pt", "w") as archive:
        archive.writestr("model/code/__torch__.py", "raise SystemExit")
        archive.writestr("model/data.pkl", b"")
    assert "is a program of TorchScript, not weights: save its state_dict()" in refusal(tmp_path / "w.pt")


# ONNX


@pytest.fixture
def onnx():
    return pytest.importorskip("onnx", reason="onnx is not installed")


CELLS = {
    "LSTM": "lstm", "GRU": "gru", "RNN": "rnn", "peephole": "lstm_peephole", "after": "gru_torch", "relu": "rnn_relu",
    "coupled": "cifg",
}  # fmt: skip
SAID = {
    "after": ("GRU", {"linear_before_reset": 1}), "relu": ("RNN", {"activations": ["Relu"]}),
    "coupled": ("LSTM", {"input_forget": 1}), "peephole": ("LSTM", {}),
}  # fmt: skip


def onnx_model(onnx, path, kind, arrays, inputs=None, before=(), **attributes):
    """A model of one operator whose weights are initialisers."""
    operator, said = SAID.get(kind, (kind, {}))
    given = inputs or ["X", "W", "R", "B", "", "", "", *(["P"] if "P" in arrays else [])]
    node = onnx.helper.make_node(operator, given, ["Y"], name="rnn", **said, **attributes)
    stored = [onnx.numpy_helper.from_array(np.ascontiguousarray(v), k) for k, v in arrays.items()]
    graph = onnx.helper.make_graph([*before, node], "g", [], [], stored)
    onnx.save(onnx.helper.make_model(graph), path)
    return path


@pytest.mark.parametrize("kind", CELLS)
def test_an_operator_is_the_cell_that_its_attributes_make_it(tmp_path, onnx, kind):
    name = CELLS[kind]
    params = drawn(name)
    path = onnx_model(onnx, tmp_path / "w.onnx", kind, conventions.export_parameters(name, params, "onnx"))
    found = trained_cell([gs.cell(name)], path)
    assert found.name == f"{name}_trained"
    assert same(found.params, params)
    assert "layer rnn of w.onnx, named as by ONNX: W, R, B" in found.description


def test_a_gru_is_not_taken_for_the_one_that_resets_elsewhere(tmp_path, onnx):
    arrays = conventions.export_parameters("gru_torch", drawn("gru_torch"), "onnx")
    path = onnx_model(onnx, tmp_path / "w.onnx", "after", arrays)
    said = refusal(path, "gru")
    assert "rnn is GRU(linear_before_reset=1) of ONNX, which is gru_torch or gru_torch_cho_sign" in said
    assert "name one of them" in said


@pytest.mark.parametrize(
    ("kind", "attributes", "said"),
    [
        ("LSTM", {"clip": 3.0}, "rnn: it clips what its activations get at 3"),
        ("LSTM", {"activations": ["HardSigmoid", "Tanh", "Tanh"]}, "its activations are hardsigmoid, tanh, tanh"),
        ("LSTM", {"activations": ["Sigmoid"]}, "it names 1 activations, and such a LSTM has 3"),
        ("LSTM", {"hidden_size": 5}, "its hidden_size is 5, and its R has 4 columns"),
        ("LSTM", {"direction": "sideways"}, "its direction sideways is none of forward, reverse, bidirectional"),
        ("LSTM", {"direction": "bidirectional"}, "which is none of 2 directions"),
    ],
)
def test_what_no_cell_does_is_refused_with_what_it_is(tmp_path, onnx, kind, attributes, said):
    arrays = conventions.export_parameters("lstm", drawn("lstm"), "onnx")
    assert said in refusal(onnx_model(onnx, tmp_path / "w.onnx", kind, arrays, **attributes))


def test_both_directions_of_an_operator_are_had(tmp_path, onnx):
    there, back = drawn("gru", seed=0), drawn("gru", seed=1)
    both = [conventions.export_parameters("gru", params, "onnx") for params in (there, back)]
    arrays = {k: np.concatenate([one[k] for one in both]) for k in both[0]}
    path = onnx_model(onnx, tmp_path / "w.onnx", "GRU", arrays, direction="bidirectional", layout=1)
    assert "Say which, with --layer rnn" in refusal(path, "gru")
    assert same(trained_cell([gs.cell("gru")], path, layer="rnn").params, there)
    turned = trained_cell([gs.cell("gru")], path, layer="rnn:reverse")
    assert same(turned.params, back)
    assert "from the last step to the first" in turned.description


def test_lengths_and_initial_states_of_an_operator_are_told(tmp_path, onnx):
    arrays = conventions.export_parameters("lstm", drawn("lstm"), "onnx")
    inputs = ["X", "W", "R", "B", "lengths", "h", "c"]
    found = trained_cell([gs.cell("lstm")], onnx_model(onnx, tmp_path / "w.onnx", "LSTM", arrays, inputs))
    assert "each sequence ends after a length of its own" in found.description
    assert "it starts from states that it is given; here it starts from zeros" in found.description


def test_weights_in_constants_and_inner_graphs_are_stored_and_computed_ones_are_not(tmp_path, onnx):
    arrays = conventions.export_parameters("lstm", drawn("lstm"), "onnx")
    value = onnx.numpy_helper.from_array(arrays.pop("W"))
    constant = onnx.helper.make_node("Constant", [], ["w0"], value=value)
    renamed = onnx.helper.make_node("Identity", ["w0"], ["W"])
    path = onnx_model(onnx, tmp_path / "w.onnx", "LSTM", arrays, before=[constant, renamed])
    assert same(trained_cell([gs.cell("lstm")], path).params, drawn("lstm"))
    inner = onnx.load(path).graph
    branch = onnx.helper.make_node("If", ["c"], ["Y"], name="if", then_branch=inner, else_branch=inner)
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([branch], "g", [], [])), path)
    assert same(trained_cell([gs.cell("lstm")], path, layer="if.then_branch/rnn").params, drawn("lstm"))
    doubled = onnx.helper.make_node("Add", ["w0", "w0"], ["W"])
    onnx_model(onnx, path, "LSTM", arrays, before=[constant, doubled])
    assert "its W is no stored array (fold the model's constants, and export it again)" in refusal(path)


@pytest.mark.parametrize("kind", ["float64", "float16", "bfloat16"])
def test_every_width_of_an_initialiser_is_read(tmp_path, onnx, kind):
    params = drawn("rnn")
    arrays = conventions.export_parameters("rnn", params, "onnx")
    path = onnx_model(onnx, tmp_path / "w.onnx", "RNN", arrays)
    model, protocol = onnx.load(path), onnx.TensorProto
    for tensor in model.graph.initializer:
        value = arrays[tensor.name]
        if kind == "bfloat16":
            tensor.data_type, tensor.raw_data = protocol.BFLOAT16, (value.view("<u4") >> 16).astype("<u2").tobytes()
        elif kind == "float16":  # in the field of integers, as some exporters have it
            tensor.data_type, bits = protocol.FLOAT16, value.astype("<f2").view("<u2")
            tensor.ClearField("raw_data")
            tensor.int32_data.extend(bits.ravel().tolist())
        else:
            tensor.data_type = protocol.DOUBLE
            tensor.ClearField("raw_data")
            tensor.double_data.extend(value.astype(float).ravel().tolist())
    onnx.save(model, path)
    digits = {"float64": 24, "float16": 10, "bfloat16": 7}[kind]
    found = conventions.import_parameters("rnn", path)
    assert all(np.allclose(found[k], params[k], rtol=2.0**-digits, atol=2.0**-24) for k in params)


def outside(onnx, path, location, **more):
    """A model whose W lies in another file."""
    arrays = conventions.export_parameters("lstm", drawn("lstm"), "onnx")
    model = onnx.load(onnx_model(onnx, path, "LSTM", arrays))
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": location, **more}.items():
        tensor.external_data.add(key=key, value=str(value))
    path.write_bytes(model.SerializeToString())
    return arrays["W"].tobytes()


def test_data_beside_a_model_is_read_and_data_elsewhere_is_not(tmp_path, onnx):
    folder = tmp_path / "model"
    folder.mkdir()
    path = folder / "w.onnx"
    raw = outside(onnx, path, "data/w.bin", offset=8)
    assert "there is no file" in refusal(path)
    (folder / "data").mkdir()
    (folder / "data" / "w.bin").write_bytes(b"\0" * 8 + raw)
    assert same(trained_cell([gs.cell("lstm")], path).params, drawn("lstm"))
    (folder / "data" / "w.bin").write_bytes(raw)
    assert "holds 184 bytes, and has 192" in refusal(path)
    (tmp_path / "secret.bin").write_bytes(raw)
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    for location in ("../secret.bin", str(tmp_path / "secret.bin"), "link.bin", "", ".", "data/../../secret.bin"):
        outside(onnx, path, location)
        assert "lies outside of the model's folder, which is not read" in refusal(path)
    for more in ({"length": 10**12}, {"offset": -1}, {"offset": 2**70}, {"length": -1}, {"offset": "x"}):
        outside(onnx, path, "data/w.bin", **more)
        assert "export the model into one file" in refusal(path)


def test_frameworks_that_are_not_there_are_named(tmp_path, monkeypatch):
    for name, ending in (("torch", "pt"), ("onnx", "onnx")):
        (tmp_path / f"w.{ending}").write_bytes(b"")
        monkeypatch.setitem(sys.modules, name, None)
        assert f"install {name}, or save the weights as .safetensors" in refusal(tmp_path / f"w.{ending}")


# Keras


def keras_config(kind, name, **config):
    return {"class_name": kind, "config": {"name": name, **config}}


def save_keras(path, cells, layers=None):
    """Weights as Keras 3 writes them, in a file of weights or in an archive with the configuration."""
    weights = path if layers is None else path.with_suffix(".h5")
    with h5py.File(weights, "w") as file:
        for place, arrays in cells.items():
            for number, value in enumerate(arrays.values()):
                file[f"layers/{place}/vars/{number}"] = value
    if layers is not None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(weights, "model.weights.h5")
            archive.writestr("config.json", json.dumps({"class_name": "Sequential", "config": {"layers": layers}}))
    return path


def of_keras(name, **sizes):
    return conventions.export_parameters(name, drawn(name, **sizes), "keras")


@pytest.mark.parametrize("name", ["lstm", "gru", "gru_torch", "rnn", "rnn_relu"])
def test_shapes_tell_the_layers_of_a_file_of_weights_apart(tmp_path, name):
    cells = {"dense": {"kernel": np.zeros((4, 4), "float32"), "bias": np.zeros(4, "float32")}, "x/cell": of_keras(name)}
    found = trained_cell([gs.cell(name)], save_keras(tmp_path / "w.weights.h5", cells))
    assert same(found.params, drawn(name))
    assert "does not say which activations the layer has" in found.description


CONFIGS = [
    ("lstm", "LSTM", {}, ""),
    ("lstm", "LSTM", {"recurrent_activation": "hard_sigmoid"}, "its recurrent_activation is hard_sigmoid"),
    ("lstm", "LSTM", {"activation": "relu"}, "its activation is relu, and the cells of the library have tanh"),
    ("gru_torch", "GRU", {"reset_after": True}, ""),
    ("gru", "GRU", {"reset_after": False}, ""),
    ("gru", "GRU", {"reset_after": False, "activation": {"class_name": "mine"}}, "its activation is {'class_name'"),
    ("rnn_relu", "SimpleRNN", {"activation": "relu"}, ""),
    ("rnn", "SimpleRNN", {"activation": "elu"}, "its activation is elu, not tanh or relu"),
    ("rnn", "SimpleRNN", {"activation": "relu"}, 'SimpleRNN(activation="relu") of Keras 3, which is rnn_relu'),
]


@pytest.mark.parametrize(("name", "kind", "config", "said"), CONFIGS)
def test_a_configuration_says_what_a_layer_does(tmp_path, name, kind, config, said):
    snake = {"SimpleRNN": "simple_rnn"}.get(kind, kind.lower())
    layers = [keras_config("InputLayer", "in"), keras_config(kind, "mine", **config)]
    path = save_keras(tmp_path / "w.keras", {f"{snake}/cell": of_keras(name)}, layers)
    if said:
        assert said in refusal(path, name)
    else:
        found = trained_cell([gs.cell(name)], path)
        assert same(found.params, drawn(name))
        assert "does not say" not in found.description


def test_a_gru_without_biases_is_asked_where_it_resets(tmp_path):
    arrays = of_keras("gru")
    del arrays["bias"]
    path = save_keras(tmp_path / "w.weights.h5", {"gru/cell": arrays})
    assert "where its reset gate acts (reset_after): give the .keras file" in refusal(path, "gru_torch")
    layers = [keras_config("GRU", "mine", reset_after=False)]
    path = save_keras(tmp_path / "w.keras", {"gru/cell": arrays}, layers)
    assert trained_cell([gs.cell("gru_no_bias")], path).name == "gru_no_bias_trained"


def test_wrapped_and_nested_layers_of_a_configuration_are_found(tmp_path):
    gru = keras_config("GRU", "forward_gru", reset_after=False)
    cells = [keras_config("LSTMCell", "lstm_cell"), keras_config("GRUCell", "gru_cell", reset_after=True)]
    layers = [
        keras_config("LSTM", "first"), keras_config("LSTM", "second", go_backwards=True),
        keras_config("Bidirectional", "both", layer=gru),
        keras_config("Sequential", "inner", layers=[keras_config("SimpleRNN", "deep", activation="relu")]),
        keras_config("RNN", "rnn", cell=keras_config("StackedRNNCells", "cells", cells=cells)),
    ]  # fmt: skip
    named = {
        "lstm/cell": of_keras("lstm"), "lstm_1/cell": of_keras("lstm", seed=1),
        "bidirectional/forward_layer/cell": of_keras("gru"),
        "bidirectional/backward_layer/cell": of_keras("gru", seed=1),
        "sequential/layers/simple_rnn/cell": of_keras("rnn_relu"),
        "rnn/cell/cells/lstm_cell": of_keras("lstm", seed=2), "rnn/cell/cells/gru_cell": of_keras("gru_torch"),
    }  # fmt: skip
    path = save_keras(tmp_path / "w.keras", named, layers)
    for name, label, seed in (
        ("lstm", "layers/lstm", 0), ("lstm", "layers/lstm_1:reverse", 1),
        ("lstm", "layers/rnn/cell/cells/lstm_cell", 2),
        ("gru", "layers/bidirectional/forward_layer", 0), ("gru", "layers/bidirectional/backward_layer:reverse", 1),
        ("rnn_relu", "layers/sequential/layers/simple_rnn", 0), ("gru_torch", "layers/rnn/cell/cells/gru_cell", 0),
    ):  # fmt: skip
        assert same(trained_cell([gs.cell(name)], path, layer=label).params, drawn(name, seed=seed))


def save_h5(path, named, layers=None, root=""):
    """Weights by names, as all versions of Keras write .h5, with the configuration or without."""
    with h5py.File(path, "w") as file:
        for place, arrays in named.items():
            for name, value in arrays.items():
                file[f"{root}{place}/{name}:0"] = value
        if layers is not None:
            file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": layers}).encode()
    return path


def test_an_h5_file_of_older_keras_is_read_by_the_names_of_its_layers(tmp_path):
    lstm, gru = keras_config("LSTM", "lstm_7", go_backwards=True), keras_config("GRU", "gru_1", reset_after=False)
    layers = [lstm, keras_config("Bidirectional", "both", layer=gru), keras_config("Dense", "dense")]
    named = {
        "lstm_7/lstm_7/lstm_cell": of_keras("lstm"),
        "both/both/forward_gru_1/gru_cell": of_keras("gru"),
        "both/both/backward_gru_1/gru_cell": of_keras("gru", seed=1),
        "dense/dense": {"kernel": np.zeros((4, 4), "float32"), "bias": np.zeros(4, "float32")},
    }
    for path in (
        save_h5(tmp_path / "model.h5", named, layers, "model_weights/"),
        save_h5(tmp_path / "model.hdf5", named, {"layers": layers}, "model_weights/"),
    ):
        found = trained_cell([gs.cell("lstm")], path)
        assert same(found.params, drawn("lstm"))
        assert "from the last step to the first" in found.description
        for seed, label in enumerate(("both/both/forward_gru_1/gru_cell", "both/both/backward_gru_1/gru_cell:reverse")):
            found = trained_cell([gs.cell("gru")], path, layer=label)
            assert same(found.params, drawn("gru", seed=seed))
            assert "does not say" not in found.description
    weights = save_h5(tmp_path / "weights.h5", named)
    assert "does not say which activations" in trained_cell([gs.cell("lstm")], weights).description
    assert same(trained_cell([gs.cell("gru")], weights, layer="reverse").params, drawn("gru", seed=1))


def test_arrays_under_the_names_of_keras_that_are_no_layer_of_it_are_refused(tmp_path):
    arrays = of_keras("lstm")
    twice = {**arrays, "bias": np.concatenate([arrays["bias"]] * 2)}  # as CuDNNLSTM had them
    path = save_h5(tmp_path / "w.h5", {"a/cu_dnnlstm": twice})
    assert "its shapes are of no LSTM, GRU or SimpleRNN of Keras" in refusal(path)


@pytest.mark.filterwarnings("default")  # what other packages warn of is not ours to mend
@pytest.mark.parametrize("ending", ["keras", "h5", "weights.h5"])
def test_files_that_keras_writes_give_its_weights(tmp_path, ending):
    import os

    pytest.importorskip("torch", reason="torch is not installed; Keras runs on it here")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras", reason="keras is not installed")
    layers = keras.layers
    both = layers.Bidirectional(layers.GRU(4, reset_after=False, return_sequences=True), name="both")
    first, last = layers.LSTM(4, return_sequences=True, name="first"), layers.SimpleRNN(2, activation="relu")
    model = keras.Sequential([keras.Input((5, 3)), first, both, last, layers.Dense(2)])
    path = tmp_path / f"w.{ending}"
    model.save_weights(path) if ending == "weights.h5" else model.save(path)
    file = conventions.open_weights(path)
    assert len(file.layers) == 4
    for name, layer, word, reverse in (
        ("lstm", first, "", False), ("rnn_relu", last, "", False),
        ("gru", both.forward_layer, "forward", False), ("gru", both.backward_layer, "backward", True),
    ):  # fmt: skip
        held = {w.path.split("/")[-1]: w.value.detach().numpy() for w in layer.weights}
        labels = [x.label for x in file.layers if word in x.label and x.reverse == reverse]
        label = labels[0] if word else None
        assert same(
            trained_cell([gs.cell(name)], path, layer=label).params, conventions.import_parameters(name, held, "keras")
        )


def test_numbers_and_links_outside_of_an_h5_file_are_not_followed(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["a"] = np.zeros(2)
    (tmp_path / "raw").write_bytes(b"\0" * 16)
    for name, make in (
        ("link", lambda file: file.__setitem__("a", h5py.ExternalLink("other.h5", "a"))),
        ("soft", lambda file: file.__setitem__("a", h5py.SoftLink("/b"))),
        ("raw", lambda file: file.create_dataset("a", (2,), "<f8", external=[(str(tmp_path / "raw"), 0, 16)])),
        ("virtual", lambda file: file.create_virtual_dataset("a", virtual(tmp_path))),
    ):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            make(file)
        assert "not followed" in (said := refusal(tmp_path / f"{name}.h5")) or "in other files" in said


def virtual(folder):
    layout = h5py.VirtualLayout((2,), "<f8")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "a", (2,))
    return layout


def test_groups_that_hold_themselves_end_and_other_things_than_numbers_are_named(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["layers/lstm/cell/vars/0"] = np.array(["a"], object)
        file["layers/lstm/again"] = file["layers"]
    with pytest.raises(DataError, match="vars/0 is object, not real numbers"):
        read_weights(tmp_path / "w.h5")


def test_an_h5_file_and_an_archive_that_unfold_to_much_are_refused_before(tmp_path, monkeypatch):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset("a", (10**6, 10**6), "<f4", chunks=(10, 10), compression="gzip")
    assert (tmp_path / "w.h5").stat().st_size < 2**20
    with pytest.raises(DataError, match="unfolds to 7451 GiB of weights"):
        read_weights(tmp_path / "w.h5")
    with zipfile.ZipFile(tmp_path / "w.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", b"\0" * 2**20)
    monkeypatch.setattr("gatedsym.conventions.keras_file.MAX_ARRAYS", 2**16)
    assert "has more than 64 KiB in model.weights.h5" in refusal(tmp_path / "w.keras")


@pytest.mark.parametrize(
    "config", ["", "[" * 5000, "null", "{}", '{"config": {"layers": [{}]}}', '{"config": 3}', "\xff"]
)
def test_a_configuration_that_is_none_is_refused_or_has_no_layers(tmp_path, config):
    save_keras(tmp_path / "w.h5", {"lstm/cell": of_keras("lstm")})
    with zipfile.ZipFile(tmp_path / "w.keras", "w") as archive:
        archive.writestr("config.json", config)
        archive.write(tmp_path / "w.h5", "model.weights.h5")
    said = told(lambda: trained_cell([gs.cell("lstm")], tmp_path / "w.keras"))
    assert said == "" or "is not a whole file of Keras: save the model again" in said


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2Jb", "a\u202eb"])
def test_names_in_a_file_are_printed_on_one_line(tmp_path, name):
    arrays = conventions.export_parameters("rnn", drawn("rnn"), "pytorch")
    for path, held, said in (
        ("two.npz", {f"{m}.{name}.{k}": v for m in "xy" for k, v in arrays.items()}, "several layers that fit"),
        ("odd.npz", {f"{name}.{k}": v for k, v in arrays.items() if k != "weight_hh_l0"}, "lacks weight_hh_l0"),
        ("other.npz", {name: np.zeros(2)}, "which fits none of the cells"),
        ("nan.npz", {f"{name}.{k}": v * np.nan for k, v in arrays.items()}, "not finite"),
        ("kind.npz", {f"{name}.{k}": v.astype("i1") for k, v in arrays.items()}, "quantised"),
    ):
        np.savez(tmp_path / path, **held)
        words = refusal(tmp_path / path, "rnn")
        assert words.isprintable()
        assert said in words or "\n" in name  # a module's name has no line break


# Damage


@pytest.mark.parametrize("ending", ["pt", "onnx", "weights.h5", "keras"])
def test_no_damage_ends_in_anything_but_a_sentence(tmp_path, ending):
    if ending in ("pt", "onnx"):
        pytest.importorskip({"pt": "torch"}.get(ending, ending), reason="its framework is not installed")
    params, path = drawn("lstm", 2, 3), tmp_path / f"w.{ending}"
    if ending == "keras":
        save_keras(
            path, {"lstm/cell": conventions.export_parameters("lstm", params, "keras")}, [keras_config("LSTM", "a")]
        )
    else:
        conventions.save_parameters(path, "lstm", params)
    whole, generator = path.read_bytes(), np.random.default_rng(0)
    for place in generator.integers(0, len(whole), 120):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(generator.integers(8))
        for content in (bytes(flipped), whole[:place]):
            path.write_bytes(content)
            for read in (read_weights, lambda file: trained_cell([gs.cell("lstm")], file)):
                said = told(lambda: read(path))  # noqa: B023
                assert said == "" or said.endswith(".")
                assert "\n" not in said


def told(call):
    """The sentence that a call is refused with, or ""."""
    try:
        call()
    except GatedsymError as error:
        return str(error)
    return ""


def test_layers_of_a_framework_that_there_is_not_are_refused_with_those_that_there_are():
    with pytest.raises(ArgumentError, match=r"framework is 'torhc'; it must be one of .*pytorch"):
        gs.conventions.find_layers(["weight_ih_l0"], "torhc")
