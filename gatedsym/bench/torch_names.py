"""Gradients in the stacked arrays of torch's layers → gradients by gatedsym's names."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gatedsym.conventions import import_parameters
from gatedsym.typing import Array


def gradients_by_name(cell: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Undo the stacking. Two biases that add up share one gradient, which counts once; the GRU's candidate has two."""
    second = np.array(arrays["bias_hh_l0"])
    shared = 2 * len(second) // 3 if cell == "gru_torch" else len(second)
    second[:shared] = 0
    return import_parameters(cell, {**arrays, "bias_hh_l0": second}, "pytorch")
