"""Arrays by name ↔ one flat vector: where each array stands, and views of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_several, shown
from gatedsym.typing import Array


class FlatLayout:
    """The places of arrays in a vector, one behind the other.

    Parameters
    ----------
    shapes : mapping of str to tuple of int

    Attributes
    ----------
    slices : dict of str to slice
    size : int
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.shapes, self.slices, start = dict(shapes), dict[str, slice](), 0
        for name, shape in self.shapes.items():
            stop = start + math.prod(shape)
            self.slices[name], start = slice(start, stop), stop
        self.size = start

    def views(self, vector: Array) -> dict[str, Array]:
        """The arrays, as views of a vector (P,)."""
        return {name: vector[self.slices[name]].reshape(shape) for name, shape in self.shapes.items()}

    def fill(self, vector: Array, arrays: Iterable[Array]) -> None:
        """Copy arrays, in the order of the layout, into a vector."""
        np.concatenate([array.reshape(-1) for array in arrays], out=vector)

    def matching(self, patterns: str | Iterable[str]) -> tuple[str, ...]:
        """Names that patterns mean: ``"U_z,W_z"``, ``["U_*"]``; "" means none.

        Raises
        ------
        ArgumentError
            For a pattern that means no name.
        """
        if isinstance(patterns, str):
            patterns = [p.strip() for p in patterns.split(",") if p.strip()]
        found: dict[str, None] = {}
        for pattern in expect_several("freeze", patterns, "a pattern of names, U_z or U_*") if patterns else ():
            meant = [name for name in self.shapes if isinstance(pattern, str) and fnmatchcase(name, pattern)]
            if not meant:
                raise ArgumentError(
                    f"freeze has {shown(pattern)}, which is no parameter of the network: choose from "
                    f"{', '.join(self.shapes)}, or a pattern, U_*."
                )
            found |= dict.fromkeys(meant)
        return tuple(name for name in self.shapes if name in found)


__all__ = ["FlatLayout"]
