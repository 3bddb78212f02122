"""Arrays of other types than the parameters': which are taken, and what is said of it.

Types that convert without loss are taken as they are. Floats with more digits are converted too, at every call: a data
loader gives float64 where a network trains in float32. Of inputs and initial states that is said once for each cell and
argument. Integers are taken where every one of them is exact in the new type; nothing else is.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np

from gatedsym.errors import ArgumentError, PrecisionWarning
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.typing import Array, DType

MUST_CONVERT = "{name} is {found}; it must convert to {dtype}."


def check_conversion(
    cell: RecurrentCell, name: str, array: Array, dtype: DType, refusal: str, *, say: bool = True
) -> bool:
    """Refuse an array that does not convert to a type.

    Parameters
    ----------
    name : str
        What a person calls the array.
    refusal : str
        The sentence that is raised for a type that is not taken, with {name}, {found} and {dtype} to be filled in.
    say : bool
        Whether a loss of digits is said.

    Returns
    -------
    bool
        Whether its type alone decides, so that another array of the same need not be looked at.

    Raises
    ------
    ArgumentError
        If it is of a type that is not taken, or holds an integer that is not exact in `dtype`.
    """
    kind, digits = array.dtype.kind, np.finfo(dtype).nmant + 1
    if kind in "iu" and 8 * array.dtype.itemsize > digits:
        if np.array_equal(array.astype(dtype).astype(array.dtype), array):
            return False
        raise ArgumentError(
            f"{name} is {array.dtype} and holds numbers that {dtype} does not hold exactly; "
            f"convert it if they may be rounded: {name}.astype({str(dtype)!r})."
        )
    if np.can_cast(array.dtype, dtype, "safe"):
        return True
    if kind != "f":
        raise ArgumentError(refusal.format(name=name, found=array.dtype, dtype=dtype))
    told = ("told", name, array.dtype, dtype)
    if say and cell.memo.get(told) is None:
        cell.memo.keep(told, True)
        text = (
            f"{name} is {array.dtype} and the parameters of {cell.name} are {dtype}: it is converted at every call; "
            f"{name}.astype({str(dtype)!r}) converts it once"
        )
        warnings.warn(text, PrecisionWarning, stacklevel=_outside())
    return True


def _outside() -> int:
    """The number of calls between the warning and who called the package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("gatedsym"):
        level, frame = level + 1, frame.f_back
    return level
