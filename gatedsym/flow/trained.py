"""Parameters of a network trained elsewhere: from a file to a cell whose initialisation they are."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError
from gatedsym.flow.data import DataError
from gatedsym.initial import Parameters
from gatedsym.sizes import size_in_sums

Array = np.ndarray[Any, Any]
_LAYER = re.compile(r"^(?:.*\.)?((?:weight|bias)_(?:ih|hh)_l0|weight_hr_l0)$")
_SAFETENSORS_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}


class TrainedCell(Cell):
    """A cell that always starts from given parameters.

    Whatever initialisation, gain or retention bias an analysis asks for, and for whatever seed, it gets these.

    Parameters
    ----------
    cell : Cell
        The equations.
    params : mapping of str to array
        Its parameters, complete.
    name : str
        Of the new cell.
    digest : str
        SHA-256 of where the parameters come from.
    """

    def __init__(self, cell: Cell, params: Mapping[str, Array], name: str, digest: str) -> None:
        super().__init__(cell.source, name, **cell.constants)
        self.params = {k: np.array(v) for k, v in params.items()}
        self.parameters_digest = digest
        self.given_sizes = _checked_sizes(self, self.params)

    @property
    def can_retain(self) -> bool:
        """No: biases are given."""
        return False

    def init(self, m: int | None = None, n: int | None = None, **options: Any) -> Parameters:
        """A copy of the given parameters, in the dtype asked for.

        Raises
        ------
        ArgumentError
            If other sizes are asked for than the parameters have.
        """
        for name, asked in (("m", m), ("n", n)):
            has = self.given_sizes.get(name)
            if asked is not None and has is not None and asked != has:
                raise ArgumentError(
                    f"the weights of {self.name} have {name} = {has}, and {name} = {asked} is asked for."
                )
        copies = {k: np.array(v, dtype=options.get("dtype", "float64")) for k, v in self.params.items()}
        return Parameters(copies, self.given_sizes)

    def variant(self, name: str, edits: Mapping[str, str], lines: str = "") -> Cell:
        """The edited cell with what is left of the parameters; without them where the edit declares new ones."""
        edited = super().variant(name, edits, lines)
        if set(edited.parameters) <= self.params.keys():
            return TrainedCell(edited, {k: self.params[k] for k in edited.parameters}, name, self.parameters_digest)
        return edited


def read_weights(path: str | Path) -> dict[str, Array]:
    """The arrays of an .npz or .safetensors file, by name. Nothing in the file is ever executed.

    Raises
    ------
    DataError
        If the file is missing, of another kind, or damaged, or holds values that are not finite numbers.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"there is no file {path}: give an .npz or .safetensors file with weights.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): give a file that can.") from None
    kinds = {".npz": _from_npz, ".safetensors": _from_safetensors}
    if path.suffix.lower() not in kinds:
        raise DataError(
            f"{path} is neither .npz nor .safetensors: save the weights as one of them (pickle is not read)."
        )
    arrays = kinds[path.suffix.lower()](path, content)
    if not arrays:
        raise DataError(f"{path} holds no array: give a file with weights.")
    for name, array in arrays.items():
        if array.dtype.kind not in "fiu":
            raise DataError(f"{path}: {name} is {array.dtype}, not real numbers: give weights alone.")
        if not np.isfinite(array).all():
            raise DataError(f"{path}: {name} holds values that are not finite: the network has diverged; give another.")
    return {k: np.asarray(v, dtype=np.float64) for k, v in arrays.items()}


def trained_cell(cells: Sequence[Cell], path: str | Path, framework: str | None = None) -> TrainedCell:
    """The cell among `cells` that the weights of a file belong to, with these weights.

    Names are the cell's own (``W_f``), or those of a framework's layout (``weight_ih_l0`` of PyTorch, with anything
    before it), by the tables of `gatedsym.conventions`.

    Parameters
    ----------
    cells : sequence of Cell
    path : path
        .npz or .safetensors.
    framework : str, optional
        The only layout to try; all that the tables have by default.

    Raises
    ------
    DataError
        If the file cannot be used, or fits none of the cells, or several.
    """
    arrays = read_weights(path)
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    fits: dict[str, Mapping[str, Array]] = {}
    reasons = []
    for cell in cells:
        params, reason = _fitted(cell, arrays, framework)
        if params is not None:
            fits[cell.name] = params
        reasons.append(f"{cell.name}: {reason}")
    if not fits:
        raise DataError(f"{path} holds {_some(arrays)}, which fits none of the cells. " + "; ".join(reasons) + ".")
    if len(fits) > 1:
        raise DataError(f"{path} fits {' and '.join(sorted(fits))}: name one of them alone.")
    ((name, params),) = fits.items()
    cell = next(c for c in cells if c.name == name)
    return TrainedCell(cell, params, f"{name}_trained", digest)


def _fitted(cell: Cell, arrays: Mapping[str, Array], framework: str | None) -> tuple[Mapping[str, Array] | None, str]:
    """The parameters of a cell from arrays of a file, or None with what is amiss."""
    from gatedsym.conventions import import_parameters, layouts

    own = {k: arrays[k] for k in cell.parameters if k in arrays}
    if framework is None and len(own) == len(cell.parameters) and len(own) == len(arrays):
        try:
            _checked_sizes(cell, own)
        except ArgumentError as error:
            return None, str(error)
        return own, ""
    bare = {(match[1] if (match := _LAYER.match(k)) else k): v for k, v in arrays.items()}
    amiss, found = [], {}
    for layout in layouts():
        if layout.cell != cell.name or framework not in (None, layout.framework.key):
            continue
        names = {a.name for a in layout.arrays}
        try:
            given = {k: v for k, v in bare.items() if k in names}
            found[layout.framework.key] = import_parameters(cell, given, layout.framework.key)
        except ArgumentError as error:
            amiss.append(str(error))
    if found:
        first = next(iter(found.values()))
        if all(np.array_equal(first[k], other[k]) for other in found.values() for k in first):
            return first, ""
        raise DataError(f"the weights could be those of {' or '.join(found)}: say which, with --layout.")
    if framework is not None:
        return None, amiss[0] if amiss else f"the tables have no layout of {framework}"
    return None, _odd_names(cell, arrays)


def _odd_names(cell: Cell, arrays: Mapping[str, Array]) -> str:
    """What the names of a file lack and have too many to be a cell's parameters."""
    lacks = [k for k in cell.parameters if k not in arrays]
    strange = [k for k in arrays if k not in cell.parameters]
    if len(lacks) == len(cell.parameters):
        return f"its parameters are {', '.join(cell.parameters)}"
    return " and ".join(
        part
        for part, names in ((f"{', '.join(lacks)} is missing", lacks), (f"it has no {', '.join(strange)}", strange))
        if names
    )


def _checked_sizes(cell: Cell, params: Mapping[str, Array]) -> dict[str, int]:
    """The sizes of all dimensions, after a trial step on zeros with the parameters."""
    from gatedsym.layouts import axes_shape

    seen: dict[str, int] = {}
    lengths: list[tuple[list[str], int]] = []
    free = {d[0] for d in cell.interface["dimensions"]}
    for name, axes, _ in cell.interface["parameters"]:
        if np.ndim(params[name]) != len(axes):
            raise ArgumentError(f"{name} has shape {np.shape(params[name])}; it needs {len(axes)} axes")
        lengths += zip(axes, np.shape(params[name]))
    for axis, length in lengths:
        if len(axis) == 1 and axis[0] in free and not axis[0].isdigit():
            seen.setdefault(axis[0], int(length))
    sizes = cell.sizes(**seen | size_in_sums(cell.interface["dimensions"], seen, lengths, cell.name))
    for name, axes, _ in cell.interface["parameters"]:
        needed = axes_shape(axes, sizes)
        if np.shape(params[name]) != needed:
            raise ArgumentError(f"{name} has shape {np.shape(params[name])}; it needs {needed}")
    return sizes


def _from_npz(path: Path, content: bytes) -> dict[str, Array]:
    import zipfile

    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {k: archive[k] for k in archive.files}
    except (ValueError, EOFError, OSError, KeyError, AttributeError, TypeError, zipfile.BadZipFile):
        # NumPy's own words advise a reader that runs what the file says.
        raise DataError(f"{path} is not a whole .npz file of plain arrays: save it with numpy.savez.") from None


def _from_safetensors(path: Path, content: bytes) -> dict[str, Array]:
    """The format is a length, a header in JSON and the numbers: https://github.com/huggingface/safetensors."""
    try:
        length = int.from_bytes(content[:8], "little")
        header, body = json.loads(content[8 : 8 + length].decode("utf-8")), content[8 + length :]
        arrays = {}
        for name, about in header.items():
            if name == "__metadata__":
                continue
            begin, end = about["data_offsets"]
            raw, kind = body[begin:end], about["dtype"]
            if kind not in (*_SAFETENSORS_TYPES, "BF16"):
                raise DataError(f"{path}: {name} is {kind}: save floats as F64, F32, F16 or BF16.")
            if kind == "BF16":  # the upper half of a float32
                flat = (np.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4")
            else:
                flat = np.frombuffer(raw, _SAFETENSORS_TYPES[kind])
            arrays[str(name)] = flat.reshape(about["shape"])
        return arrays
    except DataError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise DataError(f"{path} is not a whole .safetensors file: save it again.") from None


def _some(arrays: Mapping[str, Array]) -> str:
    names = list(arrays)
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


__all__ = ["TrainedCell", "read_weights", "trained_cell"]
