"""Tensors ↔ arrays that share their memory."""

from __future__ import annotations

from typing import overload

import torch

from gatedsym.errors import GatedsymError
from gatedsym.typing import Array


@overload
def array_of(tensor: None) -> None: ...
@overload
def array_of(tensor: torch.Tensor) -> Array: ...
def array_of(tensor: torch.Tensor | None) -> Array | None:
    """The array of a tensor, in the same memory; None of None."""
    if tensor is None:
        return None
    if torch._C._functorch.is_legacy_batchedtensor(tensor):
        raise GatedsymError(
            "gt.Layer knows no is_grads_batched=True and no vectorize=True: use torch.func.jacrev or torch.func.vmap."
        )
    plain = tensor.detach()
    if plain._is_zerotensor():  # a tangent that forward mode knows to be zero has no memory
        plain = torch.zeros(plain.shape, dtype=plain.dtype)
    return plain.resolve_neg().numpy()


def tensor_of(array: Array) -> torch.Tensor:
    """The tensor of an array, in the same memory.

    Results are handed out read-only, for a later derivative reads them; torch knows no such tensors. It counts what is
    written to a tensor instead, and a derivative that needs what was overwritten refuses.
    """
    if not array.flags.writeable:
        array = array.view()
        array.flags.writeable = True
    return torch.from_numpy(array)
