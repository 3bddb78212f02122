"""Waiting for a number that another thread counts up: a look at a time, without the interpreter's lock.

To wake a thread that sleeps takes tens of microseconds, as long as a small kernel takes. So who waits for what comes
soon looks again and again; after a while it offers its core to others between looks.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_EAGER = 2000  # looks, some 50 µs, before the core is offered to others
_YIELD = "gatedsym_yield"
_system: Any = ctypes.windll.kernel32 if sys.platform == "win32" else ctypes.CDLL(None)  # type: ignore[attr-defined,unused-ignore]
_give_way = _system.SwitchToThread if sys.platform == "win32" else _system.sched_yield
llvm.add_symbol(_YIELD, ctypes.cast(_give_way, ctypes.c_void_p).value)

FOREVER = 1 << 62


def _pointer(builder: Any, address: Any) -> Any:
    return builder.inttoptr(address, ir.IntType(64).as_pointer())


def _pause(builder: Any) -> None:
    """Tell the processor that this is a loop that waits."""
    kind, number = ir.FunctionType(ir.VoidType(), []), ir.IntType(32)
    if platform.machine() in ("x86_64", "AMD64"):
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
    elif platform.machine() in ("aarch64", "arm64"):
        kind = ir.FunctionType(ir.VoidType(), [number])
        hint = cgutils.get_or_insert_function(builder.module, kind, "llvm.aarch64.hint")
        builder.call(hint, [ir.Constant(number, 1)])


@intrinsic  # type: ignore[untyped-decorator]
def integer_at(typing: Any, address: Any) -> Any:
    """The integer at an address."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_pointer(builder, arguments[0]))

    return types.int64(types.int64), codegen


@intrinsic  # type: ignore[untyped-decorator]
def set_integer_at(typing: Any, address: Any, value: Any) -> Any:
    """Set the integer at an address."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[1], _pointer(builder, arguments[0]))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), codegen


@intrinsic  # type: ignore[untyped-decorator]
def count_up(typing: Any, address: Any) -> Any:
    """Add 1 to the integer at an address; what was written before is seen by who sees the sum."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.atomic_rmw("add", _pointer(builder, arguments[0]), ir.Constant(ir.IntType(64), 1), "seq_cst")
        return context.get_dummy_value()

    return types.void(types.int64), codegen


@intrinsic  # type: ignore[untyped-decorator]
def wait_until(typing: Any, address: Any, target: Any, over: Any, looks: Any) -> Any:
    """Look until the integer at an address is at least `target`; whether it is.

    Given up after so many looks, or when the integer at the address `over` is not 0.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        i64 = ir.IntType(64)
        count, target_, over_, looks_ = arguments
        count, over_ = _pointer(builder, count), _pointer(builder, over_)
        before = builder.basic_block
        look, on, again, give_way, turn, after = (builder.append_basic_block() for _ in range(6))
        builder.branch(look)
        builder.position_at_end(look)
        done = builder.phi(i64)
        done.add_incoming(ir.Constant(i64, 0), before)
        there = builder.icmp_signed(">=", builder.load_atomic(count, "acquire", 8), target_)
        builder.cbranch(there, after, on)
        builder.position_at_end(on)
        more = builder.add(done, ir.Constant(i64, 1))
        given_up = builder.icmp_signed("!=", builder.load_atomic(over_, "acquire", 8), ir.Constant(i64, 0))
        builder.cbranch(builder.or_(given_up, builder.icmp_signed(">=", more, looks_)), after, again)
        builder.position_at_end(again)
        _pause(builder)
        builder.cbranch(builder.icmp_signed("<", more, ir.Constant(i64, _EAGER)), turn, give_way)
        builder.position_at_end(give_way)
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, _YIELD), [])
        builder.branch(turn)
        builder.position_at_end(turn)
        done.add_incoming(more, turn)
        builder.branch(look)
        builder.position_at_end(after)
        reached = builder.phi(ir.IntType(1))
        reached.add_incoming(ir.Constant(ir.IntType(1), 1), look)
        reached.add_incoming(ir.Constant(ir.IntType(1), 0), on)
        return reached

    return types.boolean(types.int64, types.int64, types.int64, types.int64), codegen
