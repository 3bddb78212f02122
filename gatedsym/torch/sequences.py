"""Sequences as torch has them, packed or padded, ↔ (T, B, …) and lengths; sequences reversed by their lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from gatedsym.errors import ArgumentError
from gatedsym.typing import Array


def unpack(packed: PackedSequence) -> tuple[torch.Tensor, torch.Tensor]:
    """The padded sequences (T, B, …) of a packed batch, in the caller's order, and their lengths."""
    return pad_packed_sequence(packed)


def pack_like(packed: PackedSequence, y: torch.Tensor, lengths: torch.Tensor) -> PackedSequence:
    """Results (T, B, …), packed as the inputs were."""
    if packed.sorted_indices is not None:
        y, lengths = y.index_select(1, packed.sorted_indices), lengths[packed.sorted_indices]
    data = pack_padded_sequence(y, lengths).data
    return PackedSequence(data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)


def last_inputs(rows: torch.Tensor, past: torch.Tensor | None, delay: int, lengths: Any) -> torch.Tensor:
    """The last rows of a delayed input, shaped as its past, which goes before the first step.

    Parameters
    ----------
    rows : tensor (T, B, …)
    past : tensor (B, …), or (delay, B, …) where the delay is longer than a step, optional
        None: zero.
    delay : int
    lengths : array or tensor (B,) of int, optional
    """
    if past is None:
        past = rows.new_zeros((delay, *rows.shape[1:]))
    elif delay == 1:
        past = past[None]
    history = torch.cat([past, rows.to(past.dtype)])
    if lengths is None:
        found = history[history.shape[0] - delay :]
    else:
        found = history[torch.as_tensor(lengths) + torch.arange(delay)[:, None], torch.arange(rows.shape[1])]
    return found[0] if delay == 1 else found


def read_lengths(given: Any) -> Array | None:
    """Lengths as an array of integers; what they may be `Cell.forward` says.

    Raises
    ------
    ArgumentError
        If they are a tensor that a transform maps, or of another device.
    """
    if not isinstance(given, torch.Tensor):
        return given if given is None else np.asarray(given)
    if given.device.type != "cpu":
        raise ArgumentError(f"lengths is on {given.device}: give numbers of the CPU, lengths.cpu().")
    if torch.compiler.is_compiling():
        return given
    if torch._C._functorch.is_batchedtensor(given):
        raise ArgumentError("lengths differ along the axis that vmap maps: give one lengths, or a loop over them.")
    return given.detach().numpy()


def reverse(rows: torch.Tensor, lengths: Array | None) -> torch.Tensor:
    """Sequences (T, B, …) from their last step to their first; what stands behind their ends stays there."""
    if lengths is None:
        return rows.flip(0)
    stops = torch.as_tensor(lengths)
    steps = torch.arange(rows.shape[0])[:, None]
    order = torch.where(steps < stops, stops - 1 - steps, steps)
    return rows[order, torch.arange(rows.shape[1])]
