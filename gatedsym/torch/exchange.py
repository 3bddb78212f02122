"""Torch's own recurrent modules ↔ Layers that compute the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from gatedsym.cells import cell
from gatedsym.conventions import export_parameters, find_layout
from gatedsym.conventions.table import Layout
from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_flag, shown
from gatedsym.torch.layer import Layer, Place
from gatedsym.torch.modules import CELLS, Recurrent, read_recurrent
from gatedsym.torch.reading import check_parameters

_FAMILIES = {"rnn": nn.RNN, "rnn_relu": nn.RNN, "lstm": nn.LSTM, "lstmp": nn.LSTM}
"""Torch's layer by our cell; all others of the table are nn.GRU."""


def from_torch(module: nn.Module) -> Layer:
    """Make a Layer that computes what a recurrent module of torch computes.

    Parameters
    ----------
    module : nn.Module
        nn.LSTM (with proj_size, too), nn.GRU, nn.RNN (tanh or relu), or one of their cells, which become a layer that
        reads sequences. Layers, directions, dropout and batch_first are the module's; weights are copied.

    Returns
    -------
    Layer
        Its two biases of a gate are one, their sum. Parameters that the module lacks (``bias=False``) or does not train
        are not trained: they do not require gradients.

    Raises
    ------
    ArgumentError
        If it is no such module, has a forward of its own, or computes in half precision or on another device.

    Examples
    --------
    >>> import torch
    >>> import gatedsym.torch as gt
    >>> module = torch.nn.GRU(3, 4)
    >>> y, states = gt.from_torch(module)(torch.ones(5, 2, 3))
    >>> torch.allclose(y, module(torch.ones(5, 2, 3))[0], atol=1e-6)
    True
    """
    found = read_recurrent(module)
    for name, tensor in found.module.named_parameters():
        check_parameters(name, tensor)
    plain: Any = found.module
    further = {"r": plain.proj_size} if found.name == "lstmp" else {}
    layer = Layer(
        found.name, plain.input_size, plain.hidden_size, found.layers, found.directions == 2, found.dropout,
        found.batch_first, next(plain.parameters()).dtype, seed=0, **further,
    )  # fmt: skip
    for place in layer.places:
        layer.copy_parameters(found.parameters(place.layer, place.reverse), place.layer, place.reverse)
        _keep_trained(layer, place, found)
    return layer.train(plain.training)


def to_torch(layer: Layer, *, as_cell: bool = False) -> nn.Module:
    """Make the recurrent module of torch that computes what a Layer computes.

    Parameters
    ----------
    layer : Layer
        Of a cell that torch has: rnn, rnn_relu, lstm, lstmp (a projection), gru_torch and those that differ from it by
        a sign.
    as_cell : bool
        nn.LSTMCell and the like, of one layer and direction, in place of nn.LSTM.

    Returns
    -------
    nn.Module
        Our bias stands in the first of its two, and the second is zero (the candidate of a GRU has both). Where all
        biases are zero and not trained it has none.

    Raises
    ------
    ArgumentError
        If torch has no such cell, or no cell of so many layers.

    Examples
    --------
    >>> import gatedsym.torch as gt
    >>> gt.to_torch(gt.Layer("lstm", m=3, n=4, layers=2))
    LSTM(3, 4, num_layers=2)
    """
    if not isinstance(layer, Layer):
        raise ArgumentError(f"layer is {shown(layer)}: give a gatedsym.torch.Layer.")
    layout = _layout_of(layer)
    biased = not _without_bias(layer, layout)
    made = _cell(layer, layout, biased) if expect_flag("as_cell", as_cell) else _layers(layer, layout, biased)
    found = read_recurrent(made)
    for place in layer.places:
        params = layer.cell_parameters(place.layer, place.reverse)
        arrays = export_parameters(layer.cell, params, "pytorch")
        trained = _trained(layer, place)
        for array in layout.arrays:
            if (target := found.arrays(place.layer, place.reverse).get(array.name)) is not None:
                with torch.no_grad():
                    target.copy_(torch.from_numpy(arrays[array.name]))
                target.requires_grad_(any(trained[block.parameter] for block in array.blocks))
    return made.train(layer.training)


def _keep_trained(layer: Layer, place: Place, found: Recurrent) -> None:
    """Let those parameters be trained that the module trains, a family as a whole."""
    tensors = found.arrays(place.layer, place.reverse)
    trained = {
        block.parameter
        for array in find_layout(found.name, "pytorch").arrays
        for block in array.blocks
        if array.name in tensors and tensors[array.name].requires_grad
    }
    for family, tensor in zip(place.form.families, layer.tensors(place), strict=True):
        tensor.requires_grad_(bool(trained & set(family.members)))


def _trained(layer: Layer, place: Place) -> Mapping[str, bool]:
    """Whether each parameter of a place is trained."""
    pairs = zip(place.form.families, layer.tensors(place), strict=True)
    return {name: tensor.requires_grad for family, tensor in pairs for name in family.members}


def _layout_of(layer: Layer) -> Layout:
    """Torch's layout of a layer's cell, whose equations must be the library's."""
    name = layer.cell.name
    layout = find_layout(name, "pytorch")
    if layer.cell.source != cell(name).source or layer.cell.constants:
        raise ArgumentError(
            f"the layer's cell is called {name} and has equations of its own, which torch does not have: give a layer "
            f"of the library's, Layer({name!r}, …)."
        )
    return layout


def _without_bias(layer: Layer, layout: Layout) -> bool:
    """Whether all that the module would hold in biases is zero and not trained."""
    names = {b.parameter for array in layout.arrays if array.name in layout.absent for b in array.blocks}
    return all(
        not trained and not layer.cell_parameters(place.layer, place.reverse)[name].any()
        for place in layer.places
        for name, trained in _trained(layer, place).items()
        if name in names
    )


def _layers(layer: Layer, layout: Layout, biased: bool) -> nn.Module:
    """An nn.LSTM, nn.GRU or nn.RNN of a layer's sizes."""
    sizes = layer.places[0].form.sizes
    further: dict[str, Any] = {"proj_size": sizes["r"]} if layout.cell == "lstmp" else {}
    if _kind(layout) is nn.RNN:
        further = {"nonlinearity": "relu" if layout.cell == "rnn_relu" else "tanh"}
    made: nn.Module = _kind(layout)(
        sizes["m"], sizes["n"], num_layers=layer.layers, bias=biased, batch_first=layer.batch_first,
        dropout=layer.dropout, bidirectional=layer.bidirectional, dtype=_dtype(layer), **further,
    )  # fmt: skip
    return made


def _cell(layer: Layer, layout: Layout, biased: bool) -> nn.Module:
    """An nn.LSTMCell, nn.GRUCell or nn.RNNCell of a layer's sizes."""
    if len(layer.places) > 1 or layout.cell == "lstmp":
        what = "projection" if layout.cell == "lstmp" else "second layer or direction"
        raise ArgumentError(f"a cell of torch has no {what}: leave as_cell out.")
    sizes, kind = layer.places[0].form.sizes, _kind(layout)
    further: dict[str, Any] = {}
    if kind is nn.RNN:
        further = {"nonlinearity": "relu" if layout.cell == "rnn_relu" else "tanh"}
    of = next(c for c in CELLS if c.__name__ == f"{kind.__name__}Cell")
    made: nn.Module = of(sizes["m"], sizes["n"], bias=biased, dtype=_dtype(layer), **further)
    return made


def _kind(layout: Layout) -> type[nn.Module]:
    return _FAMILIES.get(layout.cell, nn.GRU)


def _dtype(layer: Layer) -> torch.dtype:
    return next(layer.parameters()).dtype


__all__ = ["from_torch", "to_torch"]
