"""Parameters of a network trained elsewhere: by our names or a framework's, and never by running what a file says."""

import itertools
import json
import pickle
import zipfile

import numpy as np
import pytest

from gatedsym.cells import Cell, cell
from gatedsym.conventions import export_parameters
from gatedsym.errors import ArgumentError
from gatedsym.flow.inputs.series import DataError
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


def test_a_pickled_network_has_its_parameters_and_nobody_writes_to_them(tmp_path, params):
    np.savez(tmp_path / "w.npz", **params)
    found = trained_cell([cell("lstm")], tmp_path / "w.npz")
    again = pickle.loads(pickle.dumps(found))
    assert (again.name, again.parameters_digest, again.given_sizes) == (
        found.name, found.parameters_digest, found.given_sizes
    )  # fmt: skip
    assert all(np.array_equal(again.init()[k], params[k]) for k in params)
    assert not any(array.flags.writeable for array in again.params.values())


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


# Files of whole models: what is there is named, and nothing is measured in part.


def of_pytorch(params, module="", place="_l0"):
    """The arrays of a layer as a model's file has them; no `place` is that of a single cell."""
    arrays = export_parameters("lstm", params, "pytorch")
    return {f"{module}{name.removesuffix('_l0')}{place}": value for name, value in arrays.items()}


def lstm(seed, m=3, n=4):
    return cell("lstm").init(m=m, n=n, seed=seed, scheme="xavier")


PLACES = {
    "rnn:0": ("rnn.", "_l0"), "rnn:0:reverse": ("rnn.", "_l0_reverse"), "rnn:1": ("rnn.", "_l1"),
    "rnn:1:reverse": ("rnn.", "_l1_reverse"), "rnn:10": ("rnn.", "_l10"),
    "0": ("", "_l0"), "0:reverse": ("", "_l0_reverse"),
    "a.b.cell": ("a.b.", ""), ".": ("", ""), "a.rnn:0": ("a.rnn.", "_l0"), "cell": ("cell.", ""),
}  # fmt: skip


def called(label):
    return {"a.b.cell": "a.b", "cell": "cell"}.get(label, label)


@pytest.mark.parametrize("pair", [*itertools.combinations(PLACES, 2)])
def test_any_two_layers_in_a_file_are_asked_about_and_each_can_be_had(tmp_path, pair):
    given = {called(label): lstm(seed) for seed, label in enumerate(pair)}
    arrays = {}
    for label, params in zip(pair, given.values()):
        arrays |= of_pytorch(params, *PLACES[label])
    path = save_safetensors(tmp_path / "w.safetensors", arrays, "F64")
    with pytest.raises(DataError, match="several layers that fit") as caught:
        trained_cell([cell("lstm")], path)
    assert all(label in str(caught.value) for label in given)
    assert str(caught.value).split("--layer ")[1].rstrip(".") in given or "--layer ." in str(caught.value)
    digests = set()
    for label, params in given.items():
        found = trained_cell([cell("lstm")], path, layer=label)
        assert all(np.array_equal(found.params[k], params[k]) for k in params)
        assert label in found.description or label == "."
        digests.add(found.parameters_digest)
    assert len(digests) == 2  # or what is kept of the one would be taken for the other


def test_all_arrays_of_a_file_are_said_to_be_taken_or_left(tmp_path):
    arrays = of_pytorch(lstm(0), "a.") | of_pytorch(lstm(1), "b.", "_l1_reverse") | {"conv.weight": np.zeros((2, 3, 1))}
    path = save_safetensors(tmp_path / "w.safetensors", arrays)
    found = trained_cell([cell("lstm")], path, layer="b")
    for name in arrays:
        assert name in found.description
    assert "what the layer below writes" in found.description
    assert "from the last step to the first" in found.description
    taken = found.description.split("Left out")[0]
    assert all((name in taken) == name.startswith("b.") for name in arrays)
    many = {f"block{k // 10}.{k}": np.zeros(1) for k in range(40)}
    save_safetensors(tmp_path / "w.safetensors", {**of_pytorch(lstm(0), "a."), **many})
    assert "block3 (10 arrays)" in trained_cell([cell("lstm")], path).description


@pytest.mark.parametrize("asked", ["rnn:7", "other", "rnn:0:forward", ":", "", "rnn:"])
def test_a_layer_that_is_not_there_is_refused_with_those_that_are(tmp_path, asked):
    path = save_safetensors(tmp_path / "w.safetensors", of_pytorch(lstm(0), "rnn."))
    with pytest.raises(DataError, match=r"no layer .* choose from rnn:0 \(lstm, matrices 4 x 3\)"):
        trained_cell([cell("lstm")], path, layer=asked)


def test_a_single_cell_among_convolutions_is_found(tmp_path):
    """As the file of a published voice activity detector is laid out."""
    shapes = {"stft_conv.weight": (18, 1, 16), "conv1.weight": (8, 9, 3), "conv1.bias": (8,), "conv4.bias": (8,),
              "final_conv.weight": (1, 4, 1), "final_conv.bias": (1,)}  # fmt: skip
    arrays = {name: np.ones(shape) for name, shape in shapes.items()} | of_pytorch(lstm(0), "lstm_cell.", "")
    found = trained_cell([cell("rnn"), cell("lstm")], save_safetensors(tmp_path / "w.safetensors", arrays))
    assert (found.name, found.given_sizes["n"], found.given_sizes["m"]) == ("lstm_trained", 4, 3)
    assert all(name in found.description for name in arrays)


def test_a_projection_is_not_dropped(tmp_path):
    params = cell("lstmp").init(m=3, n=4, r=2, seed=0)
    arrays = {f"rnn.{k}": v for k, v in export_parameters("lstmp", params, "pytorch").items()}
    path = save_safetensors(tmp_path / "w.safetensors", arrays)
    with pytest.raises(DataError, match="weight_hr_l0"):
        trained_cell([cell("lstm")], path)
    assert trained_cell([cell("lstm"), cell("lstmp")], path).name == "lstmp_trained"


def test_what_stands_in_a_module_under_the_cells_own_names_is_found_and_asked_about(tmp_path):
    one, two = lstm(0), lstm(1)
    np.savez(tmp_path / "w.npz", **{f"a.{k}": v for k, v in one.items()}, other=np.zeros(2))
    assert "other" in trained_cell([cell("lstm")], tmp_path / "w.npz").description
    np.savez(tmp_path / "w.npz", **{f"{m}/{k}": v for m, p in (("a", one), ("b", two)) for k, v in p.items()})
    with pytest.raises(DataError, match="--layer a"):
        trained_cell([cell("lstm")], tmp_path / "w.npz")
    assert np.array_equal(trained_cell([cell("lstm")], tmp_path / "w.npz", layer="b").params["W_f"], two["W_f"])


# Files that say one thing and hold another.


def header_of(path):
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    return json.loads(whole[8 : 8 + length]), whole[8 + length :]


def with_header(path, header, body):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)


def shifted(by):
    def change(header):
        offsets = header["W_f"]["data_offsets"]
        header["W_f"]["data_offsets"] = [o + by for o in offsets]

    return change


@pytest.mark.parametrize(
    "change",
    [
        shifted(-4), shifted(4), shifted(-48), shifted(10**6),  # overlaps and holes
        lambda header: header["W_f"].update(shape=[4, 4]),
        lambda header: header["W_f"].update(shape=[-4, -3]),
        lambda header: header["W_f"].update(shape=[2**40, 2**40]),
        lambda header: header["W_f"].update(dtype="F64"),
        lambda header: header["W_f"].update(dtype="F99"),
        lambda header: header["W_f"].pop("data_offsets"),
        lambda header: header.pop("W_f"),  # bytes that belong to nothing
        lambda header: header.update(W_f=[1, 2]),
    ],
)  # fmt: skip
def test_a_safetensors_header_that_does_not_fit_its_bytes_is_refused(tmp_path, params, change):
    path = save_safetensors(tmp_path / "w.safetensors", dict(params))
    header, body = header_of(path)
    change(header)
    with_header(path, header, body)
    with pytest.raises(DataError, match=r"is not a whole \.safetensors file .*save it again\.$"):
        read_weights(path)


def test_names_that_stand_twice_are_refused_in_either_format(tmp_path, params):
    path = save_safetensors(tmp_path / "w.safetensors", {"a": np.zeros(2)})
    header, body = header_of(path)
    text = json.dumps(header)[:-1] + ', "a": ' + json.dumps(header["a"]) + "}"
    with_header(path, text.encode(), body)
    with pytest.raises(DataError, match="twice"):
        read_weights(path)
    np.save(tmp_path / "a.npy", np.zeros(2))
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        archive.write(tmp_path / "a.npy", "a.npy")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.write(tmp_path / "a.npy", "a.npy")
    with pytest.raises(DataError, match="holds a twice"):
        read_weights(tmp_path / "w.npz")


@pytest.mark.parametrize("header", [b"", b"[]", b"{", b"\xff", b"[" * 5000, b'{"a": NaN}', b"null"])
def test_a_safetensors_header_that_is_none_is_refused(tmp_path, header):
    with_header(tmp_path / "w.safetensors", header, b"")
    with pytest.raises(DataError, match="safetensors"):
        read_weights(tmp_path / "w.safetensors")
    (tmp_path / "w.safetensors").write_bytes((2**62).to_bytes(8, "little") + header)
    with pytest.raises(DataError, match="safetensors"):
        read_weights(tmp_path / "w.safetensors")


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros(2, complex), "not real numbers"),
        (np.zeros(2, bool), "not real numbers"),
        (np.zeros(2, [("a", float)]), "not real numbers"),
        (np.zeros(2, "M8[s]"), "not real numbers"),
        (np.zeros(2, np.int8), "quantised"),
        (np.zeros(2, np.uint8), "quantised"),
    ],
)
def test_arrays_of_other_things_than_numbers_are_refused_by_name_when_they_are_asked_for(tmp_path, array, said):
    np.savez(tmp_path / "w.npz", **lstm(0), odd=array)
    with pytest.raises(DataError, match=f"odd is .*{said}"):
        read_weights(tmp_path / "w.npz")
    np.savez(tmp_path / "w.npz", **{f"a.{k}": v for k, v in lstm(0).items()}, odd=array)
    assert trained_cell([cell("lstm")], tmp_path / "w.npz").name == "lstm_trained"


@pytest.mark.parametrize("change", [np.asfortranarray, lambda a: a.astype(">f8"), lambda a: a[::-1][::-1], np.float32])
def test_order_and_ends_of_bytes_change_nothing(tmp_path, change):
    params = {k: v.astype(np.float32).astype(np.float64) for k, v in lstm(0).items()}
    np.savez(tmp_path / "w.npz", **{k: change(v) for k, v in params.items()})
    found = read_weights(tmp_path / "w.npz")
    assert all(np.array_equal(found[k], params[k]) for k in params)
    assert all(found[k].dtype == np.dtype("float64") and found[k].flags.c_contiguous for k in params)


def test_a_small_archive_that_unfolds_to_much_is_refused_before_it_is_unfolded(tmp_path, monkeypatch):
    monkeypatch.setattr("gatedsym.conventions.weight_file.MAX_ARRAYS", 2**20)
    np.savez_compressed(tmp_path / "w.npz", **{f"a.{k}": v for k, v in lstm(0).items()}, zeros=np.zeros(2**18))
    assert (tmp_path / "w.npz").stat().st_size < 2**14
    with pytest.raises(DataError, match=r"unfolds to 2.001 MiB of weights, and at most 1 MiB are read: save the layer"):
        read_weights(tmp_path / "w.npz")
    assert trained_cell([cell("lstm")], tmp_path / "w.npz").given_sizes["n"] == 4  # what is left is not unfolded


def test_an_array_that_announces_more_than_it_holds_is_refused(tmp_path):
    for extra in (b"", b"\0" * 8, b"\0" * 9):
        with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive, archive.open("a.npy", "w") as file:
            np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (10**13,)})
            file.write(extra)
        with pytest.raises(DataError, match="not a whole"):
            read_weights(tmp_path / "w.npz")


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_no_damage_to_a_file_of_weights_ends_in_anything_but_a_sentence(tmp_path, suffix):
    params = {k: np.asarray(v, np.float32).astype(float) for k, v in lstm(0, 2, 3).items()}
    path = tmp_path / f"w.{suffix}"
    save_safetensors(path, params) if suffix == "safetensors" else np.savez(path, **params)
    whole, generator = path.read_bytes(), np.random.default_rng(0)
    numbers = len(whole) - 4 * sum(v.size for v in params.values()) if suffix == "safetensors" else len(whole)
    for place in generator.integers(0, numbers, 150):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(generator.integers(8))
        for content in (bytes(flipped), whole[:place]):
            path.write_bytes(content)
            found, said = reading(path)
            assert said == said.partition("\n")[0]
            assert said.endswith(".") or found is not None
            if found is not None:  # every number is one that was written: names have no digest
                assert sorted(v.tobytes() for v in found.values()) == sorted(v.tobytes() for v in params.values())


def reading(path):
    """What a file of weights holds, or None with the sentence that refuses it."""
    try:
        return read_weights(path), ""
    except DataError as error:
        return None, str(error)


def test_masked_parameters_are_refused(params):
    masked = np.ma.masked_less(params["W_f"], 0)
    with pytest.raises(ArgumentError, match="masked"):
        TrainedCell(cell("lstm"), {**params, "W_f": masked}, "mine", "digest")
    with pytest.raises(ArgumentError, match="masked"):
        export_parameters("lstm", {**params, "W_f": masked}, "pytorch")
    with pytest.raises(ArgumentError, match="masked"):
        cell("lstm").forward({**params, "W_f": masked}, np.zeros((2, 1, 3)))
    with pytest.raises(ArgumentError, match="masked"):
        cell("lstm").forward(params, np.ma.masked_equal(np.zeros((2, 1, 3)), 0))


def test_numbers_whose_digest_is_written_down_cannot_be_changed(params):
    trained = TrainedCell(cell("lstm"), params, "trained", "0")
    with pytest.raises(ValueError, match="read-only"):
        trained.params["U_f"][0, 0] = 1.0
    copies = trained.init()
    copies["U_f"][0, 0] += 1.0
    assert np.array_equal(trained.params["U_f"], params["U_f"])
