"""A state dict, or a file of weights → the parameters of a cell."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatedsym.conventions.convert import import_arrays, plain_floats, why_not_named
from gatedsym.conventions.fits import Weights, choose_fit, find_fits, some_names
from gatedsym.conventions.layers import Layer, find_layers
from gatedsym.conventions.weight_file import WeightFile, open_weights
from gatedsym.errors import ArgumentError
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell


def import_parameters(
    cell: str | Cell,
    arrays: Mapping[str, Any] | str | Path,
    framework: str | None = None,
    layer: str | None = None,
) -> dict[str, Array]:
    """A cell's parameters from a framework's arrays, or from a file of weights.

    Parameters
    ----------
    cell : str or Cell
        A cell of the library, whose name counts; of a cell of one's own the arrays have its own names.
    arrays : mapping of str to array, or path
        By the framework's names, with the names of modules before them (``encoder.rnn.``) or not, and with whatever
        else a model has beside them. Anything that NumPy takes for an array. A path is that of a file that
        `open_weights` reads.
    framework : str, optional
        A key of the table, such as ``pytorch``; by default the names say, and the cell's own are taken as well.
    layer : str, optional
        Which layer, where there are several: ``encoder.rnn:1:reverse`` is layer 1 of the module ``encoder.rnn``,
        backwards; the module or the place in it alone (``encoder.rnn``, ``1``) where that is enough.

    Returns
    -------
    dict of str to array
        New arrays; two biases that are added to the same gate come as their sum. Those of a file are float32, or
        float64 where the file has it.

    Raises
    ------
    ArgumentError
        If the framework has no layout for the cell, or `arrays` are not those of the layout.
    DataError
        If a file cannot be read, fits the cell in no way, or in several.

    Examples
    --------
    >>> import numpy as np
    >>> import gatedsym as gs
    >>> params = gs.cell("lstm").init(m=3, n=4)
    >>> arrays = gs.conventions.export_parameters("lstm", params, "pytorch", layer="encoder:1")
    >>> arrays["readout.weight"] = np.zeros((2, 4))
    >>> found = gs.conventions.import_parameters("lstm", arrays, "pytorch")
    >>> all(np.array_equal(found[k], params[k]) for k in params)
    True
    """
    from gatedsym import cells

    found = cell if isinstance(cell, cells.Cell) else cells.cell(cell)
    if isinstance(arrays, str | os.PathLike):
        file = open_weights(arrays)
        return _chosen(found, _AsStored(file), framework, layer, str(file.path))
    if not isinstance(arrays, Mapping):
        raise ArgumentError(
            f"arrays must be a mapping from names to arrays, or the path of a file, not {type(arrays).__name__}."
        )
    if framework is None:
        return _chosen(found, _Held(arrays), None, layer, "arrays")
    amiss = why_not_named(found, arrays, framework)  # refuses a framework that has no such cell
    if not amiss and layer is None:
        return import_arrays(found, arrays, framework)
    layers = find_layers(arrays, framework)
    if not any(not why_not_named(found, one.names, framework) for one in layers):
        raise ArgumentError(amiss)
    if layer is None:
        _require_one_in_a_module(layers, amiss)
    return _chosen(found, _Held(arrays), framework, layer, "arrays")


def _require_one_in_a_module(layers: Sequence[Layer], amiss: str) -> None:
    """Refuse arrays of several layers, whole or not, where names count them: one of them alone is not the module."""
    for one in layers:
        places = [other.label for other in layers if other.module == one.module and one.framework.layer]
        if len(places) > 1:
            raise ArgumentError(
                f"{amiss.rstrip('.')}. There are several: {', '.join(places)}; say which, with layer={places[0]!r}."
            )


def _chosen(cell: Cell, weights: Weights, framework: str | None, layer: str | None, what: str) -> dict[str, Array]:
    fits, reason = find_fits(cell, weights, framework)
    if not fits:
        raise ArgumentError(
            f"{what} holds {some_names(weights.arrays)}, which does not fit {cell.name}: {reason.rstrip('.')}."
        )
    return dict(choose_fit(what, fits, layer, "layer='{}'", "framework=").params)


@dataclass(frozen=True)
class _Held:
    """Arrays that somebody holds, in their own dtype."""

    arrays: Mapping[str, Any]

    def find_layers(self, framework: str | None) -> Sequence[Layer]:
        return find_layers(self.arrays, framework)

    def take(self, names: Iterable[str]) -> dict[str, Array]:
        return plain_floats("arrays", self.arrays, list(names))


@dataclass(frozen=True)
class _AsStored:
    """Arrays of a file, not widened."""

    file: WeightFile

    @property
    def arrays(self) -> Mapping[str, Any]:
        return self.file.arrays

    def find_layers(self, framework: str | None) -> Sequence[Layer]:
        return self.file.find_layers(framework)

    def take(self, names: Iterable[str]) -> dict[str, Array]:
        return self.file.take(names, widened=False)


__all__ = ["import_parameters"]
