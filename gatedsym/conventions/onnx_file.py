"""An ONNX model → the weights of its LSTM, GRU and RNN operators. The model is parsed, never run.

A layer is an operator in one direction, whose W, R, B and P are stored in the model (initialisers and constants). What
the operator does beyond its cell is in its attributes, and each of them is read: a clip, other activations are refused.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gatedsym.conventions.layers import Layer
from gatedsym.conventions.stored_array import Contents, StoredArray
from gatedsym.conventions.table import frameworks
from gatedsym.errors import DataError
from gatedsym.files.read import MAX_ARRAYS, open_plain, read_bytes
from gatedsym.typing import Array

ACTIVATIONS = {"LSTM": ("sigmoid", "tanh", "tanh"), "GRU": ("sigmoid", "tanh"), "RNN": ("tanh",)}
"""What an operator applies in one direction where it says nothing."""

PLACES = {"W": 1, "R": 2, "B": 3, "P": 7}
"""Where the operators' weights stand among their inputs."""

DEPTH = 16
"""Most graphs inside of each other."""


def read_onnx(path: Path) -> Contents:
    """The stored arrays of a model, and its recurrent operators.

    Raises
    ------
    DataError
        If onnx is not there, or the file is damaged, or names data outside of its folder.
    """
    try:
        import onnx
    except ImportError:
        raise DataError(
            f"{path} is an ONNX model, and onnx is not installed: install onnx, or save the weights as .safetensors."
        ) from None
    content = read_bytes(path, MAX_ARRAYS, "save the layer that is to be read alone.")
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except Exception:  # protobuf's errors are of classes that differ between its versions
        raise DataError(f"{path} is not a whole ONNX model: export it again.") from None
    found = _Found(path, onnx.TensorProto)
    found.visit(model.graph, "", {}, DEPTH)
    for function in model.functions:
        found.refuse_all(function)
    return found.contents()


@dataclass
class _Found:
    """Arrays and operators of a model, as far as it has been visited.

    Attributes
    ----------
    path : Path
    kinds : type
        The protocol's class of tensors, whose names of dtypes are read.
    arrays : dict of str to StoredArray
    layers : list of Layer
    constants : set of str
        Names of arrays that are results of nodes: axes and sizes, unless an operator reads them.
    """

    path: Path
    kinds: Any
    arrays: dict[str, StoredArray] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)
    constants: set[str] = field(default_factory=set)

    def visit(self, graph: Any, prefix: str, outer: Mapping[str, str | None], depth: int) -> None:
        """Enter the arrays and the operators of a graph and of those inside of it.

        `outer` says under which name an array is stored that a name of the graph means; None for what is computed.
        """
        if not depth:
            raise DataError(f"{self.path} is not a whole ONNX model (graphs inside of graphs): export it again.")
        known = dict(outer)
        for tensor in graph.initializer:
            known[tensor.name] = self._enter(prefix + tensor.name, tensor)
        for node in graph.node:
            known |= dict.fromkeys(node.output)
            if node.op_type == "Constant" and node.output:
                stored = [a.t for a in node.attribute if a.name == "value" and a.HasField("t")]
                known[node.output[0]] = self._enter(prefix + node.output[0], stored[0]) if stored else None
                self.constants |= {str(known[node.output[0]])}
            elif node.op_type == "Identity" and node.input and node.output:
                known[node.output[0]] = known.get(node.input[0])
            elif node.op_type in ACTIVATIONS and node.domain in ("", "ai.onnx"):
                self._operator(node, prefix, known)
            for attribute in node.attribute:
                inside = f"{prefix}{node.name or node.op_type}.{attribute.name}/"
                for one in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
                    self.visit(one, inside, known, depth - 1)

    def refuse_all(self, function: Any) -> None:
        """Enter the operators of a function, whose weights are its arguments."""
        for node in function.node:
            if node.op_type in ACTIVATIONS:
                label = f"{function.name}/{node.name or node.op_type}"
                reason = "it stands in a function of the model: inline it with onnx.inliner"
                self.layers.append(Layer(_ONNX, self._free(label), None, False, {}, _theirs(node, {}, 0), reason))

    def _enter(self, name: str, tensor: Any) -> str:
        if name in self.arrays:
            raise DataError(f"{self.path} holds {name} twice: export it again.")
        self.arrays[name] = _stored(self.path, name, tensor, self.kinds)
        return name

    def _operator(self, node: Any, prefix: str, known: Mapping[str, str | None]) -> None:
        """Enter an operator, a layer for each of its directions."""
        given = {role: node.input[at] for role, at in PLACES.items() if len(node.input) > at and node.input[at]}
        stored = {role: known.get(name) for role, name in given.items()}
        label = self._free(prefix + (node.name or f"{node.op_type}_{next(iter(node.output), '')}"))
        directions = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}
        asked = str(_attribute(node, "direction", "forward"))
        for at, reverse in enumerate(directions.get(asked, (False,))):
            amiss = "" if asked in directions else f"its direction {asked} is none of {', '.join(directions)}"
            amiss = amiss or _why_no_cell(node, at, len(directions[asked]))
            amiss = amiss or self._why_not_stored(node, stored, len(directions.get(asked, (False,))))
            names = {role: name for role, name in stored.items() if name is not None}
            if not amiss and asked == "bidirectional":
                names = {role: self._half(name, at) for role, name in names.items()}
            self.layers.append(
                Layer(_ONNX, label, None, reverse, names, _theirs(node, given, at), amiss, tuple(_notes(node)))
            )

    def contents(self) -> Contents:
        """All that was found; an array that holds two directions is there as its halves."""
        used = {name for one in self.layers for name in one.names.values()}
        halved = {name for name in self.arrays if f"{name}[0]" in used}
        left = (halved | self.constants) - used
        return Contents({k: v for k, v in self.arrays.items() if k not in left}, tuple(self.layers))

    def _why_not_stored(self, node: Any, stored: Mapping[str, str | None], directions: int) -> str:
        """Reason why an operator's weights are not those of the file; "" if they are."""
        if computed := [role for role in ("W", "R", *stored) if stored.get(role) is None]:
            return f"its {computed[0]} is no stored array (fold the model's constants, and export it again)"
        hidden = _attribute(node, "hidden_size", None)
        for role, name in stored.items():
            shape = self.arrays[str(name)].shape
            if not shape or shape[0] != directions:
                return f"its {role} has shape {shape}, which is none of {directions} directions"
        width = self.arrays[str(stored["R"])].shape[-1]
        return "" if hidden in (None, width) else f"its hidden_size is {hidden}, and its R has {width} columns"

    def _half(self, name: str, at: int) -> str:
        """The name of one direction of an array that holds both."""
        whole = self.arrays[name]
        half = f"{name}[{at}]"
        self.arrays.setdefault(
            half, StoredArray(half, whole.kind, (1, *whole.shape[1:]), whole.amiss, _part(whole.read, at))
        )
        return half

    def _free(self, label: str) -> str:
        """A label that no layer has yet."""
        taken = {one.module for one in self.layers}
        return next(one for one in (label, *(f"{label}_{k}" for k in range(2, len(taken) + 3))) if one not in taken)


def _part(read: Callable[[], Array], at: int) -> Callable[[], Array]:
    return lambda: read()[at : at + 1]


def _attribute(node: Any, name: str, default: Any) -> Any:
    """The value of an attribute: an integer, a float, text, or a list of these."""
    for one in node.attribute:
        if one.name == name:
            fields = {1: one.f, 2: one.i, 3: one.s, 6: list(one.floats), 7: list(one.ints), 8: list(one.strings)}
            value = fields.get(one.type)
            if isinstance(value, list):
                return [v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in value]
            return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return default


def _activations(node: Any, at: int) -> tuple[str, ...]:
    """The activations of one direction, in lower case."""
    usual = ACTIVATIONS[node.op_type]
    said = _attribute(node, "activations", None) or usual * 2
    return tuple(str(name).lower() for name in said[at * len(usual) : (at + 1) * len(usual)])


def _why_no_cell(node: Any, at: int, directions: int) -> str:
    """Reason why no cell does what an operator does in one direction; "" if one does."""
    clip = _attribute(node, "clip", None)
    if clip is not None:
        return f"it clips what its activations get at {clip}, and no cell of the library does"
    said = _attribute(node, "activations", None)
    usual = ACTIVATIONS[node.op_type]
    if said and len(said) != directions * len(usual):
        return f"it names {len(said)} activations, and such a {node.op_type} has {directions * len(usual)}"
    found = _activations(node, at)
    if found not in (usual, *([("relu",)] if node.op_type == "RNN" else [])):
        return f"its activations are {', '.join(found)}, and the cells of the library have {', '.join(usual)}"
    return ""


def _theirs(node: Any, given: Mapping[str, str], at: int) -> tuple[str, ...]:
    """Names of an operator in the table's layouts; several where the one is the other with an array left out."""
    if node.op_type == "RNN":
        return ('RNN(activations=["Relu"])',) if _activations(node, at) == ("relu",) else ("RNN",)
    if node.op_type == "GRU":
        if _attribute(node, "linear_before_reset", 0):
            return ("GRU(linear_before_reset=1)",)
        return ("GRU",) if "B" in given else ("GRU", "GRU without B")
    coupled = "LSTM(input_forget=1)" if _attribute(node, "input_forget", 0) else "LSTM"
    return (f"{coupled} with P",) if "P" in given else (coupled, f"{coupled} with P")


def _notes(node: Any) -> Iterator[str]:
    """Sentences on what an operator is given in its network beside its weights."""
    names = [*node.input, *[""] * 7]
    if names[4]:
        yield "In its network each sequence ends after a length of its own."
    if names[5] or names[6]:
        yield "In its network it starts from states that it is given; here it starts from zeros."


def _stored(path: Path, name: str, tensor: Any, kinds: Any) -> StoredArray:
    """A tensor of the model, whose shape must be what its bytes hold."""
    shape = tuple(int(length) for length in tensor.dims)
    kind = kinds.DataType.Name(tensor.data_type) if tensor.data_type in kinds.DataType.values() else "of no known kind"
    dtype = {"FLOAT": "<f4", "DOUBLE": "<f8", "FLOAT16": "<f2", "BFLOAT16": "<u2"}.get(kind)
    amiss = "" if dtype else ": export floats as FLOAT, DOUBLE, FLOAT16 or BFLOAT16"
    if len(shape) > 32 or any(length < 0 for length in shape) or tensor.HasField("segment"):
        raise DataError(f"{path} is not a whole ONNX model ({name} has no shape): export it again.")

    def read() -> Array:
        values = _values(path, name, tensor, kind, str(dtype), math.prod(shape))
        wide = (values.astype("<u4") << 16).view("<f4") if kind == "BFLOAT16" else values
        return wide.reshape(shape)

    return StoredArray(name, kind, shape, amiss, read)


def _values(path: Path, name: str, tensor: Any, kind: str, dtype: str, count: int) -> Array:
    """A tensor's numbers, from whichever of the places that the format has for them."""
    size = count * np.dtype(dtype).itemsize
    if tensor.data_location == tensor.EXTERNAL:
        raw = _outside(path, name, {one.key: one.value for one in tensor.external_data}, size)
    elif tensor.HasField("raw_data"):
        raw = tensor.raw_data
    else:
        typed = {"FLOAT": tensor.float_data, "DOUBLE": tensor.double_data}.get(kind, tensor.int32_data)
        if kind in ("FLOAT16", "BFLOAT16") and any(not 0 <= bits < 2**16 for bits in typed):
            raise DataError(f"{path} is not a whole ONNX model ({name} is damaged): export it again.")
        raw = np.array(typed, "<u2" if kind in ("FLOAT16", "BFLOAT16") else dtype).tobytes()
    if len(raw) != size:
        raise DataError(
            f"{path} is not a whole ONNX model ({name} holds {len(raw)} bytes, and has {size}): export it again."
        )
    return np.frombuffer(raw, dtype)


def _outside(path: Path, name: str, about: Mapping[str, str], size: int) -> bytes:
    """The bytes of a tensor that lie in a file beside the model, in its folder or below."""
    location, mend = about.get("location", ""), "export the model into one file."
    folder = path.parent.resolve()
    try:
        beside = (folder / location).resolve()
        offset, length = int(about.get("offset", 0)), int(about.get("length", size))
    except (ValueError, OSError, RuntimeError):
        raise DataError(f"{path}: {name} lies in a file without a name or a place: {mend}") from None
    if not location or Path(location).is_absolute() or not beside.is_relative_to(folder) or beside == folder:
        raise DataError(f"{path}: {name} lies outside of the model's folder, which is not read: {mend}")
    if length != size or not 0 <= offset < 2**62:
        raise DataError(f"{path}: {name} has {size} bytes, and its file is said to hold {length} from {offset}: {mend}")
    with os.fdopen(open_plain(beside, "put the model's data beside it."), "rb") as file:
        file.seek(offset)
        return file.read(size)


_ONNX = next(one for one in frameworks() if one.key == "onnx")


__all__ = ["read_onnx"]
