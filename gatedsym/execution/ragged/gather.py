"""Steps of an array as a caller has it, (T, B, …) → the packed rows that kernels read."""

from __future__ import annotations

import math

import numpy as np

from gatedsym.execution.ragged.rows import PackedRows
from gatedsym.typing import Array


def gather_steps(rows: PackedRows, given: Array, target: Array, delay: int) -> None:
    """Copy the steps that there are.

    Parameters
    ----------
    rows : PackedRows
    given : array (T, B, …)
    target : array (·, 1, …)
        Packed, with so many blocks of the past in front, which are left alone.
    delay : int
    """
    turned = not given.flags.c_contiguous
    lying = given.swapaxes(0, 1) if turned else given
    if not lying.flags.c_contiguous or given.dtype != target.dtype or not given.size:
        target[rows.after(delay), 0] = given[rows.time, rows.sequence]
        return
    width = math.prod(given.shape[2:])
    source, found = lying.reshape((-1, width)), target.reshape((len(target), width))
    places = rows.places(turned)
    for first, last, ahead in rows.stretches(delay):
        np.take(source, places[first:last], axis=0, out=found[first + ahead : last + ahead], mode="clip")
