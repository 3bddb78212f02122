"""Parameters of a network trained elsewhere: from a file to a cell whose initialisation they are."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gatedsym.cells import Cell
from gatedsym.conventions import open_weights
from gatedsym.conventions.fits import Fit, choose_fit, find_fits, sizes_of, some_names
from gatedsym.conventions.weight_file import WeightFile
from gatedsym.errors import ArgumentError, DataError
from gatedsym.execution.initialisation import Parameters
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

    def _start_from(
        self, params: Mapping[str, Array], digest: str, description: str, sizes: Mapping[str, int] | None = None
    ) -> None:
        """Take parameters, checked against the equations and, where they do not show them all, sizes of dimensions."""
        for of, value in params.items():
            require_unmasked(f"params[{of!r}]", value)
        self.params = {k: np.array(v) for k, v in params.items()}
        for array in self.params.values():  # the digest is of these numbers: `init` gives copies to write to
            array.flags.writeable = False
        self.parameters_digest, self.file_digest, self.description = _digest(self.params), digest, description
        self.given_sizes = sizes_of(self, self.params, sizes or {})

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
    """The arrays of a file of weights, by name. Nothing in the file is ever executed.

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
        Of a file that `gatedsym.conventions.open_weights` reads.
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
        found, reason = find_fits(cell, file, framework)
        fits += found
        reasons.append(f"{cell.name}: {reason}")
    if not fits:
        why = "; ".join(reason.rstrip(".") for reason in reasons)
        raise DataError(f"{path} holds {some_names(file.arrays)}, which fits none of the cells. {why}.")
    fit = choose_fit(path, fits, layer, "--layer {}", "--layout")
    cell = next(c for c in cells if c.name == fit.cell)
    return TrainedCell(
        cell,
        fit.params,
        f"{fit.cell}_trained",
        file.digest,
        printable(_description(fit, file, Path(called or path).name)),
    )


def _description(fit: Fit, file: WeightFile, called: str) -> str:
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
    return " ".join([text, *(fit.layer.notes if fit.layer else ())])


def _listed(names: Sequence[str]) -> str:
    """Names of arrays; where they are many, how many each module has."""
    if len(names) <= 12:
        return ", ".join(names)
    modules = Counter(name.partition(".")[0].partition("/")[0] for name in names)
    return ", ".join(f"{module} ({count} array{'s' if count > 1 else ''})" for module, count in modules.items())


def _digest(params: Mapping[str, Array]) -> str:
    """SHA-256 of parameters: of names, shapes and all bits."""
    digest = hashlib.sha256()
    for name, value in sorted(params.items()):
        digest.update(repr((name, value.shape, value.dtype.str)).encode() + np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()


__all__ = ["TrainedCell", "read_weights", "trained_cell"]
