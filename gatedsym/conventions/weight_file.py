"""A file of weights → its arrays, each read when it is asked for. Nothing in the file is ever executed."""

from __future__ import annotations

import hashlib
import json
import math
import os
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from gatedsym.conventions.keras_file import read_keras
from gatedsym.conventions.layers import Layer, find_layers
from gatedsym.conventions.onnx_file import read_onnx
from gatedsym.conventions.stored_array import DAMAGES, Contents, StoredArray, why_no_weights
from gatedsym.conventions.torch_file import read_torch
from gatedsym.errors import DataError
from gatedsym.files.read import MAX_ARRAYS, open_plain, printable, size_words
from gatedsym.typing import Array

_FLOATS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}


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
    layers : tuple of Layer
        Those that the file itself tells of.
    told : bool
        Whether these are all that it has.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.conventions.save_parameters("w.npz", "rnn", gs.cell("rnn").init(m=3, n=4), "pytorch")
    >>> weights = gs.conventions.open_weights("w.npz")
    >>> weights.find_layers()[0].framework.key, weights.take(["weight_ih_l0"])["weight_ih_l0"].shape
    ('pytorch', (4, 3))
    """

    path: Path
    arrays: Mapping[str, StoredArray]
    digest: str
    layers: tuple[Layer, ...] = ()
    told: bool = False

    def find_layers(self, framework: str | None = None) -> list[Layer]:
        """The recurrent layers that the file tells of, and those that its names may be.

        Parameters
        ----------
        framework : str, optional
            The only one to try.
        """
        told = [one for one in self.layers if framework in (None, one.framework.key)]
        known = {one.framework for one in self.layers}
        named = [] if self.told else find_layers(self.arrays, framework)
        return [*told, *(one for one in named if one.framework not in known)]

    def take(self, names: Iterable[str], widened: bool = True) -> dict[str, Array]:
        """Arrays in the order of `names`, as float64.

        Parameters
        ----------
        names : iterable of str
            Keys of `arrays`.
        widened : bool
            False: float32 where none of them has more digits.

        Returns
        -------
        dict of str to array
            Of the shapes that the file has.

        Raises
        ------
        DataError
            If one is damaged, holds something else than finite real numbers, or all together are more than are read.
        """
        wanted = [self.arrays[name] for name in names]
        for one in wanted:
            if one.amiss:
                raise DataError(f"{self.path}: {printable(one.name)} is {one.kind}{one.amiss}.")
        if (size := sum(8 * math.prod(one.shape) for one in wanted)) > MAX_ARRAYS:
            raise DataError(
                f"{self.path} unfolds to {size_words(size)} of weights, and at most {size_words(MAX_ARRAYS)} are read: "
                "save the layer that is to be read alone."
            )
        found = {one.name: _read(one) for one in wanted}
        narrow = all(v.dtype.kind == "f" and v.dtype.itemsize <= 4 for v in found.values())
        kind = np.float32 if narrow and not widened else np.float64
        return {one.name: self._finite(one, found[one.name], kind) for one in wanted}

    def _finite(self, one: StoredArray, stored: Array, kind: type[np.floating[Any]]) -> Array:
        values = np.array(stored, kind, order="C").reshape(one.shape)
        if not np.isfinite(values).all():
            name = printable(one.name)
            raise DataError(
                f"{self.path}: {name} holds values that are not finite: the network has diverged; give another."
            )
        return values


def _read(one: StoredArray) -> Array:
    try:
        return one.read()
    except DataError as error:
        raise _one_line(error) from None


def _one_line(error: DataError) -> DataError:
    """An error whose words may have names of the file in them, and so line breaks and what else a name can hold."""
    return DataError(printable(str(error)))


def open_weights(path: str | Path) -> WeightFile:
    """The arrays of a file of weights, none of them unfolded yet. Nothing in the file is ever executed.

    .npz and .safetensors; .pt, .pth, .bin and .ckpt of torch, by its loader of tensors alone; .onnx; .keras, .h5 and
    .weights.h5 of Keras.

    Parameters
    ----------
    path : path
        Its ending says how it is read.

    Returns
    -------
    WeightFile

    Raises
    ------
    DataError
        If the file is missing, of another kind, damaged, or holds no array; if what reads it is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> import gatedsym as gs
    >>> np.savez("w.npz", weight=np.ones((4, 3)))
    >>> list(gs.conventions.open_weights("w.npz").arrays)
    ['weight']
    """
    path = Path(path)
    with os.fdopen(open_plain(path, f"give a file with weights: {_KINDS}."), "rb") as file:
        if path.suffix.lower() not in _READERS:
            raise DataError(f"{path} is none of {_KINDS}: save the weights as one of them (pickle is not read).")
        try:
            found = _READERS[path.suffix.lower()](path)
        except DataError as error:
            raise _one_line(error) from None
        if not found.arrays:
            raise DataError(f"{path} holds no array: give a file with weights.")
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return WeightFile(path, found.arrays, digest, found.layers, found.told)


# .npz


def _npz(path: Path) -> Contents:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = [m.filename.removesuffix(".npy") for m in members]
            if twice := [n for n in names if names.count(n) > 1]:
                raise DataError(f"{path} holds {twice[0]} twice: save it again with numpy.savez.")
            return Contents({n: _member(path, archive, member, n) for n, member in zip(names, members)})
    except DataError:
        raise
    except DAMAGES:
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

    def read() -> Array:
        try:
            with zipfile.ZipFile(path) as again, again.open(member) as file:
                body = file.read(start + size + 1)[start:]
            return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C")
        except DAMAGES:
            raise DataError(f"{path}: {name} is damaged: save the file again with numpy.savez.") from None

    return StoredArray(name, str(dtype), shape, why_no_weights(dtype), read)


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


def _safetensors(path: Path) -> Contents:
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
    named = {name: about for name, about in header.items() if name != "__metadata__"}
    return Contents({name: _tensor(path, name, about, 8 + length) for name, about in named.items()})


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


_TORCH = dict.fromkeys((".pt", ".pth", ".bin", ".ckpt"), read_torch)
_KERAS = dict.fromkeys((".keras", ".h5", ".hdf5"), read_keras)
_READERS: Mapping[str, Callable[[Path], Contents]] = {
    ".npz": _npz, ".safetensors": _safetensors, ".onnx": read_onnx, **_TORCH, **_KERAS
}  # fmt: skip
_KINDS = ", ".join(list(_READERS)[:-1]) + f" or {list(_READERS)[-1]}"


__all__ = ["WeightFile", "npy_header", "open_weights"]
