"""Routines of which a process holds one copy for each type of number, and which kernels call by name.

What a kernel calls as a Numba function becomes part of it, and LLVM works on that code again for every kernel and every
function in between. The products are most of the code and the same for all kernels; here they are compiled once, kept
in the cache of compiled code, and bound to a symbol. A kernel holds the symbol alone, which is bound before the kernel
is compiled, or loaded from the cache (`compile.bind_before_loading`).
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

from gatedsym.runtime.jit.compile import COMMON, ContentCache, DistinctArguments, bind_before_loading

_lock = threading.RLock()


class Linked:
    """A routine that takes addresses of numbers, all of one type, and integers, and gives an integer.

    Parameters
    ----------
    function : callable
        What Numba compiles.
    arguments : str
        A character for each argument, as `linked` says.
    """

    def __init__(self, function: Callable[..., int], arguments: str) -> None:
        self._function, self._arguments = function, arguments
        self._compiled: dict[str, Any] = {}
        for scalar in (types.float32, types.float64):
            bind_before_loading(self._symbol(scalar), partial(self.bind, scalar))

    def bind(self, scalar: Any) -> None:
        """Make the symbol for numbers of this type known to LLVM; compile the routine if need be."""
        with _lock:
            if str(scalar) not in self._compiled:
                given = [kind for letter in self._arguments for kind in _kinds(letter, scalar)]
                options = {**COMMON, "nopython": True, "forceinline": True}
                compiled: Any = CFunc(self._function, (tuple(given), types.intp), {}, options, DistinctArguments)
                compiled._cache = ContentCache(self._function)
                compiled.compile()
                llvm.add_symbol(self._symbol(scalar), compiled.address)
                self._compiled[str(scalar)] = compiled

    def _symbol(self, scalar: Any) -> str:
        return f"gatedsym_{self._function.__name__}_{scalar}"

    def call(self, scalar: Any, builder: Any, arguments: list[Any]) -> Any:
        """Emit a call."""
        kind = ir.FunctionType(ir.IntType(64), [a.type for a in arguments])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, self._symbol(scalar)), arguments)


def _kinds(letter: str, scalar: Any) -> list[Any]:
    """The types that one argument becomes."""
    if letter == "p":
        return [types.CPointer(scalar)]
    return [types.CPointer(scalar), *[types.intp] * (2 * int(letter))] if letter.isdigit() else [types.intp]


def linked(arguments: str) -> Callable[[Callable[..., int]], Any]:
    """Compile a function once for each type of number; what is returned is called from compiled code, with a tuple.

    Parameters
    ----------
    arguments : str
        A character for each argument, the first of which has the type of all numbers:

        ``p``
            an address of numbers;
        ``n``
            an integer;
        ``t``
            an array of integers, or None: becomes its address, or 0;
        a digit
            an array of so many axes: becomes its address, its lengths, and the distances of its entries along each
            axis, counted in numbers. An array of fewer axes is given further ones in front, of length 1 and distance 0.
    """

    def decorate(function: Callable[..., int]) -> Any:
        routine = Linked(function, arguments)

        @intrinsic  # type: ignore[untyped-decorator]
        def call(typing: Any, given: Any) -> Any:
            scalar = given.types[0].dtype
            routine.bind(scalar)

            def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
                parts = cgutils.unpack_tuple(builder, values[0])
                flat = [
                    value
                    for letter, kind, part in zip(arguments, given.types, parts, strict=True)
                    for value in _flattened(context, builder, letter, kind, part)
                ]
                return routine.call(scalar, builder, flat)

            return types.intp(given), codegen

        return call

    return decorate


def _flattened(context: Any, builder: Any, letter: str, kind: Any, value: Any) -> list[Any]:
    """The numbers that a routine takes of one argument."""
    if letter == "p":
        return [value]
    if letter == "n":
        return [context.cast(builder, value, kind, types.intp)]
    integer = ir.IntType(64)
    if letter == "t" and not isinstance(kind, types.Array):
        return [ir.Constant(integer, 0)]
    array = context.make_array(kind)(context, builder, value)
    if letter == "t":
        return [builder.ptrtoint(array.data, integer)]
    size: int = context.get_abi_sizeof(context.get_data_type(kind.dtype))  # a power of two
    shift = ir.Constant(integer, size.bit_length() - 1)
    more = int(letter) - kind.ndim
    lengths = [ir.Constant(integer, 1)] * more + cgutils.unpack_tuple(builder, array.shape)
    distances = [builder.ashr(s, shift) for s in cgutils.unpack_tuple(builder, array.strides)]
    return [array.data, *lengths, *[ir.Constant(integer, 0)] * more, *distances]
