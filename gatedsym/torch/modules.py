"""Torch's own recurrent modules → the cells of the library that they are, with their weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import nn

from gatedsym.cells import Cell, cell
from gatedsym.composition.stack import stack
from gatedsym.conventions import find_layout, import_parameters
from gatedsym.errors import ArgumentError
from gatedsym.expect import is_whole, shown
from gatedsym.flow.given import GivenCell
from gatedsym.typing import Array

LAYERS = (nn.LSTM, nn.GRU, nn.RNN)
CELLS = (nn.LSTMCell, nn.GRUCell, nn.RNNCell)
_NAMES = "nn.LSTM, nn.GRU, nn.RNN, one of their cells, or a gatedsym.torch.Layer"


@dataclass(frozen=True)
class Recurrent:
    """A recurrent module of torch in our terms.

    Attributes
    ----------
    module : nn.Module
    name : str
        Of the library's cell that each of its layers is.
    layers, directions : int
    batch_first : bool
    dropout : float
        Between layers, in training.
    """

    module: nn.Module
    name: str
    layers: int
    directions: int
    batch_first: bool
    dropout: float

    @property
    def words(self) -> str:
        """The module in words, as torch prints it."""
        return f"torch's {printed(self.module)}"

    @property
    def has_bias(self) -> bool:
        """Whether it has biases."""
        return bool(self.module.bias)

    def arrays(self, layer: int = 0, reverse: bool = False) -> dict[str, torch.Tensor]:
        """The tensors of a layer and direction, by the names that the table of layouts has for them."""
        names = [array.name for array in find_layout(self.name, "pytorch").arrays]
        place = f"_l{layer}{'_reverse' if reverse else ''}" if isinstance(self.module, LAYERS) else ""
        own = {name: getattr(self.module, name.removesuffix("_l0") + place, None) for name in names}
        return {name: tensor for name, tensor in own.items() if isinstance(tensor, torch.Tensor)}

    def parameters(self, layer: int = 0, reverse: bool = False) -> dict[str, Array]:
        """The parameters of the library's cell, of a layer and direction."""
        arrays = {name: numbers(tensor) for name, tensor in self.arrays(layer, reverse).items()}
        return import_parameters(self.name, arrays, "pytorch")


def read_recurrent(module: Any) -> Recurrent:
    """A recurrent module of torch, with all that it says of itself.

    Raises
    ------
    ArgumentError
        If it is none, or computes something of its own.
    """
    plain = _unwrapped(module)
    kind = next((k for k in (*LAYERS, *CELLS) if isinstance(plain, k)), None)
    if kind is None:
        raise ArgumentError(_why_none(module))
    if type(plain).forward is not kind.forward:
        raise ArgumentError(
            f"{type(plain).__name__} extends {kind.__name__} and has a forward of its own, which may compute anything: "
            f"give the {kind.__name__} itself, or type its equations, gs.Cell(…)."
        )
    return Recurrent(
        plain, _library_name(plain), int(getattr(plain, "num_layers", 1)),
        2 if getattr(plain, "bidirectional", False) else 1, bool(getattr(plain, "batch_first", False)),
        float(getattr(plain, "dropout", 0.0)),
    )  # fmt: skip


def cell_of(module: Any, *, layer: int | None = None, reverse: bool = False) -> GivenCell:
    """Take a recurrent module of torch, or one layer of it, as a cell that starts from the module's weights.

    Parameters
    ----------
    module : nn.Module
        nn.LSTM (with proj_size, too), nn.GRU, nn.RNN (tanh or relu) or one of their cells. The weights are copied.
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
    >>> from torch import nn
    >>> cell_of(nn.LSTM(3, 4, num_layers=2)).states
    ('h_1', 'c_1', 'h_2', 'c_2')
    >>> cell_of(nn.GRU(3, 4, bidirectional=True), layer=0, reverse=True).init()["W_z"].shape
    (4, 3)
    """
    found = read_recurrent(module)
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
    words = found.words + (", without its dropout" if found.dropout and layer is None else "")
    if layer is None:
        of, params = stacked(found.name, found.layers), _stacked_parameters(found)
    else:
        of, params = cell(found.name), found.parameters(layer, reverse)
        place = f"layer {layer}{', backwards,' if reverse else ''}"
        words = f"{place} of {words}" if found.layers * found.directions > 1 else words
    return GivenCell(
        of, params, f"nn_{type_name(found).lower()}", given_by=words, batch_first=found.batch_first, framework="torch",
        kind=kind_of(found.module),
    )  # fmt: skip


@cache
def stacked(name: str, layers: int) -> Cell:
    """A cell of the library, or so many of them one above the other; the same object each time, with its kernels."""
    return cell(name) if layers == 1 else stack([name] * layers)


def type_name(found: Recurrent) -> str:
    """The name of torch's own class that a module is of."""
    return str(next(k.__name__ for k in (*LAYERS, *CELLS) if isinstance(found.module, k)))


def kind_of(module: nn.Module) -> tuple[str, str]:
    """The type and the device of a module's parameters, ``("float32", "cpu")``; float64 where it has none."""
    first = next(module.parameters(), None)
    return ("float64", "cpu") if first is None else (str(first.dtype).removeprefix("torch."), str(first.device))


def numbers(tensor: torch.Tensor) -> Array:
    """The numbers of a tensor, detached, on the CPU; those of half precision in float32, which holds them exactly.

    Raises
    ------
    ArgumentError
        If it has no numbers that NumPy can hold.
    """
    if tensor.is_meta or tensor.is_nested or tensor.layout is not torch.strided or tensor.is_quantized:
        raise ArgumentError(
            f"a tensor of {tensor.dtype} on {tensor.device} ({tensor.layout}) has no plain numbers to read: give an "
            "ordinary one."
        )
    plain = tensor.detach().to("cpu")
    found: Array = (plain.float() if plain.dtype in (torch.float16, torch.bfloat16) else plain).numpy()
    return found


def printed(module: nn.Module) -> str:
    """A module as torch prints it, on one line."""
    return " ".join(repr(module).split())


def _stacked_parameters(found: Recurrent) -> Mapping[str, Array]:
    """The parameters of all layers, under the names that they have in a stack."""
    if found.layers == 1:
        return found.parameters()
    return {f"{name}_{k + 1}": value for k in range(found.layers) for name, value in found.parameters(k).items()}


def _unwrapped(module: Any) -> Any:
    """The module inside of one that torch.compile made."""
    return getattr(module, "_orig_mod", module)


def _library_name(module: nn.Module) -> str:
    if isinstance(module, nn.LSTM | nn.LSTMCell):
        return "lstmp" if getattr(module, "proj_size", 0) else "lstm"
    if isinstance(module, nn.GRU | nn.GRUCell):
        return "gru_torch"
    return "rnn_relu" if module.nonlinearity == "relu" else "rnn"


def _why_none(module: Any) -> str:
    """The reason why something is no recurrent module, and what in it is one."""
    if not isinstance(module, nn.Module):
        return f"cells has {shown(module)}, a {type(module).__name__} of torch: give {_NAMES}."
    inside = [(n, m) for n, m in module.named_modules() if n and isinstance(m, (*LAYERS, *CELLS))]
    kind = type(module).__name__
    if not inside:
        return f"{kind} is no recurrent module that this knows, and has none in it: give {_NAMES}."
    listed = ", ".join(f"{name} ({printed(m)})" for name, m in inside[:6])
    return f"{kind} is a whole model; its recurrent modules are {listed}: give one of them, model.{inside[0][0]}."


__all__ = ["CELLS", "LAYERS", "Recurrent", "cell_of", "numbers", "read_recurrent", "stacked"]
