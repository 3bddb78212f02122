"""Torch's own recurrent modules → the cell of the library that their layers are, and its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from gatedsym.conventions import find_layout, import_parameters
from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.torch.layer import Layer
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
        bend = " with relu" if self.name == "rnn_relu" else ""  # torch does not print it
        return f"torch's {printed(self.module)}{bend}"

    @property
    def kind(self) -> str:
        """The name of torch's own class that it is of: ``LSTM``."""
        return next(kind.__name__ for kind in (*LAYERS, *CELLS) if isinstance(self.module, kind))

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
        plain, library_name(plain), int(getattr(plain, "num_layers", 1)),
        2 if getattr(plain, "bidirectional", False) else 1, bool(getattr(plain, "batch_first", False)),
        float(getattr(plain, "dropout", 0.0)),
    )  # fmt: skip


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


def _unwrapped(module: Any) -> Any:
    """The module inside of one that torch.compile made."""
    return getattr(module, "_orig_mod", module)


def library_name(module: nn.Module) -> str:
    """The library's cell that a recurrent module of torch computes with."""
    if isinstance(module, nn.LSTM | nn.LSTMCell):
        return "lstmp" if getattr(module, "proj_size", 0) else "lstm"
    if isinstance(module, nn.GRU | nn.GRUCell):
        return "gru_torch"
    return "rnn_relu" if module.nonlinearity == "relu" else "rnn"


def _why_none(module: Any) -> str:
    """The reason why something is no recurrent module, and what in it is one."""
    if not isinstance(module, nn.Module):
        return f"cells has {shown(module)}, a {type(module).__name__} of torch: give {_NAMES}."
    inside = [(n, m) for n, m in module.named_modules() if n and isinstance(m, (*LAYERS, *CELLS, Layer))]
    kind = type(module).__name__
    if not inside:
        return f"{kind} is no recurrent module that this knows, and has none in it: give {_NAMES}."
    listed = ", ".join(f"{name} ({printed(m)})" for name, m in inside[:6])
    return f"{kind} is a whole model; its recurrent modules are {listed}: give one of them, model.{inside[0][0]}."


__all__ = ["CELLS", "LAYERS", "Recurrent", "kind_of", "library_name", "numbers", "read_recurrent"]
