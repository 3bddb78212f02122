"""Compile kernels with Numba, and keep the code in the user's cache directory, under a key of all that it depends on.

Numba's own cache knows the file that a function stands in and no other: it finds stale code after an edit of a module
that the function calls. Here the key is a hash of all that can change the code: the text of the kernel's module, every
source of gatedsym.runtime, the versions of Python, Numba and llvmlite, the processor with its features, and the vector
path. One file holds one compiled signature and is written atomically, so processes that compile at once do not meet.

A kernel's module may import from gatedsym.runtime and from nothing else that ends up in compiled code.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import importlib.util
import inspect
import linecache
import os
import pickle
import platform
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import llvmlite
import numba
from numba.core import caching
from numba.core.compiler import Compiler

from gatedsym.files import write_atomically
from gatedsym.runtime.processor import VECTORS

FASTMATH = frozenset({"contract", "nsz"})
"""What kernels let LLVM assume beyond IEEE arithmetic.

contract: a product and a sum may become one fused multiply-add, which rounds once instead of twice. nsz: the sign of a
zero may be lost, so ``0 + x`` is ``x``. Nothing that hides NaN or infinity (nnan, ninf) and nothing that reorders sums
(reassoc): a result does not depend on how a loop was vectorised.
"""

_DIGITS = 24  # of a hexadecimal hash, in file names: 96 bits


# Where things are kept


def cache_directory() -> Path:
    """The folder for everything that can be made again: compiled code and modules made from equations.

    ``GATEDSYM_CACHE_DIR`` if it is set; else ``gatedsym`` in the platform's place for caches (``XDG_CACHE_HOME`` or
    ``~/.cache``, ``~/Library/Caches``, ``%LOCALAPPDATA%``). If that cannot be written, a temporary folder that ends
    with the process.
    """
    chosen = os.environ.get("GATEDSYM_CACHE_DIR")
    return _writable(Path(chosen).expanduser().absolute() if chosen else _platform_cache() / "gatedsym")


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
def _writable(directory: Path) -> Path:
    try:
        # Code is run from here, so nobody else may write here.
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
    except OSError:
        return _temporary_cache()
    return directory


@cache
def _temporary_cache() -> Path:
    _temporary.append(tempfile.TemporaryDirectory(prefix="gatedsym-"))
    return Path(_temporary[0].name)


_temporary: list[tempfile.TemporaryDirectory[str]] = []  # keeps the folder until the process ends


def _keep(path: Path, content: bytes) -> None:
    """Write a file of the cache, in a folder that only its owner may write to."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(path, content)


# The key


def _hash(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


@cache
def runtime_hash() -> str:
    """A hash of every source of gatedsym.runtime."""
    sources = [f for f in importlib.resources.files("gatedsym.runtime").iterdir() if f.name.endswith(".py")]
    return _hash(*(part for f in sorted(sources, key=lambda f: f.name) for part in (f.name, f.read_bytes())))


runtime_hash()  # now, and not when the first kernel asks: the sources may change while the process runs


@cache
def _environment_hash() -> str:
    """A hash of what all kernels of this process share: the runtime, the compilers, the vector path."""
    config = numba.config
    settings = (config.OPT, config.LOOP_VECTORIZE, config.SLP_VECTORIZE, config.BOUNDSCHECK)
    versions = (numba.__version__, llvmlite.__version__, sys.implementation.cache_tag, platform.machine())
    return _hash(runtime_hash(), repr(versions), repr(VECTORS), repr(settings))


def _module_text(function: Callable[..., Any]) -> str:
    lines = linecache.getlines(inspect.getfile(function), function.__globals__)
    return "".join(lines)


# The cache, as Numba wants it


class _Locator(caching._CacheLocator):  # type: ignore[misc]
    """Tells Numba where a function's compiled code lies."""

    def __init__(self, function: Callable[..., Any], file: str) -> None:
        self._py_file = file
        self._directory = cache_directory() / "kernels"
        code = function.__code__  # beside the text, which may have changed since the module was imported
        self._stamp = _hash(
            _environment_hash(), _module_text(function), function.__qualname__, code.co_code, repr(code.co_names)
        )

    def get_cache_path(self) -> str:
        return str(self._directory)

    def get_source_stamp(self) -> str:
        return self._stamp

    def get_disambiguator(self) -> str:
        return self._stamp[:_DIGITS]

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _Locator:
        return cls(py_func, py_file)


class _Implementation(caching.CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = (_Locator,)

    def __init__(self, function: Callable[..., Any]) -> None:
        self._lineno = function.__code__.co_firstlineno
        self._locator = _Locator.from_function(function, inspect.getfile(function))
        self._filename_base = function.__name__


_symbols: dict[bytes, Callable[[], None]] = {}


def bind_before_loading(symbol: str, bind: Callable[[], None]) -> None:
    """Have `bind` called before compiled code is loaded that holds this symbol."""
    _symbols[symbol.encode()] = bind


class _ContentFiles:
    """One file for each compiled signature, named by a hash of its key; it begins with a hash of what follows.

    Numba's own files share an index, through which two processes that save different signatures at once can take
    each other's code for their own.
    """

    def __init__(self, directory: Path, name: str, stamp: str) -> None:
        self._directory, self._name, self._stamp = directory, name, stamp

    def _path(self, key: object) -> Path:
        return self._directory / f"{self._name}-{_hash(self._stamp, repr(key))[:_DIGITS]}.nbc"

    def load(self, key: object) -> Any:
        """What was saved under `key`, or None if nothing was, or if the file is damaged."""
        try:
            content = self._path(key).read_bytes()
        except OSError:
            return None
        digest, data = content[:32], content[32:]
        if hashlib.sha256(data).digest() != digest:
            return None
        for symbol, bind in _symbols.items():
            if symbol in data:
                bind()
        return pickle.loads(data)

    def save(self, key: object, data: object) -> None:
        pickled = caching.dumps(data)
        _keep(self._path(key), hashlib.sha256(pickled).digest() + pickled)

    def flush(self) -> None:
        for path in sorted(self._directory.glob(f"{self._name}-*.nbc")):
            path.unlink(missing_ok=True)


class ContentCache(caching.FunctionCache):  # type: ignore[misc]
    """Numba's function cache over files that are named by content."""

    _impl_class = _Implementation

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        locator = self._impl.locator
        self._cache_file = _ContentFiles(
            Path(locator.get_cache_path()), self._impl.filename_base, locator.get_source_stamp()
        )


# The decorators

COMMON = {"error_model": "numpy", "_nrt": False}
"""Options of all that is compiled.

Divisions are those of IEEE: Python's exception on a division by zero keeps loops from being vectorised. Nothing counts
references to arrays, which would take most of the time of a small step; so compiled code makes no arrays, and takes
what it needs for itself from an argument (see `runtime.packing.take`).
"""
_CALLED = {**COMMON, "nogil": True, "no_cfunc_wrapper": True}


class DistinctArguments(Compiler):  # type: ignore[misc]
    """Numba's compiler, told that no array argument overlaps another.

    Numba knows the attribute (LLVM's noalias) and has no option for it. Without it a loop over ten arrays begins with
    dozens of comparisons of addresses, and rows of less than about a hundred numbers never reach the vectorised loop.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.state.flags.noalias = True


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a kernel on its first call for each signature, or find it compiled in the cache directory.

    A kernel releases the interpreter's lock, has the options `COMMON` and rounds as `FASTMATH` says. **No array that it
    writes may overlap another argument.**

    Write rows as slices (``f = a[t, b, n:2 * n]``, then ``f[j]``): in ``a[t, b, n + j]`` Python's rule that a negative
    index counts from the end keeps LLVM from seeing neighbours.
    """
    compiled = numba.njit(
        function,
        fastmath=set(FASTMATH),
        pipeline_class=DistinctArguments,
        **_CALLED,
    )
    compiled._cache = ContentCache(function)
    return compiled


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a scalar function that LLVM inlines into every kernel that calls it.

    It rounds exactly as it is written, whatever the kernel allows: where a product and a sum are fused, it says so.
    """
    return numba.njit(function, forceinline=True, **_CALLED)


def routine(function: Callable[..., Any]) -> Any:
    """Compile a function that kernels call; it is cached with the kernels that call it."""
    return numba.njit(function, **_CALLED)


def merged(function: Callable[..., Any]) -> Any:
    """Compile a function as part of each function that calls it: Numba copies its statements there."""
    return numba.njit(function, inline="always", **_CALLED)


# Modules made from text

_modules: dict[str, ModuleType] = {}
_modules_lock = threading.RLock()


def load_module(source: str, name: str) -> ModuleType:
    """Import a module that gatedsym generated, from a file in the cache directory that is named by its content.

    Parameters
    ----------
    source : str
        The text of the module, as `gatedsym.codegen` emits it. It is run: never pass text that a person typed.
    name : str
        Of the file, an identifier; tracebacks show it.

    Returns
    -------
    module
        The same object for the same text and name.

    Raises
    ------
    ValueError
        If `name` is not an identifier.
    """
    if not name.isidentifier():
        raise ValueError(f"a module's name must be an identifier, not {name!r}")
    content = _hash(name, source)[:_DIGITS]
    with _modules_lock:
        if content not in _modules:
            _modules[content] = _import_text(source, name, content)
        return _modules[content]


def _import_text(source: str, name: str, content: str) -> ModuleType:
    path = cache_directory() / "modules" / content / f"{name}.py"
    data = source.encode()
    if not path.is_file() or path.read_bytes() != data:
        _keep(path, data)
    qualified = f"gatedsym_module_{name}_{content}"
    spec = importlib.util.spec_from_file_location(qualified, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot import {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[qualified] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[qualified]
        raise
    return module
