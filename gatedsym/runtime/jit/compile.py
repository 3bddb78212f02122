"""Compile kernels with Numba, and keep the code in the user's cache directory, under a key of all that it depends on.

Numba's own cache knows the file that a function stands in and no other: it finds stale code after an edit of a module
that the function calls. Here the key is a hash of all that can change the code: the text of the kernel's module, the
fingerprint of gatedsym.runtime (its sources, the versions of Python, Numba and llvmlite), the processor with its
features, and the vector path. One file holds one compiled signature and is written atomically, so processes that
compile at once do not meet. What is read back goes through `gatedsym.files.cache`, which believes no file that others
could have written or that is not whole.

A kernel's module may import from gatedsym.runtime and from nothing else that ends up in compiled code.
"""

from __future__ import annotations

import hashlib
import importlib.abc
import importlib.util
import inspect
import linecache
import marshal
import pickle
import platform
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numba
from numba.core import caching
from numba.core.compiler import Compiler

from gatedsym.files.cache import cache_directory as cache_directory
from gatedsym.files.cache import cache_path, read_kept, write_cached, write_kept
from gatedsym.files.fingerprint import fingerprint
from gatedsym.runtime.jit.processor import VECTORS

FASTMATH = frozenset({"contract", "nsz"})
"""What kernels let LLVM assume beyond IEEE arithmetic.

contract: a product and a sum may become one fused multiply-add, which rounds once instead of twice. nsz: the sign of a
zero may be lost, so ``0 + x`` is ``x``. Nothing that hides NaN or infinity (nnan, ninf) and nothing that reorders sums
(reassoc): a result does not depend on how a loop was vectorised.
"""

_DIGITS = 24  # of a hexadecimal hash, in file names: 96 bits


# The key


def _hash(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def runtime_hash() -> str:
    """The fingerprint of what kernels call: compiled code comes from gatedsym.runtime and from nowhere else."""
    return fingerprint("gatedsym.runtime", inside="gatedsym.runtime")


# Now, and not when the first kernel asks: all fingerprints of a process are of the sources as they are at this moment,
# and these may change while it runs.
runtime_hash()


@cache
def _environment_hash() -> str:
    """A hash of what all kernels of this process share: the runtime and the compilers, the machine, the vector path."""
    config = numba.config
    settings = (config.OPT, config.LOOP_VECTORIZE, config.SLP_VECTORIZE, config.BOUNDSCHECK)
    return _hash(runtime_hash(), platform.machine(), repr(VECTORS), repr(settings))


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
    """One kept file for each compiled signature, named by a hash of its key.

    Numba's own files share an index, through which two processes that save different signatures at once can take
    each other's code for their own.
    """

    def __init__(self, directory: Path, name: str, stamp: str) -> None:
        self._directory, self._name, self._stamp = directory, name, stamp

    def _place(self, key: object) -> tuple[Path, str]:
        whole = repr((self._stamp, key))
        return cache_path("kernels", self._name, whole, ".nbc"), whole

    def load(self, key: object) -> Any:
        """The code saved under `key`, or None if there is none, or if the file is damaged or not our own."""
        data = read_kept(*self._place(key))
        if data is None:
            return None
        for symbol, bind in _symbols.items():
            if symbol in data:
                bind()
        return pickle.loads(data)

    def save(self, key: object, data: object) -> None:
        write_kept(*self._place(key), caching.dumps(data))

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
        raise ValueError(f"a module's name must be an identifier, not {name!r}.")
    content = _hash(name, source)[:_DIGITS]
    with _modules_lock:
        if content not in _modules:
            _modules[content] = _import_text(source, name, content)
        return _modules[content]


def _import_text(source: str, name: str, content: str) -> ModuleType:
    path = cache_directory() / "modules" / content / f"{name}.py"
    write_cached(path, source.encode())  # for whoever reads it, or steps through it: what runs is `source`
    # Tracebacks, and keys of compiled code, show the text that runs, whatever becomes of the file.
    linecache.cache[str(path)] = (len(source), None, source.splitlines(keepends=True), str(path))
    qualified = f"gatedsym_module_{name}_{content}"
    spec = importlib.util.spec_from_loader(qualified, _TextLoader(source, path), origin=str(path))
    if spec is None:
        raise ImportError(f"cannot import {path}.")
    spec.has_location = True
    module = importlib.util.module_from_spec(spec)
    sys.modules[qualified] = module
    try:
        _TextLoader(source, path).exec_module(module)
    except BaseException:
        del sys.modules[qualified]
        raise
    return module


class _TextLoader(importlib.abc.InspectLoader):
    """Imports a module from its text, and from code that is kept with a digest, which Python's own is not."""

    def __init__(self, source: str, path: Path) -> None:
        self._source, self._path = source, path

    def get_source(self, fullname: str) -> str:
        return self._source

    def get_code(self, fullname: str) -> CodeType:
        place = self._path.with_suffix(".code")
        key = _hash(importlib.util.MAGIC_NUMBER, str(self._path), self._source)
        if (kept := read_kept(place, key)) is not None:
            code: CodeType = marshal.loads(kept)
            return code
        code = compile(self._source, str(self._path), "exec", dont_inherit=True)
        write_kept(place, key, marshal.dumps(code))
        return code
