"""Routines of which a process holds one copy for each type of number, and which kernels call by name.

What a kernel calls as a Numba function becomes part of it, and LLVM works on that code again for every kernel and every
function in between. The register tiles are most of the code and the same for all kernels; here they are compiled once,
kept in the cache of compiled code, and bound to a symbol. A kernel holds the symbol alone, which is bound before the
kernel is compiled, or loaded from the cache (`compile.bind_before_loading`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.ccallback import CFunc
from numba.extending import intrinsic

from gatedsym.runtime.compile import ContentCache, DistinctArguments, bind_before_loading

_lock = threading.RLock()


class Linked:
    """A routine that takes addresses of numbers, all of one type, and sizes, and returns nothing.

    Parameters
    ----------
    function : callable
        What Numba compiles.
    arguments : str
        A letter for each argument: ``p`` an address of numbers, ``n`` a size.
    scalars : tuple of types
        What numbers may be.
    """

    def __init__(self, function: Callable[..., None], arguments: str, scalars: tuple[Any, ...]) -> None:
        self._function, self._arguments = function, arguments
        self._compiled: dict[str, Any] = {}
        for scalar in scalars:
            bind_before_loading(self._symbol(scalar), partial(self.bind, scalar))

    def bind(self, scalar: Any) -> None:
        """Make the symbol for numbers of this type known to LLVM; compile the routine if need be."""
        with _lock:
            if str(scalar) not in self._compiled:
                given = tuple(types.CPointer(scalar) if letter == "p" else types.intp for letter in self._arguments)
                options = {"error_model": "numpy", "nopython": True, "_nrt": False}
                compiled: Any = CFunc(self._function, (given, types.void), {}, options, DistinctArguments)
                compiled._cache = ContentCache(self._function)
                compiled.compile()
                llvm.add_symbol(self._symbol(scalar), compiled.address)
                self._compiled[str(scalar)] = compiled

    def _symbol(self, scalar: Any) -> str:
        return f"gatedsym_{self._function.__name__}_{scalar}"

    def call(self, scalar: Any, builder: Any, arguments: list[Any]) -> None:
        """Emit a call."""
        kind = ir.FunctionType(ir.VoidType(), [a.type for a in arguments])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, self._symbol(scalar)), arguments)


def linked(arguments: str, *scalars: Any) -> Callable[[Callable[..., None]], Any]:
    """Compile a function once for each type of number; what is returned is called from compiled code.

    Parameters
    ----------
    arguments : str
        A letter for each argument: ``p`` an address of numbers, the first of all, ``n`` a size.
    *scalars : types
        What numbers may be: float32 and float64 by default.
    """

    def decorate(function: Callable[..., None]) -> Any:
        routine = Linked(function, arguments, scalars or (types.float32, types.float64))

        @intrinsic  # type: ignore[untyped-decorator]
        def call(typing: Any, given: Any) -> Any:
            scalar = given.types[0].dtype
            routine.bind(scalar)
            wanted = [types.CPointer(scalar) if letter == "p" else types.intp for letter in arguments]

            def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
                parts = cgutils.unpack_tuple(builder, values[0])
                cast = [context.cast(builder, v, t, w) for v, t, w in zip(parts, given.types, wanted, strict=True)]
                routine.call(scalar, builder, cast)
                return context.get_dummy_value()

            return types.void(given), codegen

        return call

    return decorate
