"""Parameters of a network trained elsewhere: from a file to a cell whose initialisation they are."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gatedsym.cells import Cell
from gatedsym.conventions import find_layers, import_parameters, layouts, open_weights, why_not_named
from gatedsym.conventions.layers import Layer
from gatedsym.conventions.weight_file import WeightFile
from gatedsym.errors import ArgumentError, DataError
from gatedsym.execution.initialisation import Parameters
from gatedsym.execution.sizes import size_in_sums
from gatedsym.files.read import printable, require_unmasked
from gatedsym.typing import Array


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
        SHA-256 of the file that the parameters come from.
    description : str
        Sentences for a page: what of the file was taken, and what was left.

    Attributes
    ----------
    parameters_digest : str
        SHA-256 of the parameters themselves.
    file_digest, description : str
        As given.
    given_sizes : dict of str to int
    """

    def __init__(self, cell: Cell, params: Mapping[str, Array], name: str, digest: str, description: str = "") -> None:
        super().__init__(cell.source, name, **cell.constants)
        self._start_from(params, digest, description)

    def _start_from(self, params: Mapping[str, Array], digest: str, description: str) -> None:
        """Take parameters, checked against the equations."""
        for of, value in params.items():
            require_unmasked(f"params[{of!r}]", value)
        self.params = {k: np.array(v) for k, v in params.items()}
        for array in self.params.values():  # the digest is of these numbers: `init` gives copies to write to
            array.flags.writeable = False
        self.parameters_digest, self.file_digest, self.description = _digest(self.params), digest, description
        self.given_sizes = _checked_sizes(self, self.params)

    def __getstate__(self) -> dict[str, Any]:
        """The parts that make the cell, its parameters among them."""
        own = ("params", "parameters_digest", "file_digest", "description", "given_sizes")
        return {**super().__getstate__(), **{name: self.__dict__[name] for name in own}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for array in self.params.values():
            array.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        """Whether both are the same cell with the same parameters."""
        if not isinstance(other, TrainedCell):
            return NotImplemented if isinstance(other, Cell) else False
        return self.parameters_digest == other.parameters_digest and bool(super().__eq__(other))

    __hash__ = Cell.__hash__

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
            return TrainedCell(
                edited, {k: self.params[k] for k in edited.parameters}, name, self.file_digest, self.description
            )
        return edited


def read_weights(path: str | Path) -> dict[str, Array]:
    """The arrays of an .npz or .safetensors file, by name. Nothing in the file is ever executed.

    Raises
    ------
    DataError
        If the file is missing, of another kind, or damaged, or holds values that are not finite numbers.
    """
    file = open_weights(path)
    return file.take(file.arrays)


def trained_cell(
    cells: Sequence[Cell],
    path: str | Path,
    framework: str | None = None,
    layer: str | None = None,
    called: str | Path | None = None,
) -> TrainedCell:
    """The cell among `cells` that the weights of a file belong to, with these weights.

    Names are the cell's own (``W_f``), or those of a framework's layout (``weight_ih_l0`` of PyTorch), by the tables of
    `gatedsym.conventions`, with the name of a module before them (``encoder.rnn.``) or not.

    Parameters
    ----------
    cells : sequence of Cell
    path : path
        .npz or .safetensors.
    framework : str, optional
        The only layout to try; all that the tables have by default.
    layer : str, optional
        Which layer, where the file has several that fit: ``encoder.rnn:1:reverse`` is layer 1 of the module
        ``encoder.rnn``, backwards; the module or the place in it alone (``encoder.rnn``, ``1``) where that is enough.
    called : path, optional
        What the file was called before it was moved, for the description.

    Raises
    ------
    DataError
        If the file cannot be used, or fits none of the cells, or several, or has several layers that fit.
    """
    file = open_weights(path)
    fits, reasons = [], []
    for cell in cells:
        found, reason = _fits(cell, file, framework)
        fits += found
        reasons.append(f"{cell.name}: {reason}")
    if not fits:
        raise DataError(f"{path} holds {_some(file)}, which fits none of the cells. {'; '.join(reasons)}.")
    fit = _only_one(path, fits, layer)
    cell = next(c for c in cells if c.name == fit.cell)
    return TrainedCell(
        cell,
        fit.params,
        f"{fit.cell}_trained",
        file.digest,
        printable(_description(fit, file, Path(called or path).name)),
    )


@dataclass(frozen=True)
class _Fit:
    """Arrays of a file that are the parameters of a cell.

    Attributes
    ----------
    cell : str
    layer : Layer, optional
        Where a layout names them; None where their names are the cell's own.
    label : str
        What a person calls the layer.
    params : mapping of str to array
    taken : tuple of str
        Their names in the file.
    """

    cell: str
    layer: Layer | None
    label: str
    params: Mapping[str, Array]
    taken: tuple[str, ...]


def _fits(cell: Cell, file: WeightFile, framework: str | None) -> tuple[list[_Fit], str]:
    """The arrays of a file that are parameters of a cell; if none are, why."""
    amiss: list[str] = []
    lacking: list[tuple[int, str]] = []  # how many names are there, and what is amiss with them
    own = _under_own_names(cell, file, amiss) if framework is None else []
    if own or amiss:
        return own, "; ".join(amiss)
    found: list[_Fit] = []
    layouts_of = {layout.framework.key for layout in layouts() if layout.cell == cell.name}
    for layer in find_layers(file.arrays, framework):
        if layer.framework.key not in layouts_of:
            continue
        if reason := why_not_named(cell, layer.names, layer.framework.key):
            lacking.append((len(layer.names), f"{layer.label}: {reason}"))
            continue
        try:
            arrays = file.take(layer.names.values())
            given = {of: arrays[name] for of, name in layer.names.items()}
            params = import_parameters(cell, given, layer.framework.key)
        except DataError:
            raise
        except ArgumentError as error:
            amiss.append(f"{layer.label}: {error}")
        else:
            found.append(_Fit(cell.name, layer, layer.label, params, tuple(layer.names.values())))
    if not found and framework is not None and framework not in layouts_of:
        return [], f"the tables have no layout of {framework}"
    nearly = max(lacking, default=(0, ""), key=lambda pair: pair[0])
    if amiss or (nearly[0] > 1 and not set(cell.parameters) & set(file.arrays)):
        return found, "; ".join(amiss) or nearly[1]
    return found, _odd_names(cell, file)


def _under_own_names(cell: Cell, file: WeightFile, amiss: list[str]) -> list[_Fit]:
    """The arrays of a file under the cell's own names, in a module or not; with nothing else in the same module."""
    modules = {name.removesuffix(p) for name in file.arrays for p in cell.parameters if name.endswith(p)}
    found = []
    for module in sorted(m for m in modules if not m or m[-1] in "./:"):
        inside = [name for name in file.arrays if name.startswith(module)]
        if sorted(inside) != sorted(module + p for p in cell.parameters):
            continue
        arrays = file.take(inside)
        own = {p: arrays[module + p] for p in cell.parameters}
        try:
            _checked_sizes(cell, own)
        except ArgumentError as error:
            amiss.append(str(error))
        else:
            found.append(_Fit(cell.name, None, module.rstrip("./:") or ".", own, tuple(inside)))
    return found


def _only_one(path: str | Path, fits: Sequence[_Fit], layer: str | None) -> _Fit:
    """The fit that is meant; where names leave it open, the person is asked."""
    chosen = list(fits)
    if layer is not None:
        chosen = [f for f in fits if f.label == layer] or [f for f in fits if f.layer and f.layer.is_called(layer)]
        if not chosen:
            raise DataError(f"{path} has no layer {layer} that fits: choose from {_layers(fits)}.")
    if len({f.label for f in chosen}) > 1:
        raise DataError(
            f"{path} holds several layers that fit, and one is measured: {_layers(chosen)}. Say which, with "
            f"--layer {chosen[0].label}."
        )
    if len(names := sorted({f.cell for f in chosen})) > 1:
        raise DataError(f"{path} fits {' and '.join(names)}: name one of them alone.")
    first = chosen[0]
    if all(np.array_equal(first.params[k], other.params[k]) for other in chosen for k in first.params):
        return first
    frameworks = dict.fromkeys(f.layer.framework.key for f in chosen if f.layer)
    raise DataError(f"the weights could be those of {' or '.join(frameworks)}: say which, with --layout.")


def _layers(fits: Sequence[_Fit]) -> str:
    """Labels, each with what it fits and its shapes."""
    words = {}
    for fit in fits:
        matrix = max(fit.params.values(), key=np.ndim)
        words[fit.label] = f"{fit.label} ({fit.cell}, matrices {' x '.join(map(str, matrix.shape))})"
    return ", ".join(words.values())


def _description(fit: _Fit, file: WeightFile, called: str) -> str:
    """Sentences for a page: which arrays were taken, which were left, and what that means."""
    left = [name for name in file.arrays if name not in fit.taken]
    where = f"layer {fit.label} of " if fit.layer and fit.label != "." else ""
    of = f", named as by {fit.layer.framework.title}" if fit.layer else ""
    text = f"The parameters of {fit.cell}_trained are those of {where}{called}{of}: {', '.join(fit.taken)}."
    if left:
        text += f" Left out is what else the file holds: {_listed(left)}."
    if fit.layer and fit.layer.number:
        text += " In its network this layer reads what the layer below writes; here it reads the input given."
    if fit.layer and fit.layer.reverse:
        text += " In its network it runs from the last step to the first; here it reads the input from its first step."
    return text


def _listed(names: Sequence[str]) -> str:
    """Names of arrays; where they are many, how many each module has."""
    if len(names) <= 12:
        return ", ".join(names)
    modules = Counter(name.partition(".")[0].partition("/")[0] for name in names)
    return ", ".join(f"{module} ({count} array{'s' if count > 1 else ''})" for module, count in modules.items())


def _odd_names(cell: Cell, file: WeightFile) -> str:
    """The names that a file lacks and have too many to be a cell's parameters."""
    lacks = [k for k in cell.parameters if k not in file.arrays]
    strange = [k for k in file.arrays if k not in cell.parameters]
    if len(lacks) == len(cell.parameters):
        return f"its parameters are {', '.join(cell.parameters)}"
    return " and ".join(
        part
        for part, names in ((f"{', '.join(lacks)} is missing", lacks), (f"it has no {', '.join(strange)}", strange))
        if names
    )


def _checked_sizes(cell: Cell, params: Mapping[str, Array]) -> dict[str, int]:
    """The sizes of all dimensions, after a trial step on zeros with the parameters."""
    from gatedsym.execution.layouts import axes_shape

    seen: dict[str, int] = {}
    lengths: list[tuple[tuple[str, ...], int]] = []
    free = {d.name for d in cell.interface.dimensions}
    for name, axes in ((layout.name, layout.axes) for layout in cell.interface.parameters):
        if np.ndim(params[name]) != len(axes):
            raise ArgumentError(f"{name} has shape {np.shape(params[name])}; it needs {len(axes)} axes.")
        lengths += zip(axes, np.shape(params[name]))
    for axis, length in lengths:
        if len(axis) == 1 and axis[0] in free and not axis[0].isdigit():
            seen.setdefault(axis[0], int(length))
    sizes = cell.sizes(**seen | size_in_sums(cell.interface.dimensions, seen, lengths, cell.name))
    for name, axes in ((layout.name, layout.axes) for layout in cell.interface.parameters):
        needed = axes_shape(axes, sizes)
        if np.shape(params[name]) != needed:
            raise ArgumentError(f"{name} has shape {np.shape(params[name])}; it needs {needed}.")
    return sizes


def _digest(params: Mapping[str, Array]) -> str:
    """SHA-256 of parameters: of names, shapes and all bits."""
    digest = hashlib.sha256()
    for name, value in sorted(params.items()):
        digest.update(repr((name, value.shape, value.dtype.str)).encode() + np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()


def _some(file: WeightFile) -> str:
    names = list(file.arrays)
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


__all__ = ["TrainedCell", "read_weights", "trained_cell"]
