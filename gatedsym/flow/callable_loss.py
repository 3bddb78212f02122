"""A function that a person gives as the loss → the cotangents dL/dh that enter the backward pass."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.flow.loss import Loss
from gatedsym.typing import Array

Gradient = Callable[[Callable[[Any], Any], Array], Any]
"""The derivative of a function at an array, of the array's shape: by a framework that differentiates by itself."""
_ONE_AT_A_TIME = threading.Lock()
"""Held while a person's function runs: networks are measured on several threads, and it need not know."""


@dataclass(frozen=True)
class CallableLoss(Loss):
    """A loss that a function computes from the whole trajectory.

    Attributes
    ----------
    function : callable
        Of the trajectory of the state that is compared: row t is the state after step t + 1.
    batch_first : bool
        Whether the function gets (B, T, …), as a module that is batch first gives it, in place of (T, B, …).
    gradient : callable, optional
        What differentiates the function; by default it returns its value and its gradient itself.

    Raises
    ------
    ArgumentError
        For what is no function.

    Examples
    --------
    >>> from gatedsym.flow.callable_loss import CallableLoss
    >>> import numpy as np
    >>> last = CallableLoss(function=lambda h: ((h[-1] ** 2).sum() / 2, np.concatenate([0 * h[:-1], h[-1:]])))
    >>> times, dh = last.cotangents(np.ones((5, 2, 3)), seed=0)
    >>> float(dh.sum())
    6.0
    """

    kind: Literal["cotangent", "cross-entropy", "squared-error", "given"] = "given"
    at: Literal["last", "every"] = "every"
    function: Callable[[Any], Any] | None = None
    batch_first: bool = False
    gradient: Gradient | None = None

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ArgumentError(f"loss {shown(self.function)}: give a function of the trajectory.")

    @property
    def description(self) -> str:
        """The loss in words, for a caption."""
        return f"as given, {function_words(self.function)}"

    def on_the_last_step(self, why: str) -> CallableLoss:
        """The same, refused where it reads earlier steps, once its gradient shows that."""
        return replace(self, at="last")

    def cotangents(self, h: Array, seed: int, targets: Array | None = None) -> tuple[Array, Array]:
        """dL/dh at every step, or at the last one alone where an analysis goes back from there.

        Parameters
        ----------
        h : array (T, B, …)
        seed : int
            Not used: a function that is given is the same for each network.
        targets : array (T, B), optional
            Not used.

        Returns
        -------
        times : array of int (S,)
            Which steps, counted from 0.
        dh : array (S, B, …)

        Raises
        ------
        ArgumentError
            If the function gives anything but a value and a gradient, or a tensor that a framework differentiates; if
            the gradient has another shape than h; or if it reads earlier steps where only the last one counts.
        """
        dh = self._at_each_step(h)
        if self.at == "every":
            return np.arange(len(h)), dh
        self._require_ends(dh, np.full(h.shape[1], len(h)))
        return np.arange(max(len(h) - 1, 0), len(h)), dh[-1:]

    def cotangents_before_padding(
        self, h: Array, lengths: Array, seed: int, targets: Array | None = None
    ) -> Array | tuple[Array, Array]:
        """dL/dh where sequences have lengths: what comes to a state that repeats is added up at the last step."""
        dh = _added_at_ends(self._at_each_step(h), lengths)
        if self.at == "every":
            return np.arange(len(h)), dh
        self._require_ends(dh, lengths)
        return np.asarray(dh[np.maximum(lengths - 1, 0), np.arange(len(lengths))])

    def _at_each_step(self, h: Array) -> Array:
        seen = np.array(h.swapaxes(0, 1) if self.batch_first else h, order="C")
        with _ONE_AT_A_TIME:
            found = (self.gradient or own_gradient)(self.function, seen)  # type: ignore[arg-type]
        dh = _checked(found, seen.shape)
        return np.ascontiguousarray(dh.swapaxes(0, 1) if self.batch_first else dh, h.dtype)

    def _require_ends(self, dh: Array, lengths: Array) -> None:
        """Refuse a gradient at a step before the last of its sequence."""
        before = np.arange(len(dh))[:, None] < lengths - 1
        if np.any(dh[before] != 0):
            raise ArgumentError(
                f"loss={function_words(self.function)} reads steps before the last, and this analysis follows the "
                "gradient back from the last step alone: give a function of the last state, h[-1]."
            )


def _added_at_ends(dh: Array, lengths: Array) -> Array:
    """Cotangents of states that repeat behind the end of their sequence, added up at its last step."""
    behind = np.arange(len(dh))[:, None] >= lengths
    found = np.where(behind.reshape(*behind.shape, *[1] * (dh.ndim - 2)), 0, dh)
    own = np.flatnonzero(lengths > 0)
    found[lengths[own] - 1, own] += (dh - found).sum(axis=0)[own]
    return np.asarray(found)


def own_gradient(function: Callable[[Any], Any], h: Array) -> Any:
    """The gradient that a function returns beside its value."""
    told = (
        f"loss= was called with a NumPy array of shape {h.shape}. A function of torch tensors is given as "
        "gatedsym.torch.loss(function), or beside a torch module."
    )
    return returned_gradient(call_with_note(function, h, told))


def call_with_note(function: Callable[[Any], Any], h: Any, told: str) -> Any:
    """Call a person's function; a mistake in it is told with what it was called with."""
    try:
        return function(h)
    except Exception as error:
        error.add_note(told)
        raise


def returned_gradient(found: object) -> Any:
    """The second of what a function returned, (value, gradient).

    Raises
    ------
    ArgumentError
        If it is anything else.
    """
    if not isinstance(found, tuple) or len(found) != 2:
        raise ArgumentError(
            f"loss= gave {shown(found)}, and its gradient is needed: return (value, gradient), the gradient an array "
            "shaped like what the function gets; a function of torch tensors may return the value alone, a tensor "
            "without axes, where it is given as gatedsym.torch.loss(function) or beside a torch module."
        )
    value, gradient = found
    if np.shape(value) != ():
        raise ArgumentError(f"loss= gave a value of shape {np.shape(value)}: return one number, and the gradient.")
    return gradient


def _checked(gradient: Any, shape: tuple[int, ...]) -> Array:
    """A gradient as an array of float64."""
    try:
        found = np.asarray(gradient, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError):
        raise ArgumentError(
            f"loss= gave {shown(gradient)} as its gradient: return an array of shape {shape}."
        ) from None
    if found.shape != shape:
        raise ArgumentError(
            f"loss= gave a gradient of shape {found.shape}, and the trajectory that it got has shape {shape}: return "
            "dL/dh for every entry."
        )
    return found


def function_words(function: Any) -> str:
    """A function's name for captions: ``last_step (train.py, line 12)``."""
    if isinstance(function, functools.partial):
        return f"partial of {function_words(function.func)}"
    name = getattr(function, "__name__", None)
    if name is None:
        return type(function).__name__
    code = inspect.unwrap(function).__code__ if inspect.isfunction(inspect.unwrap(function)) else None
    called = "a lambda" if name == "<lambda>" else str(name)
    if code is None or code.co_filename.startswith("<"):
        return called
    return f"{called} ({Path(code.co_filename).name}, line {code.co_firstlineno})"


__all__ = ["CallableLoss", "call_with_note", "function_words", "own_gradient", "returned_gradient"]
