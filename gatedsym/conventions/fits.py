"""Arrays that a person has, of a whole model perhaps → those of them that are the parameters of a cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from gatedsym.conventions.convert import import_arrays, why_not_named
from gatedsym.conventions.layers import Layer, strange_names
from gatedsym.conventions.table import layouts
from gatedsym.errors import ArgumentError, DataError
from gatedsym.files.read import printable
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell


class Weights(Protocol):
    """Arrays by name, each read when it is asked for: a file, or a mapping that somebody holds."""

    @property
    def arrays(self) -> Mapping[str, Any]:
        """The names; what stands under them is not looked at."""

    def find_layers(self, framework: str | None) -> Sequence[Layer]:
        """The recurrent layers that they may be; of one framework alone, if it is named."""

    def take(self, names: Iterable[str]) -> Mapping[str, Array]:
        """Some of them."""


@dataclass(frozen=True)
class Fit:
    """Arrays that are the parameters of a cell.

    Attributes
    ----------
    cell : str
    layer : Layer, optional
        Where a layout names them; None where their names are the cell's own.
    label : str
        What a person calls the layer.
    params : mapping of str to array
    taken : tuple of str
        Their names among the arrays.
    """

    cell: str
    layer: Layer | None
    label: str
    params: Mapping[str, Array]
    taken: tuple[str, ...]


def find_fits(cell: Cell, weights: Weights, framework: str | None = None) -> tuple[list[Fit], str]:
    """The arrays that are parameters of a cell; if none are, why.

    Raises
    ------
    DataError
        If an array that is needed is damaged, or holds something else than finite real numbers.
    """
    amiss: list[str] = []
    own = _under_own_names(cell, weights, amiss) if framework is None else []
    if own or amiss:
        return own, "; ".join(amiss)
    found: list[Fit] = []
    lacking: list[tuple[int, str]] = []  # how many names are there, and what is amiss with them
    layers = weights.find_layers(framework)
    for layer in layers:
        if not _names(cell, layer):
            lacking += [(2, f"{layer.label} is {_is(layer)}")] if layer.theirs else []
            continue
        if reason := _why_not(cell, layer, layers, weights.arrays):
            lacking.append((len(layer.names) or 2, f"{layer.label}: {reason.rstrip('.')}"))
            continue
        try:
            arrays = weights.take(layer.names.values())
            params = import_arrays(cell, {of: arrays[n] for of, n in layer.names.items()}, layer.framework.key)
        except DataError:
            raise
        except ArgumentError as error:
            amiss.append(f"{layer.label}: {str(error).rstrip('.')}")
        else:
            found.append(Fit(cell.name, layer, layer.label, params, tuple(layer.names.values())))
    if not found and framework not in (
        None,
        *(layout.framework.key for layout in layouts() if layout.cell == cell.name),
    ):
        return [], f"the tables have no layout of {framework}"
    nearly = max(lacking, default=(0, ""), key=lambda pair: pair[0])
    if amiss or (nearly[0] > 1 and not set(cell.parameters) & set(weights.arrays)):
        return found, printable("; ".join(amiss) or nearly[1])
    return found, printable(_odd_names(cell, weights.arrays))


def choose_fit(what: object, fits: Sequence[Fit], layer: str | None, say: str, say_framework: str) -> Fit:
    """The fit that is meant; where names leave it open, the person is asked.

    Parameters
    ----------
    what : path or str
        Whose fits they are.
    fits : sequence of Fit
        At least one.
    layer : str, optional
        What the person calls the layer.
    say, say_framework : str
        How a person says which layer it is, with ``{}`` for it, and which framework.

    Raises
    ------
    DataError
        If it stays open, or no fit is called `layer`.
    """
    chosen = list(fits)
    if layer is not None:
        chosen = [f for f in fits if f.label == layer] or [f for f in fits if f.layer and f.layer.is_called(layer)]
        if not chosen:
            raise DataError(f"{what} has no layer {layer} that fits: choose from {_layers(fits)}.")
    if len({f.label for f in chosen}) > 1:
        said = printable(say.format(chosen[0].label))
        raise DataError(
            f"{what} holds several layers that fit, and one is measured: {_layers(chosen)}. Say which, with {said}."
        )
    if len(names := sorted({f.cell for f in chosen})) > 1:
        raise DataError(f"{what} fits {' and '.join(names)}: name one of them alone.")
    first = chosen[0]
    if all(np.array_equal(first.params[k], other.params[k]) for other in chosen for k in first.params):
        return first
    frameworks = dict.fromkeys(f.layer.framework.key for f in chosen if f.layer)
    raise DataError(f"the weights could be those of {' or '.join(frameworks)}: say which, with {say_framework}.")


def some_names(names: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    listed = [printable(name) for name in names]
    return ", ".join(listed[:6]) + (f" and {len(listed) - 6} more" if len(listed) > 6 else "")


def _names(cell: Cell, layer: Layer) -> bool:
    """Whether a layer's framework has the cell, and as what the file says that the layer is."""
    return any(
        layout.cell == cell.name
        and layout.framework == layer.framework
        and layout.theirs in (layer.theirs or (layout.theirs,))
        for layout in layouts()
    )


def _is(layer: Layer) -> str:
    """Words for what a file says that a layer is, and for which of our cells that is."""
    cells = [x.cell for x in layouts() if x.framework == layer.framework and x.theirs == layer.theirs[0]]
    mend = "name one of them" if len(cells) > 1 else "name that cell"
    return f"{layer.theirs[0]} of {layer.framework.title}, which is {' or '.join(cells)}: {mend}"


def _why_not(cell: Cell, layer: Layer, layers: Sequence[Layer], names: Iterable[str]) -> str:
    """Reason why a layer's arrays cannot be a cell's, before any is read; "" if they can."""
    if layer.amiss:
        return layer.amiss
    if reason := why_not_named(cell, layer.names, layer.framework.key):
        return reason
    strange = [] if layer.theirs else strange_names(layer, layers, names)
    title = layer.framework.title
    return f"{', '.join(strange)} stands beside its arrays, and no layout of {title} has it" if strange else ""


def _under_own_names(cell: Cell, weights: Weights, amiss: list[str]) -> list[Fit]:
    """The arrays under the cell's own names, in a module or not; with nothing else in the same module."""
    modules = {name.removesuffix(p) for name in weights.arrays for p in cell.parameters if name.endswith(p)}
    found = []
    for module in sorted(m for m in modules if not m or m[-1] in "./:"):
        inside = [name for name in weights.arrays if name.startswith(module)]
        if sorted(inside) != sorted(module + p for p in cell.parameters):
            continue
        arrays = weights.take(inside)
        own = {p: arrays[module + p] for p in cell.parameters}
        try:
            sizes_of(cell, own)
        except ArgumentError as error:
            amiss.append(str(error))
        else:
            found.append(Fit(cell.name, None, module.rstrip("./:") or ".", own, tuple(inside)))
    return found


def sizes_of(cell: Cell, params: Mapping[str, Array], known: Mapping[str, int] | None = None) -> dict[str, int]:
    """The sizes of all dimensions, from the shapes of parameters and those that are known without them.

    Raises
    ------
    ArgumentError
        If a shape does not fit.
    """
    from gatedsym.execution.layouts import axes_shape
    from gatedsym.execution.sizes import size_in_sums

    seen: dict[str, int] = dict(known or {})
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


def _layers(fits: Sequence[Fit]) -> str:
    """Labels, each with what it fits and its shapes."""
    words = {}
    for fit in fits:
        matrix = max(fit.params.values(), key=np.ndim)
        words[fit.label] = f"{printable(fit.label)} ({fit.cell}, matrices {' x '.join(map(str, matrix.shape))})"
    return ", ".join(words.values())


def _odd_names(cell: Cell, names: Iterable[str]) -> str:
    """The names that are missing, and those that are too many, to be a cell's parameters."""
    known = list(names)
    lacks = [k for k in cell.parameters if k not in known]
    strange = [k for k in known if k not in cell.parameters]
    if len(lacks) == len(cell.parameters):
        return f"its parameters are {', '.join(cell.parameters)}"
    return " and ".join(
        part
        for part, these in ((f"{', '.join(lacks)} is missing", lacks), (f"it has no {', '.join(strange)}", strange))
        if these
    )


__all__ = ["Fit", "Weights", "choose_fit", "find_fits", "sizes_of", "some_names"]
