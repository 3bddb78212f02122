"""Complex arrays as people hold them ↔ the pairs of real ones that kernels, analyses and optimisers take.

A complex ``z in C^n`` is two arrays, ``z_re`` and ``z_im``, wherever arrays are listed: parameters, states, inputs,
gradients. Under ``z`` both are given and read as one complex array. The adjoint of a complex array is complex too: the
derivative of the loss by its real part, plus i times that by its imaginary part. (So torch has it: a step against
the gradient descends. It is twice the Wirtinger derivative by the conjugate.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.named_arrays import split_complex
from gatedsym.execution.protocol import RecurrentCell


def in_pairs(cell: RecurrentCell, arrays: Any) -> Any:
    """A mapping with real and imaginary parts in place of each complex array; anything else as it is.

    Parameters
    ----------
    cell : Cell
    arrays : mapping of str to array, or to (times, array)

    Raises
    ------
    ArgumentError
        Where a complex array is given as a whole and in parts.
    """
    pairs = cell.interface.pairs
    if not pairs or not isinstance(arrays, Mapping) or not any(name in pairs for name in arrays):
        return arrays
    found: dict[Any, Any] = {}
    for name, value in arrays.items():
        for part, array in zip(pairs[name], _parts(value), strict=True) if name in pairs else ((name, value),):
            if part in found or (part != name and part in arrays):
                raise ArgumentError(f"{part} is given twice, by itself and in {part[:-3]}; give one of the two.")
            found[part] = array
    return found


def input_in_pairs(cell: RecurrentCell, x: Any) -> Any:
    """The inputs as pairs: a mapping, or the one complex array of a cell that has no other input."""
    pairs = cell.interface.pairs
    if pairs and isinstance(x, np.ndarray):
        whole = next((name for name, pair in pairs.items() if pair == cell.inputs), None)
        return x if whole is None else in_pairs(cell, {whole: x})
    return in_pairs(cell, x)


def _parts(value: Any) -> tuple[Any, Any]:
    """The real and the imaginary part of an array, or of the array behind times."""
    if isinstance(value, tuple) and len(value) == 2:
        re, im = _parts(value[1])
        return (value[0], re), (value[0], im)
    return split_complex(value)
