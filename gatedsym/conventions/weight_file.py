"""A file of weights → its arrays, each read when it is asked for. Nothing in the file is ever executed."""

from __future__ import annotations

import hashlib
import json
import lzma
import math
import os
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from gatedsym.errors import DataError
from gatedsym.files.read import MAX_ARRAYS, open_plain, size_words
from gatedsym.typing import Array

_FLOATS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_DAMAGES = (
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
class WeightFile:
    """A file of weights.

    Attributes
    ----------
    path : Path
    arrays : mapping of str to StoredArray
        In the file's order.
    digest : str
        SHA-256 of the file.
    """

    path: Path
    arrays: Mapping[str, StoredArray]
    digest: str

    def take(self, names: Iterable[str]) -> dict[str, Array]:
        """Arrays as float64, in the order of `names`.

        Raises
        ------
        DataError
            If one is damaged, holds something else than finite real numbers, or all together are more than are read.
        """
        wanted = [self.arrays[name] for name in names]
        for one in wanted:
            if one.amiss:
                raise DataError(f"{self.path}: {one.name} is {one.kind}{one.amiss}.")
        if (size := sum(8 * math.prod(one.shape) for one in wanted)) > MAX_ARRAYS:
            raise DataError(
                f"{self.path} unfolds to {size_words(size)} of weights, and at most {size_words(MAX_ARRAYS)} are read: "
                "save the layer that is to be read alone."
            )
        return {one.name: self._finite(one) for one in wanted}

    def _finite(self, one: StoredArray) -> Array:
        values = np.ascontiguousarray(one.read(), np.float64).reshape(one.shape)
        if not np.isfinite(values).all():
            raise DataError(
                f"{self.path}: {one.name} holds values that are not finite: the network has diverged; give another."
            )
        return values


def open_weights(path: str | Path) -> WeightFile:
    """The arrays of an .npz or .safetensors file, none of them read yet.

    Raises
    ------
    DataError
        If the file is missing, of another kind, damaged, or holds no array.
    """
    path = Path(path)
    with os.fdopen(open_plain(path, "give an .npz or .safetensors file with weights."), "rb") as file:
        kinds = {".npz": _npz, ".safetensors": _safetensors}
        if path.suffix.lower() not in kinds:
            raise DataError(
                f"{path} is neither .npz nor .safetensors: save the weights as one of them (pickle is not read)."
            )
        arrays = kinds[path.suffix.lower()](path)
        if not arrays:
            raise DataError(f"{path} holds no array: give a file with weights.")
        return WeightFile(path, arrays, hashlib.file_digest(file, "sha256").hexdigest())


# .npz


def _npz(path: Path) -> dict[str, StoredArray]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = [m.filename.removesuffix(".npy") for m in members]
            if twice := [n for n in names if names.count(n) > 1]:
                raise DataError(f"{path} holds {twice[0]} twice: save it again with numpy.savez.")
            return {name: _member(path, archive, member, name) for name, member in zip(names, members)}
    except DataError:
        raise
    except _DAMAGES:
        # NumPy's own words advise a reader that runs what the file says.
        raise DataError(f"{path} is not a whole .npz file of plain arrays: save it with numpy.savez.") from None


def _member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> StoredArray:
    """A member of an archive, whose header alone is unfolded: what it announces must be what the archive holds."""
    if not member.filename.endswith(".npy"):
        raise ValueError("no array.")
    with archive.open(member) as file:
        shape, fortran, dtype = npy_header(file)
        start = file.tell()
    size = math.prod(shape) * dtype.itemsize
    if dtype.hasobject or member.file_size != start + size:
        raise ValueError("not plain, or not whole.")
    small = dtype.kind in "iu" and dtype.itemsize < 4
    amiss = ", not real numbers: give weights alone" if dtype.kind not in "fiu" else ""
    amiss = ": small integers stand for quantised weights; save them as floats" if small else amiss

    def read() -> Array:
        try:
            with zipfile.ZipFile(path) as again, again.open(member) as file:
                body = file.read(start + size + 1)[start:]
            return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C")
        except _DAMAGES:
            raise DataError(f"{path}: {name} is damaged: save the file again with numpy.savez.") from None

    return StoredArray(name, str(dtype), shape, amiss, read)


def npy_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether columns come first, and dtype of a .npy file, which is read as far as its numbers.

    Raises
    ------
    ValueError
        If it is damaged.
    """
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a header that Python 2 wrote is read, too
            shape, fortran, dtype = readers[np.lib.format.read_magic(file)](file)
    except Exception as error:  # a header is a literal of Python: damaged, it fails in any of its parser's ways
        raise ValueError("the header is damaged.") from error
    if any(length < 0 for length in shape):
        raise ValueError("a negative length.")
    return shape, fortran, dtype


# .safetensors


def _safetensors(path: Path) -> dict[str, StoredArray]:
    """The package checks all that the format asks for: lengths, no holes, no overlaps; numbers are read in place."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy"):
            pass
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length).decode("utf-8"), object_pairs_hook=_each_once)
    except (SafetensorError, OSError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else "empty"
        raise DataError(f"{path} is not a whole .safetensors file ({reason}): save it again.") from None
    return {name: _tensor(path, name, about, 8 + length) for name, about in header.items() if name != "__metadata__"}


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a name stands there twice.")
    return dict(pairs)


def _tensor(path: Path, name: str, about: Mapping[str, Any], start: int) -> StoredArray:
    kind, shape = str(about["dtype"]), tuple(about["shape"])
    begin, end = about["data_offsets"]

    def read() -> Array:
        with path.open("rb") as file:
            file.seek(start + begin)
            raw = file.read(end - begin)
        if len(raw) != end - begin:
            raise DataError(f"{path} is not a whole .safetensors file ({name} is cut off): save it again.")
        flat = np.frombuffer(raw, _FLOATS[kind])
        # BF16 is the upper half of a float32.
        return (flat.astype("<u4") << 16).view("<f4") if kind == "BF16" else flat

    amiss = "" if kind in _FLOATS else ": save floats as F64, F32, F16 or BF16"
    return StoredArray(name, kind, shape, amiss, read)


__all__ = ["StoredArray", "WeightFile", "npy_header", "open_weights"]
