"""Write files so that an interrupted command leaves the old file or the new one."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def text_hash(text: str) -> str:
    """The hash by which a generated module names the equations it comes from: 64 bits, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_atomically(path: Path, content: str | bytes) -> None:
    """Replace a file's content at once; folders are made as needed.

    Raises
    ------
    OSError
        Naming `path`, if it cannot be written.
    """
    write_together({path: content})


def write_together(content: Mapping[Path, str | bytes]) -> None:
    """Replace the content of several files, each at once, and none before all of it is on the disk.

    A disk that fills up, or an interruption while files are prepared, leaves everything as it was.

    Raises
    ------
    OSError
        Naming the path that cannot be written.
    """
    staged: dict[Path, str] = {}
    folders: list[Path] = []
    try:
        for path, whole in content.items():
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "a folder stands where the file should be", str(path))
            folders += _missing_folders(path.parent)
            _stage(path, whole.encode("utf-8") if isinstance(whole, str) else whole, staged)
        for path in content:
            os.replace(staged[path], path)
            del staged[path]
    except BaseException:
        for temporary in staged.values():
            os.unlink(temporary)
        for folder in reversed(folders):
            with suppress(OSError):  # it is not empty, and stays
                folder.rmdir()
        raise


def _missing_folders(folder: Path) -> list[Path]:
    """Those of a folder and its parents that are not there, outermost first."""
    return [p for p in reversed((folder, *folder.parents)) if not p.exists()]


def _stage(path: Path, data: bytes, staged: dict[Path, str]) -> None:
    """Write a temporary file beside `path`, on the same disk; `staged` knows of it from its first byte on."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, staged[path] = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(staged[path], 0o644)
    except OSError as error:  # it would name the temporary file, of which nobody has heard
        raise OSError(error.errno, error.strerror, str(path)) from error
