"""A file that Keras saved → the weights of its LSTM, GRU and SimpleRNN layers, read by h5py alone.

Weights lie in HDF5: as ``layers/lstm/cell/vars/0`` in .keras and .weights.h5 of Keras 3, as ``lstm/lstm_cell/kernel:0``
in .h5 of all versions. What a layer does beyond its weights stands in the model's configuration, which a file of
weights alone lacks: then shapes tell the layers apart, and what they do not tell is said or refused.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatedsym.conventions.layers import Layer
from gatedsym.conventions.stored_array import DAMAGES, Contents, StoredArray, why_no_weights
from gatedsym.conventions.table import frameworks
from gatedsym.errors import DataError
from gatedsym.files.read import MAX_ARRAYS, MAX_TEXT, size_words
from gatedsym.typing import Array

NAMES = ("kernel", "recurrent_kernel", "bias")
"""A cell's weights in the order in which Keras numbers them."""

BLOCKS = {1: "SimpleRNN", 3: "GRU", 4: "LSTM"}
"""Which layer it is, by how many blocks stand beside each other in its recurrent kernel."""

DEPTH = 24
"""Most groups, and most layers, inside of each other."""


def read_keras(path: Path) -> Contents:
    """The arrays of a .keras, .h5 or .weights.h5 file, and its recurrent layers.

    Raises
    ------
    DataError
        If the file is damaged, or its numbers lie in other files.
    """
    import h5py

    try:
        config, held = _opened(path)
        with h5py.File(io.BytesIO(held) if held else path, "r") as file:
            if config is None and "model_config" in file.attrs:
                config = json.loads(file.attrs["model_config"])
            groups = list(_groups(file, "", DEPTH, set()))
            arrays = {name: _stored(path, held, name, data) for _, inside in groups for name, data in inside.items()}
            said = list(_layers_said(config, DEPTH)) if isinstance(config, dict) else []
            layers = [one for group, inside in groups if (one := _layer(group, inside, said)) is not None]
            return Contents(arrays, tuple(layers), told=True)
    except DataError as error:
        raise DataError(f"{path} {error}") from None
    except DAMAGES:
        raise DataError(f"{path} is not a whole file of Keras: save the model again.") from None


def _opened(path: Path) -> tuple[Any, bytes]:
    """The configuration and the HDF5 file of a .keras archive; of another file, neither."""
    if path.suffix.lower() != ".keras":
        return None, b""
    with zipfile.ZipFile(path) as archive:
        config = json.loads(_member(archive, "config.json", MAX_TEXT))
        return config, _member(archive, "model.weights.h5", MAX_ARRAYS)


def _member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    with archive.open(name) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise DataError(f"has more than {size_words(limit)} in {name}: save the layer that is to be read alone.")
    return content


# HDF5


def _groups(group: Any, name: str, depth: int, seen: set[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every group that holds datasets, with its name and theirs; links out of the file are refused."""
    import h5py

    if group.id in seen:  # a group that holds itself
        return
    seen.add(group.id)
    if not depth:
        raise DataError("is not a whole file of Keras (groups inside of groups): save the model again.")
    inside: dict[str, Any] = {}
    for key in group:
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            raise DataError(f"has a link in place of {name}/{key}, which is not followed: save the model again.")
        kind, here = group.get(key, getclass=True), f"{name}/{key}" if name else key
        if kind is h5py.Group:
            yield from _groups(group[key], here, depth - 1, seen)
        elif kind is h5py.Dataset:
            inside[here] = group[key]
    if inside:
        yield name, inside


def _stored(path: Path, held: bytes, name: str, data: Any) -> StoredArray:
    """A dataset whose numbers lie in the file itself."""
    import h5py

    if data.external or data.is_virtual:
        raise DataError(f"has the numbers of {name} in other files, which are not read: save the model again.")
    amiss = why_no_weights(data.dtype) if data.shape is not None else ", no numbers: save the model again"

    def read() -> Array:
        try:
            with h5py.File(io.BytesIO(held) if held else path, "r") as file:
                values: Array = file[name][()]
                return values
        except DAMAGES:
            raise DataError(f"{path}: {name} is damaged: save the model again.") from None

    return StoredArray(name, str(data.dtype), tuple(data.shape or ()), amiss, read)


# What a configuration says


@dataclass(frozen=True)
class _Said:
    """A recurrent layer of a configuration.

    Attributes
    ----------
    path : str
        Where Keras 3 keeps its weights.
    name : str
        Of the outermost layer that it is part of.
    own : str
        Its own, or its cell's.
    kind : str
        ``LSTM``.
    config : mapping
    reverse : bool
    """

    path: str
    name: str
    own: str
    kind: str
    config: Mapping[str, Any]
    reverse: bool


def _layers_said(model: Mapping[str, Any], depth: int, prefix: str = "", top: str = "") -> Iterator[_Said]:
    """The recurrent layers that a model's configuration has, each with the path of its weights."""
    if not depth:
        raise DataError("is not a whole file of Keras (layers inside of layers): save the model again.")
    inner = model.get("config", {})
    listed = inner if isinstance(inner, list) else inner.get("layers", [])
    counts: dict[str, int] = {}
    for layer in listed:
        kind, config = str(layer["class_name"]), layer["config"]
        if kind == "InputLayer" and model.get("class_name") == "Sequential":
            continue
        path = f"{prefix}layers/{_numbered(_snake(kind), counts)}"
        name = top or str(config["name"] if isinstance(config, dict) else kind)
        if isinstance(config, list) or "layers" in config:
            yield from _layers_said(layer, depth - 1, f"{path}/", name)
        elif kind == "Bidirectional":
            yield from _both_ways(config, path, name)
        elif kind == "TimeDistributed":
            yield from _one_layer(config["layer"], f"{path}/layer", name, False)
        else:
            yield from _one_layer(layer, path, name, False)


def _both_ways(config: Mapping[str, Any], path: str, name: str) -> Iterator[_Said]:
    """The layers of a Bidirectional; the second is the first turned around where it is not given."""
    one = config["layer"]
    other = config.get("backward_layer")
    first = bool(one["config"].get("go_backwards", False))
    yield from _one_layer(one, f"{path}/forward_layer", name, first, "forward_")
    yield from _one_layer(other or one, f"{path}/backward_layer", name, not first, "backward_")


def _one_layer(layer: Mapping[str, Any], path: str, name: str, reverse: bool, before: str = "") -> Iterator[_Said]:
    kind, config = str(layer["class_name"]), layer["config"]
    turned = reverse or (not before and bool(config.get("go_backwards", False)))
    own = before + str(config.get("name", "")).removeprefix("forward_").removeprefix("backward_")
    if kind in BLOCKS.values():
        yield _Said(f"{path}/cell", name, own, kind, config, turned)
    elif kind == "RNN":
        cell = config["cell"]
        stacked = isinstance(cell, dict) and cell["class_name"] == "StackedRNNCells"
        cells = cell["config"]["cells"] if stacked else cell if isinstance(cell, list) else [cell]
        several, counts = stacked or isinstance(cell, list), dict[str, int]()
        for one in cells:
            of = str(one["class_name"])
            where = f"{path}/cell/cells/{_numbered(_snake(of), counts)}" if several else f"{path}/cell"
            if of.removesuffix("Cell") in BLOCKS.values():
                own = str(one["config"].get("name", ""))
                yield _Said(where, name, own, of.removesuffix("Cell"), one["config"], turned)


def _snake(name: str) -> str:
    """The name that Keras makes of a class: SimpleRNN is simple_rnn."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _numbered(name: str, counts: dict[str, int]) -> str:
    """A name that no sibling has: the second lstm is lstm_1."""
    counts[name] = counts.get(name, -1) + 1
    return f"{name}_{counts[name]}" if counts[name] else name


# Layers


def _layer(group: str, inside: Mapping[str, Any], said: Sequence[_Said]) -> Layer | None:
    """The recurrent layer whose weights a group of datasets are; None where they are something else."""
    leaves = {name.rpartition("/")[2].removesuffix(":0"): name for name in inside}
    numbered = set(leaves) <= {"0", "1", "2"} and {"0", "1"} <= set(leaves)
    names = {of: leaves[key] for of, key in zip(NAMES, "012" if numbered else NAMES) if key in leaves}
    if not {"kernel", "recurrent_kernel"} <= set(names):
        return None
    shapes = {of: inside[name].shape for of, name in names.items()}
    known = _said_of(group, said)
    kind = known.kind if known else _kind(shapes)
    if kind is None:
        return None if numbered else _unknown(group, names)
    where = group.removesuffix("/vars").removesuffix("/cell") if numbered else group.removeprefix("model_weights/")
    theirs, amiss = _theirs(kind, shapes, known.config if known else None)
    notes = () if known else (
        "The file does not say which activations the layer has; they are taken to be those that Keras has by default.",
    )  # fmt: skip
    reverse = known.reverse if known else "backward_" in group
    return Layer(_KERAS, where, None, reverse, names, theirs, amiss, notes)


def _unknown(group: str, names: Mapping[str, str]) -> Layer:
    return Layer(_KERAS, group, None, False, names, ("LSTM",), "its shapes are of no LSTM, GRU or SimpleRNN of Keras")


def _said_of(group: str, said: Sequence[_Said]) -> _Said | None:
    """The layer of the configuration that a group belongs to, by its path, or by the names of layers on it."""
    for one in said:
        if group.removeprefix("_").removesuffix("/vars") == one.path:
            return one
    parts = group.split("/")
    here = [one for one in said if one.name == parts[min(len(parts) - 1, int(parts[0] == "model_weights"))]]
    inner = [one for one in here if one.own in parts[1:] or re.sub("^(for|back)ward_", "", one.own) in parts[1:]]
    return here[0] if len(here) == 1 else inner[0] if len(inner) == 1 else _by_direction(inner, parts)


def _by_direction(found: Sequence[_Said], parts: Sequence[str]) -> _Said | None:
    exact = [one for one in found if one.own in parts]
    return exact[0] if len(exact) == 1 else None


def _kind(shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    """The kind of layer that arrays of these shapes are, if they are one's."""
    kernel, recurrent = shapes["kernel"], shapes["recurrent_kernel"]
    if len(kernel) != 2 or len(recurrent) != 2 or kernel[1] != recurrent[1] or not recurrent[0]:
        return None
    count, rest = divmod(recurrent[1], recurrent[0])
    fits = shapes.get("bias", (kernel[1],)) in ((kernel[1],), (2, kernel[1]))
    return BLOCKS.get(count) if not rest and fits else None


def _theirs(
    kind: str, shapes: Mapping[str, tuple[int, ...]], config: Mapping[str, Any] | None
) -> tuple[tuple[str, ...], str]:
    """Names of a layer in the table's layouts, and why no cell does what it does, if none does."""
    about: Mapping[str, Any] = config or {}
    activation, gates = about.get("activation", "tanh"), about.get("recurrent_activation", "sigmoid")
    if kind == "SimpleRNN":
        relu = 'SimpleRNN(activation="relu")'
        both = (kind, relu) if config is None else (relu,) if activation == "relu" else (kind,)
        return both, "" if activation in ("tanh", "relu") else f"its activation is {activation!s:.40}, not tanh or relu"
    amiss = (
        "" if activation == "tanh" else f"its activation is {activation!s:.40}, and the cells of the library have tanh"
    )
    if gates != "sigmoid":
        amiss = amiss or f"its recurrent_activation is {gates!s:.40}, and the cells of the library have sigmoid"
    if kind == "LSTM":
        return ("LSTM",), amiss
    bias = shapes.get("bias")
    after = about.get("reset_after", None if bias is None else len(bias) == 2)
    if after is None:
        amiss = amiss or "the file does not say where its reset gate acts (reset_after): give the .keras file"
    before = ("GRU(reset_after=False)", "GRU(reset_after=False, use_bias=False)")
    return ("GRU",) if after in (True, None) else before[: 1 if bias else 2], amiss


_KERAS = next(one for one in frameworks() if one.key == "keras")


__all__ = ["read_keras"]
