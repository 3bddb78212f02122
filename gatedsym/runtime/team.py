"""Threads that carry one part of a batch through time together, each with some columns of every product.

Rows of a batch need nothing of each other, so threads usually take rows of their own and never wait. Where weights are
large and rows are few that is slow: every thread reads all weights at each step. The members of a team run the same
kernel on the same rows; each multiplies with its own share of the weights, which stay in its cache, computes what is
elementwise for rows of its own, and waits for the others before and after each product.

A member has an array of eight integers, which kernels hand on as `team`:

    0  how many members there are; with one, nothing waits
    1  its number
    2  the first row of the team, 3  the row after its last
    4  how often it has waited
    5  the address of what all share: how often members have arrived, and, a line of the cache on, whether to give up
"""

from __future__ import annotations

import ctypes
import platform
import sys
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from gatedsym import memory
from gatedsym.runtime.linked import linked

_SIZE, _NUMBER, _FIRST, _LAST, _WAITED, _SHARED = range(6)
_LINE = 64  # bytes of a cache line
_SPINS = 4000  # looks at what is shared, some 50 µs, before the core is offered to others

_YIELD = "gatedsym_yield"
_system = ctypes.windll.kernel32 if sys.platform == "win32" else ctypes.CDLL(None)  # type: ignore[attr-defined,unused-ignore]
_give_way = _system.SwitchToThread if sys.platform == "win32" else _system.sched_yield
llvm.add_symbol(_YIELD, ctypes.cast(_give_way, ctypes.c_void_p).value)


ALONE = np.array([1, 0, 0, 0, 0, 0, 0, 0], np.int64)
"""The member of a team of one."""


class Team:
    """Some members that work on the rows from `first` to before `last`."""

    def __init__(self, size: int, first: int, last: int) -> None:
        self._shared = memory.aligned(2 * _LINE).view(np.int64)
        self._shared.fill(0)
        self.members = []
        for number in range(size):
            member = memory.aligned(_LINE).view(np.int64)
            member[:] = (size, number, first, last, 0, self._shared.ctypes.data, 0, 0)
            self.members.append(member)

    def give_up(self) -> None:
        """Let nobody wait any more: a member has failed, and results are lost."""
        self._shared[_LINE // 8] = 1


def _pause(builder: Any) -> None:
    """Tell the processor that this is a loop that waits."""
    kind, number = ir.FunctionType(ir.VoidType(), []), ir.IntType(32)
    if platform.machine() in ("x86_64", "AMD64"):
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
    elif platform.machine() in ("aarch64", "arm64"):
        hint = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), [number]), "llvm.aarch64.hint"
        )
        builder.call(hint, [ir.Constant(number, 1)])


@intrinsic  # type: ignore[untyped-decorator]
def _meet(typing: Any, shared: Any, target: Any) -> Any:
    """Count one arrival, and wait until there have been `target`."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        i64 = ir.IntType(64)
        count = builder.inttoptr(arguments[0], i64.as_pointer())
        over = builder.gep(count, [ir.Constant(i64, _LINE // 8)])
        builder.atomic_rmw("add", count, ir.Constant(i64, 1), "seq_cst")
        before = builder.basic_block
        look, on, spin, give_way, turn, after = (builder.append_basic_block() for _ in range(6))
        builder.branch(look)
        builder.position_at_end(look)
        spins = builder.phi(i64)
        spins.add_incoming(ir.Constant(i64, 0), before)
        arrived = builder.load_atomic(count, "acquire", 8)
        builder.cbranch(builder.icmp_signed("<", arrived, arguments[1]), on, after)
        builder.position_at_end(on)
        given_up = builder.load_atomic(over, "acquire", 8)
        builder.cbranch(builder.icmp_signed("!=", given_up, ir.Constant(i64, 0)), after, spin)
        builder.position_at_end(spin)
        more = builder.add(spins, ir.Constant(i64, 1))
        builder.cbranch(builder.icmp_signed("<", more, ir.Constant(i64, _SPINS)), turn, give_way)
        builder.position_at_end(give_way)
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, _YIELD), [])
        builder.branch(turn)
        builder.position_at_end(turn)
        _pause(builder)
        spins.add_incoming(more, turn)
        builder.branch(look)
        builder.position_at_end(after)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), codegen


@linked("p", types.int64)
def _wait(team: Any) -> None:
    """Wait until all members of a team have come here."""
    waited = team[_WAITED] + 1
    team[_WAITED] = waited
    _meet(team[_SHARED], waited * team[_SIZE])


def wait(team: Any) -> None:
    """Wait until all members have come here; without a team there is nobody to wait for."""


def share(team: Any, count: int) -> tuple[int, int]:
    """Of `count` panels the first of a member, and the one after its last."""
    return 0, count


def rows(team: Any, b0: int, b1: int) -> tuple[int, int]:
    """The rows that a product covers: those of the team, or b0 to b1."""
    return b0, b1


def _in_team(function: Any) -> Any:
    """Compile what follows in place of `function`, for a team or for None."""
    return overload(function, jit_options={"nogil": True, "error_model": "numpy", "forceinline": True, "_nrt": False})


@_in_team(wait)  # type: ignore[untyped-decorator]
def _wait_in(team: Any) -> Any:
    from gatedsym.runtime.products import address  # which imports this module

    if not isinstance(team, types.Array):
        return lambda team: None

    def in_team(team: Any) -> None:
        if team[_SIZE] > 1:
            _wait((address(team),))

    return in_team


@_in_team(share)  # type: ignore[untyped-decorator]
def _share_in(team: Any, count: Any) -> Any:
    if not isinstance(team, types.Array):
        return lambda team, count: (np.int64(0), np.int64(count))

    def in_team(team: Any, count: Any) -> Any:
        size, number = team[_SIZE], team[_NUMBER]
        if size == 1:
            return np.int64(0), np.int64(count)
        return count * number // size, count * (number + 1) // size

    return in_team


@_in_team(rows)  # type: ignore[untyped-decorator]
def _rows_in(team: Any, b0: Any, b1: Any) -> Any:
    if not isinstance(team, types.Array):
        return lambda team, b0, b1: (b0, b1)

    def in_team(team: Any, b0: Any, b1: Any) -> Any:
        if team[_SIZE] > 1:
            return team[_FIRST], team[_LAST]
        return b0, b1

    return in_team
