"""Write files so that an interrupted command leaves the old file or the new one."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
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
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder stands where the file should be", str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:  # it would name the temporary file, of which nobody has heard
        raise OSError(error.errno, f"cannot write here ({error.strerror})", str(path)) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
