"""The parameters of a cell → a file of weights that its framework reads, and that gives the same bits back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.conventions.convert import export_parameters, plain_floats
from gatedsym.conventions.table import find_layout
from gatedsym.errors import ArgumentError, DataError
from gatedsym.files.write import write_atomically
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell


def save_parameters(
    path: str | Path,
    cell: str | Cell,
    params: Mapping[str, Any],
    framework: str | None = None,
    layer: str | None = None,
    beside: Mapping[str, Any] | None = None,
) -> None:
    """Write a cell's parameters as a framework keeps them. An older file is replaced at once.

    Parameters
    ----------
    path : path
        Its ending says what is written: .npz, .safetensors; .pt (a state dict); .onnx (a model of one operator, with
        input X and outputs Y); .weights.h5 (for `load_weights` of a Keras 3 model that has one recurrent layer).
    cell : str or Cell
    params : mapping of str to array
        As `Cell.init` gives them; all float64 or all float32.
    framework : str, optional
        In whose words. By default that of the ending; for .npz, .safetensors and .pt the cell's own names.
    layer : str, optional
        Which layer of a model they are, as in `export_parameters`.
    beside : mapping of str to array, optional
        Further arrays of any shape, of an .npz, .safetensors or .pt file, such as the rest of a model or its other
        layers.

    Raises
    ------
    ArgumentError
        If the framework has no layout for the cell, `params` are not those of the cell, or a name stands twice.
    DataError
        If the ending is another one, or what writes the file is not installed.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import gatedsym as gs
    >>> params = gs.cell("lstm").init(m=3, n=4)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gs.conventions.save_parameters(f"{folder}/w.safetensors", "lstm", params, "pytorch", layer="rnn:0")
    ...     again = gs.conventions.import_parameters("lstm", f"{folder}/w.safetensors")
    >>> all((again[k] == params[k]).all() for k in params)
    True
    """
    path = Path(path)
    for ending, (home, write) in _WRITERS.items():
        if path.name.lower().endswith(ending):
            if home is not None and framework not in (None, home):
                raise ArgumentError(f"{ending} has the layout of {home}, not of {framework!r}: leave `framework` out.")
            write_atomically(path, write(path, cell, _arrays(path, cell, params, framework or home, layer), beside))
            return
    raise DataError(f"{path} ends in none of {', '.join(_WRITERS)}: give one of these endings.")


def _arrays(
    path: Path, cell: str | Cell, params: Mapping[str, Any], framework: str | None, layer: str | None
) -> dict[str, Array]:
    """Arrays to be written, by their names in the file."""
    if framework is not None:
        return export_parameters(cell, params, framework, layer)
    from gatedsym import cells

    found = cell if isinstance(cell, cells.Cell) else cells.cell(cell)
    if missing := [name for name in found.parameters if name not in params]:
        raise ArgumentError(f"params lacks {', '.join(missing)}; {found.name} has {', '.join(found.parameters)}.")
    if extra := [name for name in params if name not in found.parameters]:
        raise ArgumentError(f"params has {extra[0]!r}; {found.name} has {', '.join(found.parameters)}.")
    before = "" if layer in (None, ".") else f"{layer}."
    own = plain_floats("params", params, list(found.parameters))
    return {before + name: value for name, value in own.items()}


Beside = Mapping[str, Any] | None


def _together(arrays: Mapping[str, Array], beside: Beside) -> dict[str, Array]:
    if twice := [name for name in beside or () if name in arrays]:
        raise ArgumentError(f"beside has {twice[0]!r}, which is an array of the cell: leave it out.")
    others = {name: np.asarray(value) for name, value in (beside or {}).items()}
    return {name: np.ascontiguousarray(value) for name, value in {**others, **arrays}.items()}


def _alone(path: Path, beside: Beside) -> None:
    if beside:
        raise ArgumentError(f"{path.suffix} holds the cell alone: leave `beside` out, or write .safetensors.")


def _npz(path: Path, cell: str | Cell, arrays: Mapping[str, Array], beside: Beside) -> bytes:
    content = io.BytesIO()
    with_others: dict[str, Any] = _together(arrays, beside)
    np.savez(content, **with_others)
    return content.getvalue()


def _safetensors(path: Path, cell: str | Cell, arrays: Mapping[str, Array], beside: Beside) -> bytes:
    from safetensors.numpy import save

    return bytes(save(_together(arrays, beside)))


def _torch(path: Path, cell: str | Cell, arrays: Mapping[str, Array], beside: Beside) -> bytes:
    try:
        import torch
    except ImportError:
        raise DataError(f"{path} is written by torch, which is not installed: write .safetensors.") from None
    content = io.BytesIO()
    torch.save({name: torch.from_numpy(v.copy()) for name, v in _together(arrays, beside).items()}, content)
    return content.getvalue()


def _onnx(path: Path, cell: str | Cell, arrays: Mapping[str, Array], beside: Beside) -> bytes:
    """A model of one operator, forward in time, time first."""
    _alone(path, beside)
    try:
        from onnx import TensorProto, helper, numpy_helper
    except ImportError:
        raise DataError(f"{path} is written by onnx, which is not installed: write .safetensors.") from None
    theirs = find_layout(cell if isinstance(cell, str) else cell.name, "onnx").theirs
    by_name = {name.rpartition(".")[2]: name for name in arrays}
    module = next(iter(arrays)).rpartition(".")[0] or "cell"
    hidden, inputs = arrays[by_name["R"]].shape[-1], arrays[by_name["W"]].shape[-1]
    given = ["X", *(by_name.get(role, "") for role in ("W", "R", "B")), "", "", "", by_name.get("P", "")]
    while not given[-1]:
        given.pop()
    operator = theirs[: next(at for at in range(len(theirs) + 1) if not theirs[at : at + 1].isalpha())]
    flags = {flag: 1 for flag in ("linear_before_reset", "input_forget") if f"{flag}=1" in theirs}
    acts = {"activations": ["Relu"]} if "Relu" in theirs else {}
    node = helper.make_node(operator, given, ["Y"], name=module, hidden_size=hidden, **flags, **acts)
    kind = TensorProto.DOUBLE if arrays[by_name["W"]].dtype == np.float64 else TensorProto.FLOAT
    graph = helper.make_graph(
        [node],
        module,
        [helper.make_tensor_value_info("X", kind, ["time", "batch", inputs])],
        [helper.make_tensor_value_info("Y", kind, ["time", 1, "batch", hidden])],
        [numpy_helper.from_array(value, name) for name, value in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    return bytes(model.SerializeToString())


def _keras(path: Path, cell: str | Cell, arrays: Mapping[str, Array], beside: Beside) -> bytes:
    """Groups as Keras 3 writes those of a model with one layer, and what that layer does: Keras does not look there."""
    import h5py

    _alone(path, beside)
    theirs = find_layout(cell if isinstance(cell, str) else cell.name, "keras").theirs
    snake = {"SimpleRNN": "simple_rnn", "LSTM": "lstm", "GRU": "gru"}[theirs.partition("(")[0]]
    about: dict[str, Any] = {"name": snake, "activation": "relu" if "relu" in theirs else "tanh"}
    if snake == "gru":
        about["reset_after"] = "reset_after=False" not in theirs
    layer = {"class_name": theirs.partition("(")[0], "config": about}
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}})
        file.create_group("vars")
        file.create_group(f"layers/{snake}/vars")
        for number, value in enumerate(arrays.values()):
            file[f"layers/{snake}/cell/vars/{number}"] = value
    return content.getvalue()


_WRITERS: Mapping[str, tuple[str | None, Callable[[Path, str | Cell, Mapping[str, Array], Beside], bytes]]] = {
    ".npz": (None, _npz),
    ".safetensors": (None, _safetensors),
    ".pt": (None, _torch),
    ".onnx": ("onnx", _onnx),
    ".weights.h5": ("keras", _keras),
}


__all__ = ["save_parameters"]
