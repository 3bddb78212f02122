"""The parameters that a run was made with, copied: a later change reaches no value of the run, and is noticed.

Who trains changes parameters in place. What a run is asked for later belongs to the parameters that it was made with:
so it keeps a copy, and a derivative that is given others refuses. They are compared bit by bit, so that no change is
missed and a NaN is equal to itself.
"""

from __future__ import annotations

import ctypes
import sys
import weakref
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.execution.workspace import FRESH, Store
from gatedsym.typing import Array, DType

if TYPE_CHECKING:
    from gatedsym.execution.memo import Memo


_FEW = 1 << 17  # bytes of all arrays: so few are gathered first and compared at once

_compare: Any = (ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)).memcmp  # type: ignore[attr-defined,unused-ignore]
_compare.argtypes, _compare.restype = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t], ctypes.c_int


class OwnParameters:
    """A copy of the arrays of parameters that kernels take.

    Parameters
    ----------
    arrays : mapping of str to array
        By the names of kernel arguments; contiguous, all of one type.
    dtype : dtype
    store : Store
        Where the copy lies.
    """

    def __init__(self, arrays: Mapping[str, Array], dtype: DType, store: Store = FRESH) -> None:
        self._shapes = {name: array.shape for name, array in arrays.items()}
        size = sum(array.size for array in arrays.values())
        self._block = _gathered(arrays, store.empty("own parameters", (size,), dtype))

    def __getstate__(self) -> dict[str, Any]:
        return {"_shapes": self._shapes, "_block": self._block}  # its address is another one's elsewhere

    @classmethod
    def shared(cls, arrays: Mapping[str, Array], dtype: DType, memo: Memo) -> OwnParameters:
        """A copy, the last one if that holds the same: all runs with the same parameters have one in common.

        Parameters
        ----------
        memo : Memo
            Of the cell. It knows which copy was the last as long as a run has it.
        """
        last = memo.get("own parameters")
        own: OwnParameters | None = None if last is None else last()
        if own is not None and own._block.dtype == dtype and own.equal(arrays):
            return own
        own = cls(arrays, dtype)
        memo.keep("own parameters", weakref.ref(own))
        return own

    @cached_property
    def arrays(self) -> dict[str, Array]:
        """The copies, by the names of kernel arguments."""
        found, start = {}, 0
        for name, shape in self._shapes.items():
            stop = start + int(np.prod(shape, dtype=int))
            found[name], start = self._block[start:stop].reshape(shape), stop
        return found

    @cached_property
    def _address(self) -> int:
        return int(self._block.ctypes.data)

    def equal(self, arrays: Mapping[str, Array]) -> bool:
        """Whether arrays, of the same names and type, have the shapes and hold the bits of the copies."""
        if self._shapes != {name: array.shape for name, array in arrays.items()}:
            return False
        size = self._block.nbytes
        if size <= _FEW:
            given = _gathered(arrays, np.empty_like(self._block))
            return bool(_compare(given.ctypes.data, self._address, size) == 0)
        return self.difference(arrays) is None

    def difference(self, arrays: Mapping[str, Array]) -> str | None:
        """The name of the first array that differs from its copy in a bit; None if there is none."""
        place = self._address
        for name, array in arrays.items():
            if _compare(array.ctypes.data, place, array.nbytes) != 0:
                return name
            place += array.nbytes
        return None


class LentParameters:
    """The arrays of parameters themselves, where who lends them sees to it that they do not change: nothing is copied.

    Parameters
    ----------
    arrays : mapping of str to array
        By the names of kernel arguments.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.arrays = dict(arrays)

    def equal(self, arrays: Mapping[str, Array]) -> bool:
        """Whether arrays are those that were lent: it is taken for granted."""
        return True

    def difference(self, arrays: Mapping[str, Array]) -> str | None:
        """The name of the first array that differs: None, that there is one is ruled out."""
        return None


def _gathered(arrays: Mapping[str, Array], block: Array) -> Array:
    """A block with all that some arrays hold, one behind the other."""
    if arrays:
        np.concatenate([array.reshape(-1) for array in arrays.values()], out=block)
    return block
