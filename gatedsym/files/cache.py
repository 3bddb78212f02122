"""Files that gatedsym made and keeps → what it may believe of them: the one way by which a kept file is read back.

A kept file begins with a line that holds a digest of its key and of all that follows. It is believed if the digest is
right, the file is a plain one, and nobody else could have written it; else it counts as not kept, and is made again.
Against: others on the machine, torn writes, disks that lose bits, files under another's name. Not against the user.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from gatedsym.errors import GatedsymError
from gatedsym.files.write import write_atomically

_DIGITS = 24  # of a hexadecimal hash, in file names: 96 bits
_SCHEMA = b"# gatedsym keeps this: 2 "
_HEAD = len(_SCHEMA) + 64 + 1
_NOTHING_MORE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A link is not followed, and what would wait for a writer does not: neither is a file that was kept."""


class CacheError(GatedsymError):
    """The folder for kept files cannot be trusted, or not be written."""


# Where things are kept


def cache_directory() -> Path:
    """The folder for everything that can be made again: compiled code, modules made from equations, datasets, pictures.

    ``GATEDSYM_CACHE_DIR`` if it is set; else ``gatedsym`` in the platform's place for caches (``XDG_CACHE_HOME`` or
    ``~/.cache``, ``~/Library/Caches``, ``%LOCALAPPDATA%``). If that cannot be written, a temporary folder that ends
    with the process.

    Raises
    ------
    CacheError
        If somebody else owns the folder or may write to it: code is run from there.
    """
    chosen = os.environ.get("GATEDSYM_CACHE_DIR")
    folder = Path(chosen).expanduser().absolute() if chosen else _platform_cache() / "gatedsym"
    if not _writable(folder):
        return _temporary_cache()
    require_trusted(folder)
    return folder


def cache_setting() -> dict[str, str]:
    """The setting by which another process keeps what it makes in the folder of this one."""
    return {"GATEDSYM_CACHE_DIR": str(cache_directory())}


def cache_path(kind: str, name: str, key: str, suffix: str = "") -> Path:
    """Path of what depends on `key`: in the folder of its kind, under a name that a person recognises."""
    return cache_directory() / kind / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:_DIGITS]}{suffix}"


def _platform_cache() -> Path:
    if xdg := os.environ.get("XDG_CACHE_HOME"):
        return Path(xdg)
    home = Path("~").expanduser()
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    return home / ".cache"


@cache
def _writable(directory: Path) -> bool:
    try:
        # Code is run from here, so nobody else may write here.
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
    except OSError:
        return False
    return True


@cache
def _temporary_cache() -> Path:
    _temporary.append(tempfile.TemporaryDirectory(prefix="gatedsym-"))
    return Path(_temporary[0].name)


_temporary: list[tempfile.TemporaryDirectory[str]] = []  # keeps the folder until the process ends


# Whom to trust


def require_trusted(folder: Path) -> None:
    """Raise CacheError if somebody else owns a folder or may write to it."""
    if reason := distrust(folder.stat()):
        mend = "" if reason.startswith("belongs") else f", or mend this one (chmod go-w {folder})"
        raise CacheError(
            f"{folder} {reason}, and code is run from there: set GATEDSYM_CACHE_DIR to a folder of your own{mend}."
        )


def distrust(found: os.stat_result) -> str:
    """Reason why a file or folder may hold what somebody else wrote, or ""."""
    if not hasattr(os, "geteuid"):  # no owners and modes: what stands in a person's profile is the person's
        return ""
    if found.st_uid not in (os.geteuid(), 0):
        return f"belongs to {_user_name(found.st_uid)}"
    if found.st_mode & stat.S_IWOTH:
        return "may be written by everybody"
    if found.st_mode & stat.S_IWGRP and not _is_own_group(found.st_gid):
        return f"may be written by a group of several people ({_group_name(found.st_gid)})"
    return ""


def _is_own_group(group: int) -> bool:
    """Whether a group has the user alone, as where a umask of 002 is the custom."""
    import grp
    import pwd

    try:
        user, entry = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:  # a number without a name
        return group == os.getegid() == os.geteuid()
    mine = entry.gr_name == user.pw_name or group == user.pw_uid
    return mine and group == user.pw_gid and set(entry.gr_mem) <= {user.pw_name}


def _user_name(number: int) -> str:
    import pwd

    with suppress(KeyError):
        return pwd.getpwuid(number).pw_name
    return f"user {number}"


def _group_name(number: int) -> str:
    import grp

    with suppress(KeyError):
        return grp.getgrgid(number).gr_name
    return str(number)


# What is kept


def read_kept(path: Path, key: str) -> bytes | None:
    """Content that `write_kept` wrote under the same key, or None if it is not there or not to be believed.

    Raises
    ------
    CacheError
        If somebody else may write to the folder.
    """
    if not path.parent.is_dir():
        return None
    require_trusted(path.parent)
    whole = _own_bytes(path)
    if whole is None or not whole.startswith(_SCHEMA):
        return None
    content = whole[_HEAD:]
    return content if whole[:_HEAD] == _head(key, content) else None


def write_kept(path: Path, key: str, content: bytes) -> None:
    """Keep `content` for `read_kept`, in a folder that only its owner may write to.

    Raises
    ------
    CacheError
        If somebody else may write to the folder, or it cannot be written.
    """
    write_cached(path, _head(key, content) + content)


def write_cached(path: Path, content: bytes) -> None:
    """Write a file of the cache as it is: one that is for people and never read back."""
    try:
        for folder in [p for p in (*reversed(path.parents),) if not p.exists()]:
            folder.mkdir(mode=0o700, exist_ok=True)  # each of them, whatever the umask allows
        require_trusted(path.parent)
        if _own_bytes(path) != content:
            write_atomically(path, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CacheError(
            f"{path} cannot be written ({reason}): make room, or set GATEDSYM_CACHE_DIR to another folder."
        ) from error


def _own_bytes(path: Path) -> bytes | None:
    """The content of a plain file that nobody else could have written: who may is asked of the file that is open."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _NOTHING_MORE)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or distrust(found):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    except OSError:  # a disk that fails
        return None
    finally:
        os.close(descriptor)


def _head(key: str, content: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in (key.encode(), content):
        digest.update(len(part).to_bytes(8, "little") + part)
    return _SCHEMA + digest.hexdigest().encode() + b"\n"


__all__ = [
    "CacheError",
    "cache_directory",
    "cache_path",
    "cache_setting",
    "distrust",
    "read_kept",
    "require_trusted",
    "write_cached",
    "write_kept",
]
