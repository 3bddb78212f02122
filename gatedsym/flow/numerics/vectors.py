"""Vectors of gradients: joined, measured and compared without overflow.

Sums are NumPy's own: those of a BLAS may round differently from run to run, with the threads it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gatedsym.typing import Array


def flat(gradients: Mapping[str, Any]) -> Array:
    """All parameter gradients in one vector, in order of name."""
    return np.concatenate([np.ravel(gradients[name]) for name in sorted(gradients)])


def norm(vector: Array) -> float:
    """2-norm that neither overflows nor underflows on the way: the largest entry is divided out."""
    largest = float(np.max(np.abs(vector), initial=0.0))
    return largest * float(np.sqrt(np.sum((vector / largest) ** 2))) if 0 < largest < np.inf else largest


def cosine(a: Array, b: Array) -> float:
    """Cosine of the angle between two vectors; NaN if one is zero or not finite."""
    lengths = norm(a), norm(b)
    if not all(0 < length < np.inf for length in lengths):
        return float("nan")
    return float(np.sum((a / lengths[0]) * (b / lengths[1])))
