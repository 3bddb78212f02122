"""Run a kernel over chunks of the batch on several threads: one pool for the process, which survives forks.

Kernels release the interpreter's lock, so Python threads run them side by side. Chunks depend on the batch alone, and
what is computed for a row does not depend on its chunk: results are the same for any number of threads.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from numbers import Integral

from gatedsym.errors import ArgumentError

Chunk = tuple[int, int]

_ROWS = 8  # a chunk is a multiple of the tallest tile
_MOST_WORKERS = 256
WORTH_WAKING = 4e6
"""Multiply-adds of a call from which on further threads pay.

To hand work to a sleeping thread and wait for it takes 15 to 50 µs, in which a core does a few million multiply-adds.
"""

_executor: ThreadPoolExecutor | None = None
_lock = threading.Lock()


def _forget_threads() -> None:
    """In a forked child: threads do not survive a fork, and a lock may have been held."""
    global _executor, _lock
    _executor, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)


def _workers() -> ThreadPoolExecutor:
    global _executor
    with _lock:
        if _executor is None:
            # Threads start when there is work for them, so this many never exist unless they are asked for.
            _executor = ThreadPoolExecutor(_MOST_WORKERS, thread_name_prefix="gatedsym")
        return _executor


def usable_cores() -> int:
    """How many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_count(threads: int | None = None, work: float = math.inf) -> int:
    """The number of threads to use: `threads` if it is given; else as many as there may be, if the work pays for it.

    There may be ``GATEDSYM_THREADS``, or where that is not set as many as there are usable cores. Results are bitwise
    the same for any number.

    Parameters
    ----------
    threads : int, optional
        Taken at its word, however little there is to do.
    work : float
        Multiply-adds of the whole call; fewer than `WORTH_WAKING` are done by the calling thread alone.

    Raises
    ------
    ArgumentError
        If the number is not a positive integer.
    """
    if threads is not None:
        if isinstance(threads, bool) or not isinstance(threads, Integral) or threads < 1:
            raise ArgumentError(f"threads must be an integer of at least 1, not {threads!r}")
        return int(threads)
    if work < WORTH_WAKING:
        return 1
    text = os.environ.get("GATEDSYM_THREADS", "")
    if not text:
        return usable_cores()
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentError(f"GATEDSYM_THREADS is {text!r}; set it to a positive integer, or unset it")
    return int(text)


def batch_chunks(batch: int) -> list[Chunk]:
    """Divide the rows of a batch into chunks, by the size of the batch alone.

    Chunks are small enough that a few cores share a batch of 32, and tall enough, where there are more rows, that
    weights which have come from memory serve several tiles.

    Returns
    -------
    list of (first row, row after the last)
    """
    rows = _ROWS * max(1, min(4, batch // 32), -(-batch // (64 * _ROWS)))
    return [(start, min(start + rows, batch)) for start in range(0, batch, rows)]


class _Work:
    """The chunks of one call that no thread has taken yet, and what went wrong."""

    def __init__(self, function: Callable[[int, int], object], chunks: Sequence[Chunk]) -> None:
        self._function = function
        self._rest: Iterator[tuple[int, Chunk]] = iter(enumerate(chunks))
        self._lock = threading.Lock()
        self.errors: dict[int, BaseException] = {}

    def _take(self) -> tuple[int, Chunk] | None:
        with self._lock:
            return None if self.errors else next(self._rest, None)

    def drain(self) -> None:
        """Run chunks until none is left, or one has failed."""
        while (taken := self._take()) is not None:
            number, chunk = taken
            try:
                self._function(*chunk)
            except BaseException as error:  # handed to the caller by `run_chunks`
                with self._lock:
                    self.errors[number] = error


def run_chunks(
    function: Callable[[int, int], object],
    chunks: Sequence[Chunk],
    threads: int | None = None,
    work: float = math.inf,
) -> None:
    """Call ``function(start, stop)`` for every chunk, on several threads; return when all are done.

    The calling thread works too, so calls from many threads at once, or from within a chunk, cannot wait for each
    other. Chunks are started in order; after one has failed no further one is started.

    Parameters
    ----------
    function : callable
        Calls a kernel that writes to the rows from start to stop, and to nothing that another chunk touches.
    chunks : sequence of (start, stop)
    threads, work
        How many at once; see `thread_count`.

    Raises
    ------
    BaseException
        What the first of the chunks that failed raised.
    """
    helpers = min(thread_count(threads, work), len(chunks)) - 1
    if helpers <= 0:
        for chunk in chunks:
            function(*chunk)
        return
    rest = _Work(function, chunks)
    futures: list[Future[None]] = [_workers().submit(rest.drain) for _ in range(helpers)]
    rest.drain()
    for future in futures:
        if not future.cancel():
            future.result()
    if rest.errors:
        raise rest.errors[min(rest.errors)]
