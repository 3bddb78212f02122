"""The processor as products see it: the width of a vector register, and how many there are.

The choice is made once, when the runtime is imported, and is part of the key under which compiled kernels are cached.
``GATEDSYM_VECTORS`` set to ``512``, ``256``, ``128``, ``neon`` or ``scalar`` overrides it, for tests and for
measurements: a path that is wider than the processor still gives right results, in pieces.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import llvmlite.binding as llvm

from gatedsym.errors import ArgumentError


@dataclass(frozen=True)
class VectorPath:
    """A way in which the products use the processor.

    Attributes
    ----------
    name : str
        ``512``, ``256``, ``128``, ``neon`` or ``scalar``.
    bits : int
        Width of a vector, in bits; 0 for `scalar`, one number at a time.
    registers : int
        Vector registers that a tile may count on.
    """

    name: str
    bits: int
    registers: int

    def lanes(self, itemsize: int) -> int:
        """Numbers of `itemsize` bytes in a vector, at least one."""
        return max(1, self.bits // (8 * itemsize))


PATHS = {
    "512": VectorPath("512", 512, 32),  # AVX-512
    "256": VectorPath("256", 256, 16),  # AVX2
    "128": VectorPath("128", 128, 16),  # SSE2
    "neon": VectorPath("neon", 128, 32),  # Arm
    "scalar": VectorPath("scalar", 0, 16),
}


def choose_path(features: Mapping[str, bool], override: str = "") -> VectorPath:
    """The path for a processor with these features (LLVM's names), or the one that `override` names.

    Raises
    ------
    ArgumentError
        If `override` names no path.
    """
    if override:
        if override not in PATHS:
            raise ArgumentError(f"GATEDSYM_VECTORS is {override!r}; set it to one of {', '.join(PATHS)}, or unset it.")
        return PATHS[override]
    if features.get("neon"):
        return PATHS["neon"]
    for feature, name in (("avx512f", "512"), ("avx2", "256"), ("sse2", "128")):
        if features.get(feature):
            return PATHS[name]
    return PATHS["scalar"]


VECTORS = choose_path(llvm.get_host_cpu_features(), os.environ.get("GATEDSYM_VECTORS", ""))
"""The path of this process."""


def panels_size(steps: int, columns: int) -> int:
    """Numbers that a packed operand (steps, columns) of a product takes at most, in any type on any path."""
    widest = max(path.lanes(4) for path in PATHS.values())
    return steps * -(-columns // widest) * widest


PIECE = 16  # numbers: a piece of scratch begins on a line of the cache, in any type


def taken_size(size: int) -> int:
    """Numbers that a piece of `size` numbers takes of a kernel's scratch."""
    return -(-size // PIECE) * PIECE
