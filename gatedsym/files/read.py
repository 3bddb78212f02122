"""A file that a person names → its bytes or its text, or a sentence that says why not."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np

from gatedsym.errors import ArgumentError, DataError

MIB = 2**20
MAX_EQUATIONS = MIB
"""Most bytes of a file with equations, and of an alphabet."""
MAX_TEXT = 32 * MIB
"""Most bytes of a text; several times as much memory holds its symbols."""
MAX_TABLE = 64 * MIB
"""Most bytes of a table in text."""
MAX_ARRAYS = 1024 * MIB
"""Most bytes of an array, and of all weights together, as float64."""


def read_bytes(path: str | Path, limit: int, mend: str, missing: str = "give the path of a file.") -> bytes:
    """All of a plain file.

    Parameters
    ----------
    path : path
    limit : int
        Bytes; a longer file is not read.
    mend, missing : str
        How to go on with a longer file, and without one.

    Raises
    ------
    DataError
        If there is no such file, it is a folder, a pipe or a device, is too long, or cannot be read.
    """
    descriptor = open_plain(path, missing)
    with os.fdopen(descriptor, "rb") as file:
        size = os.fstat(descriptor).st_size
        try:
            content = file.read(limit + 1) if size <= limit else b""
        except OSError as error:
            raise DataError(f"{path} cannot be read ({error.strerror}): give a file that can.") from None
    if max(size, len(content)) > limit:
        raise DataError(f"{path} has {size_words(size)}, and at most {size_words(limit)} are read: {mend}")
    return content


def open_plain(path: str | Path, missing: str = "give the path of a file.") -> int:
    """The descriptor of a plain file, open for reading; what would wait for a writer, or never end, is not opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise DataError(f"there is no file {path}: {missing}") from None
    except (OSError, ValueError) as error:  # ValueError: a name with NUL
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path} cannot be read ({reason}): give a file that can.") from None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    what = "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "a device"
    raise DataError(f"{path} cannot be read (it is {what}): give a plain file.")


def decode(path: str | Path, content: bytes, mend: str = "save it as UTF-8.") -> str:
    """Text in UTF-8, with or without the mark that some editors put in front.

    Raises
    ------
    DataError
        If it is something else.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text (byte {error.start}): {mend}") from None


def printable(text: str) -> str:
    """Text that a person or a file gave, fit for a page, a picture's metadata or a terminal.

    What cannot be printed becomes �: codes that colour or clear a terminal, line breaks, marks that turn the direction
    of writing, bytes of a name that are no UTF-8.
    """
    return "".join(c if c.isprintable() else "�" for c in text)


def require_unmasked(what: str, value: object) -> None:
    """Raise ArgumentError for an array some of whose values are masked: the numbers behind the mask would be taken.

    Parameters
    ----------
    what : str
        The argument's name, for the sentence.
    """
    if isinstance(value, np.ma.MaskedArray) and np.ma.getmaskarray(value).any():
        raise ArgumentError(f"{what} has masked values: fill them, or leave those steps out, and pass a plain array.")


def size_words(size: int) -> str:
    """A number of bytes in words."""
    power = min((max(size, 1).bit_length() - 1) // 10, 3)
    return f"{size / 1024**power:.4g} {('bytes', 'KiB', 'MiB', 'GiB')[power]}"


__all__ = [
    "MAX_ARRAYS",
    "MAX_EQUATIONS",
    "MAX_TABLE",
    "MAX_TEXT",
    "decode",
    "open_plain",
    "printable",
    "read_bytes",
    "require_unmasked",
    "size_words",
]
