"""Contents of a file of weights: arrays, of which name, kind and shape are known before they are read, and layers."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatedsym.conventions.layers import Layer
from gatedsym.typing import Array

DAMAGES = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError, KeyError, TypeError,
    IndexError, AttributeError, SyntaxError, OverflowError, MemoryError, RecursionError, NotImplementedError,
    RuntimeError,
)  # fmt: skip
"""What reading a damaged archive raises."""


@dataclass(frozen=True)
class StoredArray:
    """An array in a file.

    Attributes
    ----------
    name, kind : str
        Its name, and what it holds in the words of the file's format.
    shape : tuple of int
    amiss : str
        Why it cannot be read as real numbers, in a sentence without its end, or "".
    read : callable
        () to the array in its own dtype.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    amiss: str
    read: Callable[[], Array]


@dataclass(frozen=True)
class Contents:
    """All that a reader of one format found in a file.

    Attributes
    ----------
    arrays : mapping of str to StoredArray
        In the file's order.
    layers : tuple of Layer
        Those that the file itself tells of; where names alone tell, none.
    told : bool
        Whether these are all, so that no name stands for another.
    """

    arrays: Mapping[str, StoredArray]
    layers: tuple[Layer, ...] = ()
    told: bool = False


def why_no_weights(dtype: np.dtype[Any]) -> str:
    """Reason why numbers of a dtype are no weights, in a sentence without its end; "" for floats and wide integers."""
    if dtype.kind not in "fiu":
        return ", not real numbers: give weights alone"
    small = dtype.kind in "iu" and dtype.itemsize < 4
    return ": small integers stand for quantised weights; save them as floats" if small else ""


__all__ = ["DAMAGES", "Contents", "StoredArray", "why_no_weights"]
