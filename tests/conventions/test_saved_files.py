"""Parameters written as frameworks keep them: each file gives the same bits back, and its framework reads it."""

import numpy as np
import pytest
from plain import plain_cell

import gatedsym as gs
from gatedsym import conventions
from gatedsym.errors import ArgumentError, DataError

NEEDS = {".pt": "torch", ".onnx": "onnx"}
LAYOUTS = conventions.layouts()
HOMES = {"pytorch": (".npz", ".safetensors", ".pt"), "onnx": (".onnx",), "keras": (".weights.h5", ".npz")}


def needed(ending):
    if ending in NEEDS:
        pytest.importorskip(NEEDS[ending], reason=f"{NEEDS[ending]} is not installed")


def drawn(name, dtype="float64"):
    more = {"r": 2} if name == "lstmp" else {}
    return gs.cell(name).init(m=3, n=4, seed=3, scheme="xavier", dtype=dtype, **more)


def identical(found, params):
    return all(found[k].dtype == params[k].dtype and found[k].tobytes() == params[k].tobytes() for k in params)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("ending", [".npz", ".safetensors", ".pt"])
def test_any_cell_is_kept_under_its_own_names(tmp_path, ending, dtype):
    needed(ending)
    own = gs.Cell("x in R^m; h in R^n; V in R^(n,m); a in R^n\nh' = tanh(V @ x + a * h)", "own")
    params = own.init(m=3, n=2, dtype=dtype)
    conventions.save_parameters(tmp_path / f"w{ending}", own, params, layer="model", beside={"other": np.zeros(2)})
    assert identical(conventions.import_parameters(own, tmp_path / f"w{ending}"), params)


CASES = [
    (layout.cell, layout.framework.key, ending)
    for layout in LAYOUTS
    for ending in HOMES.get(layout.framework.key, ())
]  # fmt: skip


@pytest.mark.parametrize(("name", "framework", "ending"), CASES)
def test_a_file_in_the_words_of_a_framework_gives_the_same_bits_back(tmp_path, name, framework, ending):
    needed(ending)
    for dtype in ("float64", "float32"):
        params = drawn(name, dtype)
        conventions.save_parameters(tmp_path / f"w{ending}", name, params, framework)
        assert identical(conventions.import_parameters(name, tmp_path / f"w{ending}", framework), params)


def test_a_model_s_other_arrays_and_layers_stay_in_the_file(tmp_path):
    one, two = (gs.cell("lstm").init(m=3, n=4, seed=seed) for seed in (0, 1))
    rest = {**conventions.export_parameters("lstm", two, "pytorch", layer="rnn:1"), "out.weight": np.ones((1, 4))}
    path = tmp_path / "model.safetensors"
    conventions.save_parameters(path, "lstm", one, "pytorch", layer="rnn:0", beside=rest)
    assert identical(conventions.import_parameters("lstm", path, layer="rnn:0"), one)
    assert identical(conventions.import_parameters("lstm", path, layer="rnn:1"), two)
    with pytest.raises(ArgumentError, match=r"beside has 'rnn.weight_ih_l1', which is an array of the cell"):
        conventions.save_parameters(path, "lstm", one, "pytorch", layer="rnn:1", beside=rest)
    with pytest.raises(ArgumentError, match="holds the cell alone"):
        conventions.save_parameters(tmp_path / "w.weights.h5", "lstm", one, beside=rest)


def test_torch_loads_what_is_written_for_it(tmp_path):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    params = drawn("gru_torch", "float32")
    conventions.save_parameters(tmp_path / "w.pt", "gru_torch", params, "pytorch")
    layer = torch.nn.GRU(3, 4)
    layer.load_state_dict(torch.load(tmp_path / "w.pt", weights_only=True))
    x = np.random.default_rng(0).normal(size=(5, 2, 3)).astype("float32")
    run = plain_cell("gru_torch").forward(params, x)
    np.testing.assert_allclose(layer(torch.from_numpy(x))[0].detach().numpy(), run["h"][1:], atol=1e-6)


@pytest.mark.filterwarnings("default")  # what other packages warn of is not ours to mend
@pytest.mark.parametrize("name", ["gru", "lstm_peephole", "lstm_cifg_peephole", "rnn_relu"])
def test_onnxruntime_runs_what_is_written_for_it(tmp_path, name):
    needed(".onnx")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    params = drawn(name, "float32")
    conventions.save_parameters(tmp_path / "w.onnx", name, params, layer="mine")
    session = runtime.InferenceSession(tmp_path / "w.onnx", providers=["CPUExecutionProvider"])
    x = np.random.default_rng(0).normal(size=(5, 2, 3)).astype("float32")
    run = plain_cell(name).forward(params, x)
    np.testing.assert_allclose(session.run(None, {"X": x})[0][:, 0], run["h"][1:], atol=1e-5)
    assert conventions.open_weights(tmp_path / "w.onnx").layers[0].label == "mine"


@pytest.mark.parametrize("name", ["lstm", "gru_torch", "gru", "rnn"])
def test_keras_loads_what_is_written_for_it(tmp_path, name):
    keras = imported_keras()
    params = drawn(name, "float32")
    conventions.save_parameters(tmp_path / "w.weights.h5", name, params)
    layer = {
        "lstm": lambda: keras.layers.LSTM(4),
        "gru_torch": lambda: keras.layers.GRU(4),
        "gru": lambda: keras.layers.GRU(4, reset_after=False),
        "rnn": lambda: keras.layers.SimpleRNN(4),
    }[name]()
    model = keras.Sequential([keras.Input((5, 3)), layer])
    model.load_weights(tmp_path / "w.weights.h5")
    named = {w.path.split("/")[-1]: w for w in layer.weights}
    for key, value in conventions.export_parameters(name, params, "keras").items():
        np.testing.assert_array_equal(named[key].value.detach().numpy(), value)


def imported_keras():
    import os

    pytest.importorskip("torch", reason="torch is not installed; Keras runs on it here")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    return pytest.importorskip("keras", reason="keras is not installed")


@pytest.mark.parametrize(
    ("file", "options", "said"),
    [
        ("w.pkl", {}, r"ends in none of \.npz, \.safetensors, \.pt, \.onnx, \.weights\.h5"),
        ("w.onnx", {"framework": "pytorch"}, r"\.onnx has the layout of onnx, not of 'pytorch'"),
        ("w.npz", {"framework": "chainer"}, "it must be one of pytorch"),
        ("w.safetensors", {"framework": "pytorch", "layer": "a:reverse"}, "module:number:reverse"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is_left(tmp_path, file, options, said):
    with pytest.raises((ArgumentError, DataError), match=said):
        conventions.save_parameters(tmp_path / file, "lstm", drawn("lstm"), **options)
    with pytest.raises(ArgumentError, match="params lacks U_f"):
        conventions.save_parameters(tmp_path / "w.npz", "lstm", {k: v for k, v in drawn("lstm").items() if k != "U_f"})
    assert not list(tmp_path.iterdir())
