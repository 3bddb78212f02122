"""Parameters of a network trained elsewhere: by our names or a framework's, and never by running what a file says."""

import json
import pickle

import numpy as np
import pytest

from gatedsym.cells import Cell, cell
from gatedsym.conventions import export_parameters
from gatedsym.errors import ArgumentError
from gatedsym.flow.data import DataError
from gatedsym.flow.trained import TrainedCell, read_weights, trained_cell

AS_BYTES = {
    "F64": lambda array: array.astype("<f8").tobytes(),
    "F32": lambda array: array.astype("<f4").tobytes(),
    "F16": lambda array: array.astype("<f2").tobytes(),
    "BF16": lambda array: (array.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes(),  # rounded towards zero
    "I8": lambda array: array.astype("i1").tobytes(),
}


def save_safetensors(path, arrays, kind="F32"):
    header, body = {"__metadata__": {"format": "pt"}}, b""
    for name, array in arrays.items():
        raw = AS_BYTES[kind](np.ascontiguousarray(array))
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)
    return path


@pytest.fixture(scope="module")
def params():
    return cell("lstm").init(m=3, n=4, seed=1, scheme="xavier", retention=1.0)


def test_parameters_by_the_cells_own_names_come_back_as_they_are(tmp_path, params):
    np.savez(tmp_path / "w.npz", **params)
    found = trained_cell([cell("rnn"), cell("lstm")], tmp_path / "w.npz")
    assert found.name == "lstm_trained"
    assert found.given_sizes["n"] == 4
    for seed, scheme in ((0, "uniform"), (7, "xavier")):
        again = found.init(m=3, n=4, seed=seed, scheme=scheme, retention=2.0)
        assert all(np.array_equal(again[k], params[k]) for k in params)
    assert not found.can_retain


def test_a_framework_s_arrays_are_found_by_their_names_whatever_stands_before_them(tmp_path, params):
    arrays = {f"encoder.rnn.{k}": v for k, v in export_parameters("lstm", params, "pytorch").items()}
    path = save_safetensors(tmp_path / "w.safetensors", {**arrays, "readout.weight": np.zeros((2, 4))})
    found = trained_cell([cell("lstm")], path).init()
    assert all(np.allclose(found[k], params[k], atol=1e-6) for k in params)


@pytest.mark.parametrize(("kind", "digits"), [("F64", 53), ("F32", 24), ("F16", 11), ("BF16", 7)])
def test_every_width_of_floats_is_read_to_its_own_precision(tmp_path, params, kind, digits):
    found = read_weights(save_safetensors(tmp_path / "w.safetensors", params, kind))
    # F16 has subnormals below 2**-14, whose spacing is 2**-24.
    assert all(np.allclose(found[k], params[k], rtol=2.0**-digits, atol=2.0**-24) for k in params)
    assert kind == "F64" or not np.array_equal(found["W_f"], params["W_f"])


def test_other_kinds_of_numbers_are_refused_by_name(tmp_path, params):
    with pytest.raises(DataError, match="W_i is I8: save floats as F64, F32, F16 or BF16"):
        read_weights(save_safetensors(tmp_path / "w.safetensors", params, "I8"))


def test_a_pickle_is_not_read_and_not_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "run"), "w"))

    for name in ("w.pkl", "w.npz"):
        (tmp_path / name).write_bytes(pickle.dumps(Trap()))
        with pytest.raises(DataError):
            read_weights(tmp_path / name)
    np.savez(tmp_path / "o.npz", a=np.array([Trap()], dtype=object))
    with pytest.raises(DataError, match="plain arrays"):
        read_weights(tmp_path / "o.npz")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("cut", [0, 4, 40, -4])
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path, params, cut):
    whole = save_safetensors(tmp_path / "w.safetensors", params).read_bytes()
    (tmp_path / "w.safetensors").write_bytes(whole[:cut])
    with pytest.raises(DataError, match=r"safetensors"):
        read_weights(tmp_path / "w.safetensors")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"W_f": np.full((4, 3), np.nan)}, "not finite"),
        ({"W_f": np.zeros((5, 3))}, "W_f has shape"),
        ({"U_f": None}, "lstm: U_f is missing"),
        ({"U_q": np.zeros(2)}, "lstm: it has no U_q"),
        ({"W_f": np.array(["a"])}, "not real numbers"),
    ],
)
def test_weights_that_do_not_fit_are_refused_with_the_reason(tmp_path, params, change, match):
    np.savez(tmp_path / "w.npz", **{k: v for k, v in ({**params, **change}).items() if v is not None})
    with pytest.raises(DataError, match=match):
        trained_cell([cell("lstm")], tmp_path / "w.npz")


def test_other_sizes_than_the_weights_have_are_refused(params):
    found = TrainedCell(cell("lstm"), params, "mine", "digest")
    with pytest.raises(ArgumentError, match="n = 4"):
        found.init(m=3, n=64)


def test_an_ablation_keeps_what_is_left_of_the_parameters(params):
    found = TrainedCell(cell("lstm"), params, "mine", "digest").variant("cifg", {"f": "1 - i"})
    assert isinstance(found, TrainedCell)
    assert "W_f" not in found.parameters
    assert np.array_equal(found.init()["W_i"], params["W_i"])


def test_weights_of_a_cell_of_ones_own_are_measured(tmp_path):
    own = Cell("x in R^m; h in R^n; V in R^(n,m); a in R^n\nh' = tanh(V @ x + a * h)", "own")
    np.savez(tmp_path / "w.npz", V=np.ones((2, 3)), a=np.array([0.5, 0.25]))
    assert trained_cell([own, cell("rnn")], tmp_path / "w.npz").given_sizes == {"m": 3, "n": 2}
