"""Torch's objects among the arguments of an analysis → cells, arrays and losses: what `gatedsym.flow.foreign` asks."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.flow.callable_loss import Gradient
from gatedsym.flow.foreign import register_bridge
from gatedsym.flow.given import GivenCell
from gatedsym.torch.as_cell import cell_of
from gatedsym.torch.losses import gradient_in
from gatedsym.torch.modules import kind_of, numbers
from gatedsym.typing import Array


class TorchBridge:
    """Torch's objects in our terms."""

    def cell_of(self, module: Any, /) -> GivenCell:
        """The cell that a recurrent module is, with its weights."""
        return cell_of(module)

    def array_of(self, tensor: Any, /) -> Any:
        """The numbers of a tensor, as NumPy has them."""
        if not isinstance(tensor, torch.Tensor):
            raise ArgumentError(f"x is {shown(tensor)}: give a tensor of numbers, (time, batch, feature).")
        return numbers(tensor)

    def sequences_of(self, packed: Any, /) -> tuple[Array, Array] | None:
        """The padded numbers (T, B, m) of packed sequences, and their lengths; None of anything else."""
        if not isinstance(packed, PackedSequence):
            return None
        padded, lengths = pad_packed_sequence(packed)
        return numbers(padded), numbers(lengths)

    def gradient_by(self, like: GivenCell | None, function: Any, /) -> Gradient:
        """Differentiation of a function of tensors: of a module's own type of numbers, else of that of the weights."""
        own = kind_of(function) if isinstance(function, nn.Module) else None
        kind = like.kind if like is not None and like.framework == "torch" else None
        return gradient_in(own or kind or ("float64", "cpu"))


register_bridge("torch", TorchBridge())
