"""Facts and arrays ↔ the bytes of an .npz file with a schema and a digest, checked when it is read."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gatedsym.errors import DataError
from gatedsym.files.read import MAX_ARRAYS, read_bytes
from gatedsym.typing import Array

_HEADER = "header"


def pack(schema: str, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """The bytes of a file.

    Parameters
    ----------
    schema : str
        What it holds and in which version, ``gatedsym network 1``.
    facts : mapping
        What JSON can say.
    arrays : mapping of str to array
    """
    digest = arrays_digest(facts, arrays)
    header = json.dumps({"schema": schema, "digest": digest, "facts": facts}, sort_keys=True).encode()
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **{_HEADER: np.frombuffer(header, np.uint8)}, **_stored(arrays))
    return file.getvalue()


def unpack(path: Path, schema: str) -> tuple[dict[str, Any], dict[str, Array]]:
    """Facts and arrays of a file.

    Raises
    ------
    DataError
        If there is no such file, or it is damaged, of another kind or another version.
    """
    content = read_bytes(path, MAX_ARRAYS, "give a smaller one.")
    kind = schema.rpartition(" ")[0]
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(bytes(arrays.pop(_HEADER)))
        found, digest, facts = header["schema"], header["digest"], header["facts"]
    except (ValueError, KeyError, OSError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is no {kind} file, or is damaged: write it anew.") from error
    if found != schema:
        raise DataError(f"{path} is a {found!r} file, and {schema!r} is read: write it anew with this version.")
    arrays = {name.replace("|", "/"): array for name, array in arrays.items()}
    if digest != arrays_digest(facts, arrays):
        raise DataError(f"{path} is damaged: its content is not that of its digest; write it anew.")
    return facts, arrays


def arrays_digest(facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> str:
    """SHA-256 of facts, and of names, types, shapes and all bits of arrays."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        digest.update(repr((name, array.dtype.str, array.shape)).encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _stored(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name.replace("/", "|"): array for name, array in arrays.items()}  # "/" would be a folder


__all__ = ["arrays_digest", "pack", "unpack"]
