"""A recurrent module of torch, or a Layer → the cell that it is, starting from the module's weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from torch import nn

from gatedsym.cells import Cell, cell
from gatedsym.composition.stack import stack
from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_flag, is_whole, shown
from gatedsym.flow.given import GivenCell
from gatedsym.torch.layer import Layer
from gatedsym.torch.modules import kind_of, printed, read_recurrent
from gatedsym.typing import Array


@dataclass(frozen=True)
class _Layers:
    """Layers of one cell, in one direction or two.

    Attributes
    ----------
    module : nn.Module
    name : str
        Of the cell that analyses show.
    words : str
        The module in words, for captions.
    layers, directions : int
    batch_first : bool
    dropout : float
    whole : callable
        The cell that so many layers are, one above the other.
    parameters : callable
        Those of a layer, from 0, and a direction.
    sizes : callable, optional
        Of all dimensions of a layer, from 0, where the shapes of its parameters need not show them.
    gives : str
        The state or output that each layer reads out; "" of torch's own, which give h.
    """

    module: nn.Module
    name: str
    words: str
    layers: int
    directions: int
    batch_first: bool
    dropout: float
    whole: Callable[[int], Cell]
    parameters: Callable[[int, bool], Mapping[str, Array]]
    sizes: Callable[[int], Mapping[str, int]] = lambda layer: {}
    gives: str = ""


def cell_of(module: Any, *, layer: int | None = None, reverse: bool = False) -> GivenCell:
    """Take a recurrent module of torch, or one layer of it, as a cell that starts from the module's weights.

    Parameters
    ----------
    module : nn.Module
        nn.LSTM (with proj_size, too), nn.GRU, nn.RNN (tanh or relu), one of their cells, or a Layer. The weights are
        copied.
    layer : int, optional
        Which layer, from 0; by default all of them, one above the other, without dropout between them.
    reverse : bool
        The direction that reads a sequence from its end. As a cell it reads what it is given from the first step on:
        give it the sequence reversed.

    Returns
    -------
    GivenCell
        For every analysis and for `Cell.forward`.

    Raises
    ------
    ArgumentError
        If the module is no such module, has no such layer, or reads in both directions and none is chosen.

    Examples
    --------
    >>> import gatedsym.torch as gt
    >>> from torch import nn
    >>> gt.cell_of(nn.LSTM(3, 4, num_layers=2)).states
    ('h_1', 'c_1', 'h_2', 'c_2')
    >>> gt.cell_of(nn.GRU(3, 4, bidirectional=True), layer=0, reverse=True).init()["W_z"].shape
    (4, 3)
    """
    found = _of_layer(module) if isinstance(module, Layer) else _of_torch(module)
    _check(found, layer, expect_flag("reverse", reverse))
    words, stacked = found.words, layer is None and found.layers > 1
    if layer is None:
        of, params = found.whole(found.layers), _of_all_layers(found)
        words += ", without its dropout" if found.dropout and stacked else ""
    else:
        of, params = found.whole(1), found.parameters(layer, reverse)
        if found.layers * found.directions > 1:
            words = f"layer {layer}{', backwards,' if reverse else ''} of {words}"
    return GivenCell(
        of, params, found.name, given_by=words, batch_first=found.batch_first, framework="torch",
        kind=kind_of(found.module), sizes={} if stacked else found.sizes(layer or 0),
        gives=f"{found.gives}_{found.layers}" if stacked and found.gives else found.gives,
    )  # fmt: skip


def _of_torch(module: Any) -> _Layers:
    """A module of torch's own."""
    found = read_recurrent(module)
    return _Layers(
        found.module, f"nn_{found.kind.lower()}", found.words, found.layers, found.directions, found.batch_first,
        found.dropout, lambda layers: _library_stack(found.name, layers), found.parameters,
    )  # fmt: skip


def _of_layer(layer: Layer) -> _Layers:
    """A Layer; its cell may be of any text."""
    if type(layer).forward is not Layer.forward:
        raise ArgumentError(
            f"{type(layer).__name__} extends Layer and has a forward of its own, which may compute anything: give the "
            "Layer itself."
        )

    def whole(layers: int) -> Cell:
        return layer.cell if layers == 1 else stack([layer.cell] * layers, readout=layer.output)

    def sizes(number: int) -> Mapping[str, int]:
        return {d: size for d, size in layer.place(number).form.sizes.items() if not d.isdigit()}

    return _Layers(
        layer, f"{layer.cell.name}_layer", f"the {printed(layer)}", layer.layers, 1 + layer.bidirectional,
        layer.batch_first, layer.dropout, whole, layer.cell_parameters, sizes, layer.output,
    )  # fmt: skip


@cache
def _library_stack(name: str, layers: int) -> Cell:
    """A cell of the library, or so many of them one above the other; the same object each time, with its kernels."""
    return cell(name) if layers == 1 else stack([name] * layers)


def _check(found: _Layers, layer: int | None, reverse: bool) -> None:
    """Refuse what a module does not have, and two directions at once."""
    if layer is None and found.directions == 2:
        raise ArgumentError(
            f"{found.words} reads sequences in both directions, and an analysis follows one: give "
            "gatedsym.torch.cell_of(module, layer=0), and for the other direction cell_of(module, layer=0, "
            "reverse=True) with x reversed."
        )
    if layer is not None and not (is_whole(layer) and 0 <= layer < found.layers):
        raise ArgumentError(f"layer={shown(layer)}: {found.words} has layers 0 to {found.layers - 1}.")
    if reverse and found.directions == 1:
        raise ArgumentError(f"reverse=True: {found.words} reads in one direction; leave it out.")


def _of_all_layers(found: _Layers) -> Mapping[str, Array]:
    """The parameters of all layers, under the names that they have in a stack."""
    if found.layers == 1:
        return found.parameters(0, False)
    return {f"{name}_{k + 1}": value for k in range(found.layers) for name, value in found.parameters(k, False).items()}


__all__ = ["cell_of"]
