"""Optimisers: a flat gradient and how it is clipped → the next parameters, in place; the numbers are torch.optim's."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.lazy import lazy_names
from gatedsym.learning.clipping import Clipped
from gatedsym.typing import Array

TINY = 1e-300
"""The least epsilon: with 0 a parameter whose gradient is 0 would become 0 / 0."""


class Optimiser(Protocol):
    """A rule for the next parameters: what `SGD`, `RMSprop` and `Adam` have in common.

    Attributes
    ----------
    moments : int
        Numbers that it remembers of each parameter.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.optimisers.SGD().moments, gs.optimisers.Adam().moments
    (1, 2)
    """

    moments: ClassVar[int]

    def step(self, theta: Array, grad: Array, moments: Array, clipped: Clipped, rate: float, update: int) -> None:
        """Change `theta` (P,) in place; `moments` is (moments, P), zero before update 1, the first."""
        ...

    @property
    def words(self) -> str:
        """Its name and numbers."""
        ...


class _Worded:
    """Optimiser: its words, and the numbers that its kernel takes."""

    @property
    def words(self) -> str:
        """Its name and numbers, ``Adam(beta1=0.9, beta2=0.999, epsilon=1e-08)``."""
        return repr(self)

    @cached_property
    def _numbers(self) -> Array:
        return np.array([getattr(self, f.name) for f in fields(self)])  # type: ignore[arg-type]

    def _require(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value < high:
            raise ArgumentError(f"{name}={shown(value)} of {type(self).__name__} must be from {low:g} up to {high:g}.")


@dataclass(frozen=True)
class Adam(_Worded):
    """Adam, as torch.optim.Adam computes it.

    Attributes
    ----------
    beta1, beta2 : float
        Shares of the first and of the second moment that stay at an update.
    epsilon : float
        Added to the root of the second moment after its bias is corrected. Smaller gradients than this teach little:
        it is what a dead gradient meets, so it is part of every recipe.

    Raises
    ------
    ArgumentError
        For a share outside [0, 1), or an epsilon that is not above 0.

    References
    ----------
    Kingma, Ba 2015, Adam: a method for stochastic optimization.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.optimisers.Adam().words
    'Adam(beta1=0.9, beta2=0.999, epsilon=1e-08)'
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    moments: ClassVar[int] = 2

    def __post_init__(self) -> None:
        self._require("beta1", 0, 1)
        self._require("beta2", 0, 1)
        self._require("epsilon", TINY, math.inf)

    def step(self, theta: Array, grad: Array, moments: Array, clipped: Clipped, rate: float, update: int) -> None:
        """Change `theta` in place."""
        from gatedsym.learning.optimiser_kernels import adam_step

        corrected = rate / (1 - self.beta1**update)
        root = math.sqrt(1 - self.beta2**update)
        adam_step(theta, grad, moments, clipped.scale, clipped.bound, corrected, root, self._numbers)


@dataclass(frozen=True)
class RMSprop(_Worded):
    """RMSprop, as torch.optim.RMSprop computes it, uncentred.

    Attributes
    ----------
    alpha : float
        Share of the mean square that stays at an update.
    epsilon : float
        Added to the root of the mean square.
    momentum : float
        Share of the last step that is taken again.

    Raises
    ------
    ArgumentError
        For a share outside [0, 1), or an epsilon that is not above 0.

    References
    ----------
    Tieleman, Hinton 2012, lecture 6.5 of Neural networks for machine learning.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.optimisers.RMSprop()
    RMSprop(alpha=0.99, epsilon=1e-08, momentum=0.0)
    """

    alpha: float = 0.99
    epsilon: float = 1e-8
    momentum: float = 0.0
    moments: ClassVar[int] = 2

    def __post_init__(self) -> None:
        self._require("alpha", 0, 1)
        self._require("epsilon", TINY, math.inf)
        self._require("momentum", 0, 1)

    def step(self, theta: Array, grad: Array, moments: Array, clipped: Clipped, rate: float, update: int) -> None:
        """Change `theta` in place."""
        from gatedsym.learning.optimiser_kernels import rmsprop_step

        rmsprop_step(theta, grad, moments, clipped.scale, clipped.bound, rate, self._numbers)


@dataclass(frozen=True)
class SGD(_Worded):
    """Steps down the gradient, with momentum, as torch.optim.SGD takes them.

    Attributes
    ----------
    momentum : float
        Share of the last step that is taken again.

    Raises
    ------
    ArgumentError
        For a share outside [0, 1).

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.optimisers.SGD(momentum=0.5)
    SGD(momentum=0.5)
    """

    momentum: float = 0.9
    moments: ClassVar[int] = 1

    def __post_init__(self) -> None:
        self._require("momentum", 0, 1)

    def step(self, theta: Array, grad: Array, moments: Array, clipped: Clipped, rate: float, update: int) -> None:
        """Change `theta` in place."""
        from gatedsym.learning.optimiser_kernels import momentum_step

        momentum_step(theta, grad, moments, clipped.scale, clipped.bound, rate, self._numbers)


NAMED = {"adam": Adam, "rmsprop": RMSprop, "sgd": SGD}


def read_optimiser(given: str | Optimiser) -> Optimiser:
    """An optimiser, or the one of a name with its defaults.

    Parameters
    ----------
    given : str or Optimiser
        "adam", "rmsprop" or "sgd"; an optimiser stays as it is.

    Returns
    -------
    Optimiser

    Raises
    ------
    ArgumentError
        For anything else.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.optimisers.read_optimiser("adam") == gs.optimisers.Adam()
    True
    """
    if isinstance(given, str) and given.lower() in NAMED:
        found: Optimiser = NAMED[given.lower()]()
        return found
    if isinstance(given, Adam | RMSprop | SGD):
        return given
    raise ArgumentError(
        f'optimiser={shown(given)}: give "adam", "rmsprop" or "sgd", or one with its numbers, '
        "gs.optimisers.Adam(beta2=0.99)."
    )


__all__ = ["SGD", "Adam", "Optimiser", "RMSprop", "read_optimiser"]

if not TYPE_CHECKING:  # type checkers see the names above, and refuse others
    __getattr__, __dir__ = lazy_names(__name__, "gs.optimisers")
