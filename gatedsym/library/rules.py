"""Rules by which a paper draws a parameter, for the initialisation that a derivation file prescribes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from gatedsym.lazy import lazy_names
from gatedsym.typing import Array


class Rule(Protocol):
    """Rule by which one parameter is drawn."""

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
        """An array of that shape; `sizes` are those of the cell's dimensions."""
        ...


def _width(over_root: str, sizes: Mapping[str, int]) -> float:
    """1/√n for ``over_root="n"``, else 1."""
    return 1 / np.sqrt(max(sizes[over_root], 1)) if over_root else 1.0


@dataclass(frozen=True)
class Constant:
    """Every entry the same."""

    value: float

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
        """See `Rule`."""
        return np.full(shape, float(self.value))

    def __str__(self) -> str:
        return f"{self.value:g}"


@dataclass(frozen=True)
class Uniform:
    """U(low, high), divided by the square root of a dimension's size."""

    low: float
    high: float
    over_root: str = ""

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
        """See `Rule`."""
        return generator.uniform(self.low, self.high, shape) * _width(self.over_root, sizes)

    def __str__(self) -> str:
        return f"U({self.low:g}, {self.high:g})" + (f" / √{self.over_root}" if self.over_root else "")


@dataclass(frozen=True)
class Normal:
    """N(mean, std²), `std` divided by the square root of a dimension's size."""

    std: float
    mean: float = 0.0
    over_root: str = ""

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
        """See `Rule`."""
        return np.asarray(self.mean + generator.normal(size=shape) * self.std * _width(self.over_root, sizes))

    def __str__(self) -> str:
        width = f"({self.std:g} / √{self.over_root})" if self.over_root else f"{self.std:g}"
        return f"N({self.mean:g}, {width}²)"


@dataclass(frozen=True)
class Orthogonal:
    """A matrix with orthonormal rows or columns, times `gain` (Saxe et al. 2014); for each of the leading axes."""

    gain: float = 1.0

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
        """See `Rule`."""
        rows, columns = shape[-2:]
        tall = generator.normal(size=(*shape[:-2], max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(tall)
        q = q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]
        return np.asarray(self.gain * (q if rows >= columns else np.swapaxes(q, -1, -2)))

    def __str__(self) -> str:
        return "orthogonal" + (f" times {self.gain:g}" if self.gain != 1 else "")


@dataclass(frozen=True)
class Glorot:
    """U(±√(6 / (fan_in + fan_out))) by the matrix's own shape (Glorot and Bengio 2010)."""

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
        """See `Rule`."""
        fan_out, fan_in = int(np.prod(shape[:-1])), shape[-1]
        limit = np.sqrt(6 / (fan_in + fan_out))
        return generator.uniform(-limit, limit, shape)

    def __str__(self) -> str:
        return "Glorot uniform"


@dataclass(frozen=True)
class IdentityMatrix:
    """The identity times `scale`, for each of the leading axes."""

    scale: float = 1.0

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
        """See `Rule`."""
        return np.broadcast_to(self.scale * np.eye(shape[-2], shape[-1]), shape).copy()

    def __str__(self) -> str:
        return "identity" + (f" times {self.scale:g}" if self.scale != 1 else "")


@dataclass(frozen=True)
class Drawn:
    """Drawn by a function, for what the other rules cannot say.

    Attributes
    ----------
    words : str
    function : callable
        Generator, shape, sizes, and the arrays of `needs`, to an array.
    needs : tuple of str
        Parameters that are drawn before and handed to the function.
    """

    words: str
    function: Callable[..., Array]
    needs: tuple[str, ...] = ()

    def draw(
        self, generator: np.random.Generator, shape: tuple[int, ...], sizes: Mapping[str, int], *needed: Array
    ) -> Array:
        """See `Rule`; `needed` are the arrays of `needs`."""
        return np.broadcast_to(np.asarray(self.function(generator, shape, sizes, *needed), float), shape).copy()

    def __str__(self) -> str:
        return self.words


__all__ = ["Constant", "Drawn", "Glorot", "IdentityMatrix", "Normal", "Orthogonal", "Rule", "Uniform"]

if not TYPE_CHECKING:  # type checkers see the names above, and refuse others
    __getattr__, __dir__ = lazy_names(__name__, "gs.rules")
