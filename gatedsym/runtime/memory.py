"""Arrays whose memory is used again: a new page of memory costs more than what most kernels do with it.

A large array that is no longer needed leaves its memory here, up to a limit; the next of about its size takes it. The
system would take the memory back and hand out pages that it has to clear and map one by one, a microsecond or two for
each 4 KiB.
"""

from __future__ import annotations

import ctypes
import math
import os
import threading
import weakref
from typing import Any

import numpy as np

from gatedsym.typing import Array

_SMALLEST = 1 << 15  # bytes: what is smaller the allocator has at hand
_FEW = _SMALLEST // 8  # so few numbers of any type that kernels take are smaller: told without asking for the type
_MOST = 128 << 20  # bytes that may lie unused
_MOST_SCRATCH = 32 << 20  # bytes that a thread keeps for the kernels it runs
_MOST_VIEWS = 64
_LINE = 64  # bytes of a cache line: no vector of an array that begins on one straddles two

_unused: dict[int, list[Any]] = {}
_lent: dict[int, _Lease] = {}
_held = 0
# Reentrant: an array may come to its end while this thread takes another.
_lock = threading.RLock()


def _after_fork() -> None:
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class _Lease(weakref.ref[Array]):
    """An array and the block it lies in; views of the array hold on to it, for a block is no array."""

    __slots__ = ("block",)
    block: Any


def _give_back(lease: _Lease) -> None:
    """The array of a lease is gone, and the last view of it: its block may serve again."""
    global _held
    block = _lent.pop(id(lease)).block
    size = len(block)
    with _lock:
        # Sizes stand in the order in which they came back: those that nobody asks for any more go first.
        blocks = _unused.pop(size, [])
        blocks.append(block)
        _unused[size] = blocks
        _held += size
        while _held > _MOST:
            oldest = next(iter(_unused))
            _unused[oldest].pop()
            _held -= oldest
            if not _unused[oldest]:
                del _unused[oldest]


def _take(size: int) -> Any:
    """A block of at least `size` bytes, an eighth more at most: so blocks of about the same size are the same."""
    global _held
    unit = 1 << max(0, size.bit_length() - 4)
    rounded = -(-size // unit) * unit
    with _lock:
        blocks = _unused.get(rounded)
        if blocks:
            _held -= rounded
            block = blocks.pop()
            if not blocks:
                del _unused[rounded]
            return block
    return (ctypes.c_char * rounded).from_buffer(aligned(rounded).data)


def aligned(size: int) -> Array:
    """New memory of so many bytes that begins on a line of the cache."""
    whole = np.empty(size + _LINE, np.uint8)
    start = -whole.ctypes.data % _LINE
    return whole[start : start + size]


class _Scratch(threading.local):
    """Memory that a thread lends to the kernel that it runs, again and again."""

    def __init__(self) -> None:
        self.block = aligned(_SMALLEST)
        self.views: dict[tuple[int, Any], Array] = {}


_scratch = _Scratch()


def thread_scratch(size: int, dtype: Any) -> Array:
    """So many numbers that begin on a line of the cache, not set, for what this thread does next with one kernel."""
    view = _scratch.views.get((size, dtype))
    if view is None:
        kind = np.dtype(dtype)
        needed = size * kind.itemsize
        if needed > _MOST_SCRATCH:
            return aligned(needed).view(kind)
        if needed > _scratch.block.size or len(_scratch.views) > _MOST_VIEWS:
            _scratch.block, _scratch.views = aligned(max(needed, _scratch.block.size)), {}
        view = _scratch.views[size, dtype] = _scratch.block[:needed].view(kind)
    return view


def empty(shape: tuple[int, ...], dtype: Any) -> Array:
    """An array to be written to; what it holds is arbitrary."""
    count = math.prod(shape)
    if count <= _FEW:
        return np.empty(shape, dtype)
    kind = np.dtype(dtype)
    size = count * kind.itemsize
    if size < _SMALLEST or size > _MOST or kind.hasobject:
        return np.empty(shape, kind)
    block = _take(size)
    array: Array = np.ndarray(shape, kind, block)
    lease = _Lease(array, _give_back)
    lease.block = block
    _lent[id(lease)] = lease
    return array


def zeros(shape: tuple[int, ...], dtype: Any) -> Array:
    """An array of zeros."""
    count = math.prod(shape)
    if count <= _FEW:
        return np.zeros(shape, dtype)
    kind = np.dtype(dtype)
    size = count * kind.itemsize
    if size < _SMALLEST or size > _MOST or kind.hasobject:
        return np.zeros(shape, kind)
    array = empty(shape, kind)
    array.fill(0)
    return array
