"""A function of a torch tensor → a loss whose cotangents torch's own differentiation gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_flag, shown
from gatedsym.flow.callable_loss import CallableLoss, Gradient, call_with_note, returned_gradient
from gatedsym.torch.modules import kind_of, numbers
from gatedsym.typing import Array


def loss(function: Callable[[torch.Tensor], Any], *, batch_first: bool = False) -> CallableLoss:
    """Make a function of torch tensors a loss, for an analysis of cells that are no torch modules.

    Beside a torch module a function needs no such word: ``loss=lambda h: F.cross_entropy(model.fc(h[-1]), target)``.

    Parameters
    ----------
    function : callable
        From the trajectory (T, B, …) of the state that is compared to a tensor without axes; or to (value, gradient).
        It gets float64, and a module the type of its own parameters.
    batch_first : bool
        Whether the function gets (B, T, …).

    Returns
    -------
    CallableLoss

    Raises
    ------
    ArgumentError
        For what is no function.

    Examples
    --------
    >>> import gatedsym.torch as gt
    >>> import numpy as np
    >>> squares = gt.loss(lambda h: (h[-1] ** 2).sum() / 2)
    >>> times, dh = squares.cotangents(np.ones((5, 2, 3)), seed=0)
    >>> float(dh.sum())
    6.0
    """
    if not callable(function):
        raise ArgumentError(f"function is {shown(function)}: give a function of a tensor.")
    return CallableLoss(
        function=function, gradient=gradient_in(_kind(function)), batch_first=expect_flag("batch_first", batch_first)
    )


def gradient_in(kind: tuple[str, str]) -> Gradient:
    """Differentiation of functions of tensors of one type, on one device."""

    def gradient(function: Callable[[Any], Any], h: Array) -> Any:
        return _gradient(function, h, *kind)

    return gradient


def _gradient(function: Callable[[Any], Any], h: Array, dtype: str, device: str) -> Any:
    """dL/dh by reverse mode; no parameter of a model that the function uses gets a gradient."""
    with torch.inference_mode(False), torch.enable_grad():
        seen = torch.tensor(h, dtype=getattr(torch, dtype), device=device, requires_grad=True)
        value = call_with_note(function, seen, f"loss= was called with a tensor of {dtype}, of shape {h.shape}.")
        if isinstance(value, tuple):
            found = returned_gradient(value)
            return numbers(found) if isinstance(found, torch.Tensor) else found
        if not isinstance(value, torch.Tensor):
            return returned_gradient(value)  # refuses it
        if value.dim() != 0:
            raise ArgumentError(
                f"loss= gave a tensor of shape {tuple(value.shape)} for a trajectory of shape {h.shape}: return one "
                "number, such as its mean() or sum()."
            )
        (found,) = torch.autograd.grad(value, seen, allow_unused=True) if value.requires_grad else (None,)
    if found is None:
        raise ArgumentError(
            "loss= gave a tensor that does not depend on the trajectory that it got, or is detached from it: compute "
            "the loss from its argument, without detach() or item()."
        )
    return numbers(found)


def _kind(function: object) -> tuple[str, str]:
    return kind_of(function) if isinstance(function, nn.Module) else ("float64", "cpu")


__all__ = ["gradient_in", "loss"]
