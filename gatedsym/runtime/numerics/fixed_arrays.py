"""Arrays that equations fix by a law, filled in at the start of a kernel.

`gatedsym.ir.fixed_arrays` states each law exactly; a test holds these entries to be the floats next to it. They are
computed in float64 and rounded once.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gatedsym.runtime.jit.compile import routine


@routine
def fill_values(out: Any, values: Any) -> None:
    """Set the entries, in row-major order, to a list of numbers."""
    flat = out.reshape(out.size)
    for j in range(out.size):
        flat[j] = values[j]


@routine
def fill_ones(out: Any) -> None:
    """Set every entry to one."""
    flat = out.reshape(out.size)
    for j in range(out.size):
        flat[j] = 1.0


@routine
def fill_arange(out: Any) -> None:
    """Set the entries to 0, 1, 2, …"""
    for j in range(out.size):
        out[j] = float(j)


@routine
def fill_lower(out: Any) -> None:
    """Ones on and below the diagonal of a cleared matrix."""
    for j in range(out.shape[0]):
        for k in range(j + 1):
            out[j, k] = 1.0


@routine
def fill_upper(out: Any) -> None:
    """Ones on and above the diagonal of a cleared matrix."""
    for j in range(out.shape[0]):
        for k in range(j, out.shape[1]):
            out[j, k] = 1.0


@routine
def fill_strictly_lower(out: Any) -> None:
    """Ones below the diagonal of a cleared matrix."""
    for j in range(out.shape[0]):
        for k in range(j):
            out[j, k] = 1.0


@routine
def fill_strictly_upper(out: Any) -> None:
    """Ones above the diagonal of a cleared matrix."""
    for j in range(out.shape[0]):
        for k in range(j + 1, out.shape[1]):
            out[j, k] = 1.0


@routine
def fill_shift(out: Any, places: int) -> None:
    """Ones that move a vector by some places, around its end, in a cleared matrix."""
    for j in range(out.shape[0]):
        out[j, (j - places) % out.shape[0]] = 1.0


@routine
def fill_hippo_a(out: Any) -> None:
    """The matrix of HiPPO-LegS, in a cleared matrix."""
    for j in range(out.shape[0]):
        for k in range(j):
            out[j, k] = -(math.sqrt(2.0 * j + 1.0) * math.sqrt(2.0 * k + 1.0))
        out[j, j] = -(j + 1.0)


@routine
def fill_hippo_b(out: Any) -> None:
    """The vector of HiPPO-LegS."""
    for j in range(out.size):
        out[j] = math.sqrt(2.0 * j + 1.0)


@routine
def fill_lmu_a(out: Any) -> None:
    """The matrix of a Legendre memory."""
    for j in range(out.shape[0]):
        for k in range(out.shape[1]):
            up = j < k or (j - k) % 2 == 0
            out[j, k] = -(2.0 * j + 1.0) if up else 2.0 * j + 1.0


@routine
def fill_lmu_b(out: Any) -> None:
    """The vector of a Legendre memory."""
    for j in range(out.size):
        out[j] = -(2.0 * j + 1.0) if j % 2 else 2.0 * j + 1.0


@routine
def fill_uniform(out: Any, seed: int) -> None:
    """Random numbers between -1 and 1 that follow from the seed and the place."""
    rows = out.shape[0]
    matrix = out.reshape((rows, out.size // rows if rows else 0))
    for j in range(matrix.shape[0]):
        for k in range(matrix.shape[1]):
            state = np.uint64(seed)
            for word in (j, k):
                state = state + np.uint64(word + 1) * np.uint64(0x9E3779B97F4A7C15)
                state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
                state = state ^ (state >> np.uint64(31))
            bits = np.int64(state >> np.uint64(12))
            matrix[j, k] = (2.0 * bits + 1.0) * 2.0**-52 - 1.0
