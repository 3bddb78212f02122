"""Her array and ours → how far they are apart, and what rounding explains."""

from __future__ import annotations

import numpy as np

from gatedsym.typing import Array

EXACT, SINGLE = 1e-9, 3e-5
"""Relative deviations that rounding explains, in double and in single precision; a slip makes much larger ones."""


def deviation(ours: Array, hers: Array) -> float:
    """Largest difference, relative to the largest entry of ours; infinite where one is not finite."""
    scale = float(np.max(np.abs(ours), initial=0.0)) or 1.0
    difference = np.max(np.abs(ours - hers), initial=0.0) / scale
    return float(difference) if np.isfinite(difference) else np.inf
