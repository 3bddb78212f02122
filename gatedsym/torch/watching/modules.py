"""A recurrent module → the cell that it computes with, and copies of that cell's parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch

from gatedsym.cells import Cell, cell
from gatedsym.conventions import find_layout, import_parameters
from gatedsym.errors import ArgumentError
from gatedsym.torch.layer import Layer
from gatedsym.torch.modules import CELLS, LAYERS, library_name
from gatedsym.typing import Array

KINDS = "nn.LSTM, nn.GRU, nn.RNN, one of their cells, or gatedsym.torch.Layer"
DIRECTIONS = ("forward", "reverse")
_OF_ONE_STEP = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


@dataclass(frozen=True)
class Weights:
    """A copy of a module's weights, as they were at a call.

    Attributes
    ----------
    versions : tuple
        Of each tensor its identity and how often it had been changed.
    arrays : dict of str to array
        By the module's names.
    """

    versions: tuple[tuple[int, int], ...]
    arrays: Mapping[str, Array]


@dataclass(frozen=True)
class WatchedModule:
    """A recurrent module in our terms.

    Attributes
    ----------
    module : Module
    cell : Cell
    layers, directions : int
    dropout : float
        Between layers, in training.
    states : tuple of str
        In the order in which the module hands them out.
    readout : str
        The state or output that the module reads out at each step.
    """

    module: Any
    cell: Cell
    layers: int
    directions: int
    dropout: float
    states: tuple[str, ...]
    readout: str

    @property
    def takes_steps(self) -> bool:
        """Whether a call is one step: nn.LSTMCell, nn.GRUCell, nn.RNNCell."""
        return isinstance(self.module, CELLS)

    @property
    def is_torchs(self) -> bool:
        """Whether it is torch's own, with torch's layout of weights."""
        return isinstance(self.module, (*LAYERS, *CELLS))

    @property
    def precision(self) -> Any:
        """The type of numbers that are computed with: float64 of a module that has it, else float32."""
        first = next(self.module.parameters(), None)
        return torch.float64 if first is not None and first.dtype == torch.float64 else torch.float32

    @property
    def weight_names(self) -> list[str]:
        """The module's names of its weights."""
        if isinstance(self.module, LAYERS):
            return [name for group in self.module._all_weights for name in group]
        if self.takes_steps:
            return [name for name in _OF_ONE_STEP if getattr(self.module, name, None) is not None]
        return [name for name, _ in self.module.named_parameters()]

    def copy_weights(self, before: Weights | None = None) -> Weights:
        """The weights as they are now; the copy that was made before, if nothing has changed."""
        tensors = {name: getattr(self.module, name) for name in self.weight_names}
        versions = tuple((id(t), t._version) for t in tensors.values())
        if before is not None and before.versions == versions:
            return before
        if self.is_torchs:
            return Weights(versions, {name: as_array(t, self.precision) for name, t in tensors.items()})
        arrays = {
            _placed(name, layer, reverse): np.array(array)
            for layer in range(self.layers)
            for reverse in (False, True)[: self.directions]
            for name, array in self.module.cell_parameters(layer, reverse).items()
        }
        return Weights(versions, arrays)

    def parameters(self, weights: Weights, layer: int = 0, reverse: bool = False) -> dict[str, Array]:
        """The cell's parameters for a layer and direction."""
        if self.takes_steps:
            return import_parameters(self.cell, {f"{n}_l0": array for n, array in weights.arrays.items()}, "pytorch")
        suffix = _placed("", layer, reverse)
        own = {n.removesuffix(suffix): array for n, array in weights.arrays.items() if n.endswith(suffix)}
        if self.is_torchs:
            return import_parameters(self.cell, {f"{n}_l0": array for n, array in own.items()}, "pytorch")
        return own

    def weight_gradients(self, steps: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
        """Gradients of parameters, (T, …) each → those of the module's weights, by its names without a place.

        Two biases of torch that are added have the same gradient.
        """
        if not self.is_torchs:
            yield from steps.items()
            return
        for array in find_layout(self.cell.name, "pytorch").arrays:
            (blocks,) = array.columns
            found = [steps[b.parameter] * (0 if b.share == "ignored" else b.sign) for b in blocks]
            if any(name.startswith(array.name.removesuffix("_l0")) for name in self.weight_names):
                yield array.name.removesuffix("_l0"), np.concatenate(found, axis=1)


def read_watched(module: Any, place: str) -> WatchedModule | None:
    """A module in our terms, or None if it is no recurrent one.

    Raises
    ------
    ArgumentError
        If it cannot be watched.
    """
    if isinstance(module, LAYERS):
        of, sizes = cell(library_name(module)), (module.num_layers, 1 + module.bidirectional, module.dropout)
    elif isinstance(module, CELLS):
        of, sizes = cell(library_name(module)), (1, 1, 0.0)
    elif isinstance(module, Layer):
        return _own(module, place)
    else:
        return None
    found = WatchedModule(module, of, *sizes, find_layout(of.name, "pytorch").states, "h")
    if any(getattr(module, name).is_meta for name in found.weight_names):
        raise ArgumentError(f"{place} is on the device meta and has no numbers: give it weights before it is watched.")
    return found


def _own(layer: Any, place: str) -> WatchedModule:
    of = layer.cell
    if of.interface.pairs:
        raise ArgumentError(f"{place}: {of.name} has complex states, which are not watched; watch cells of real ones.")
    return WatchedModule(layer, of, layer.layers, 1 + layer.bidirectional, layer.dropout, of.states, layer.output)


@cache
def gates_of(of: Cell) -> tuple[str, ...]:
    """The names of a cell's gates, in the order in which they are computed."""
    from gatedsym.calculus.gates import gate_names

    return gate_names(of.recurrence.program)


def as_array(tensor: Any, dtype: Any) -> Array:
    """A copy of a tensor on this machine's processor."""
    return np.array(tensor.detach().to("cpu", dtype).numpy(), order="C")


def _placed(name: str, layer: int, reverse: bool) -> str:
    return f"{name}_l{layer}{'_reverse' if reverse else ''}"
