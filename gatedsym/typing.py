"""Types that every room speaks of."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]
"""An array of any shape and type of number."""

DType: TypeAlias = np.dtype[Any]
"""A type of number."""
