"""Memory that calls use again: where sizes have been met before, a call neither allocates arrays nor faults pages."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.runtime import memory
from gatedsym.typing import Array, DType


class Store:
    """The source of a call's arrays: each one is new.

    What is pickled or copied deeply takes its arrays along, so that there it lies in memory of its own.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return (_fresh, ())

    def empty(self, name: str, shape: tuple[int, ...], dtype: DType) -> Array:
        """An array to be written to; what it holds is arbitrary."""
        return memory.empty(shape, dtype)

    def zeros(self, name: str, shape: tuple[int, ...], dtype: DType) -> Array:
        """An array of zeros."""
        return memory.zeros(shape, dtype)

    def is_current(self, turn: int) -> bool:
        """Whether the arrays of a turn still hold what its call left in them."""
        return True

    turn = 0


FRESH = Store()


def _fresh() -> Store:
    return FRESH


_FRESH = {count: nullcontext((FRESH,) * count) for count in (1, 2)}


class BufferPool(Store):
    """Arrays by name, each in a piece of memory that grows when a larger array is asked for."""

    def __init__(self) -> None:
        self._memory: dict[str, Array] = {}
        self._arrays: dict[str, Array] = {}
        self.turn = 0

    def empty(self, name: str, shape: tuple[int, ...], dtype: DType) -> Array:
        array = self._arrays.get(name)
        if array is None or array.shape != shape or array.dtype != dtype:
            array = self._arrays[name] = self._place(name, shape, np.dtype(dtype))
        return array

    def zeros(self, name: str, shape: tuple[int, ...], dtype: DType) -> Array:
        array = self.empty(name, shape, dtype)
        array.fill(0)
        return array

    def is_current(self, turn: int) -> bool:
        return turn == self.turn

    def _place(self, name: str, shape: tuple[int, ...], dtype: DType) -> Array:
        size = math.prod(shape) * dtype.itemsize
        held = self._memory.get(name)
        if held is None or held.size < size:
            held = self._memory[name] = memory.aligned(size)
        return held[:size].view(dtype).reshape(shape)

    @property
    def nbytes(self) -> int:
        """The memory that it holds, in bytes."""
        return sum(held.size for held in self._memory.values())


class Workspace:
    """Memory for the calls of one caller, results included.

    Pass it as ``workspace=`` to `Cell.forward`, `Cell.backward` and `Cell.gradients`. The run that `forward` returns
    holds until the next `forward` with the same workspace, the gradients that `backward` returns until the next
    `backward`; `gradients` uses the memory of both. Copy what must live longer. A run that has been overwritten says so
    when it is used. Cells, sizes and types may change from call to call: the memory grows as needed and never shrinks.

    A workspace serves one call at a time: give each thread its own. A copy or pickle of it is an empty one.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> rnn, again = gs.cell("rnn"), gs.Workspace()
    >>> params, x = rnn.init(m=2, n=3), np.ones((4, 1, 2))
    >>> for _ in range(3):  # the memory of the first call serves the others
    ...     run = rnn.forward(params, x, workspace=again)
    >>> again.nbytes > 0
    True
    """

    def __init__(self) -> None:
        self._pools = {"forward": BufferPool(), "backward": BufferPool()}
        self._busy = threading.Lock()

    def __repr__(self) -> str:
        return f"Workspace({self.nbytes / 2**20:.1f} MiB)"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Workspace, ())  # memory to use again, not what happens to lie in it

    @property
    def nbytes(self) -> int:
        """The memory that it holds, in bytes."""
        return sum(pool.nbytes for pool in self._pools.values())

    @contextmanager
    def claim(self, *purposes: str) -> Iterator[tuple[Store, ...]]:
        """The memory of each purpose, for one call; what the call before left there is lost.

        Raises
        ------
        ArgumentError
            If another call is using the workspace.
        """
        if not self._busy.acquire(blocking=False):
            raise ArgumentError("workspace is in use by another call: give each thread a workspace of its own.")
        try:
            pools = tuple(self._pools[purpose] for purpose in purposes)
            for pool in pools:
                pool.turn += 1
            yield pools
        finally:
            self._busy.release()


def claim(workspace: Workspace | None, *purposes: str) -> AbstractContextManager[tuple[Store, ...]]:
    """The memory of a call: of a workspace, or new."""
    if workspace is None:
        return _FRESH[len(purposes)]
    if not isinstance(workspace, Workspace):
        raise ArgumentError(f"workspace must be a gatedsym.Workspace, not {type(workspace).__name__}.")
    return workspace.claim(*purposes)
