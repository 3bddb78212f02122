"""Run a kernel over chunks of the batch on several threads: one pool for the process, which survives forks.

Kernels release the interpreter's lock, so Python threads run them side by side. What is computed for a row does not
depend on its chunk: results are the same for any number of threads.
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

_MOST_WORKERS = 256
WORTH_WAKING = 4e6
"""Multiply-adds of a call from which on further threads pay.

To hand work to a sleeping thread and wait for it takes 15 to 50 µs, in which a core does a few million multiply-adds.
"""

_executor: ThreadPoolExecutor | None = None
_team_executor: ThreadPoolExecutor | None = None
_team_helpers = 0  # that are, or will be, at work
_lock = threading.Lock()


def _forget_threads() -> None:
    """In a forked child: threads do not survive a fork, and a lock may have been held."""
    global _executor, _team_executor, _team_helpers, _lock
    _executor, _team_executor, _team_helpers, _lock = None, None, 0, threading.Lock()


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


def run_team(function: Callable[[int], object], size: int, give_up: Callable[[], None]) -> bool:
    """Call ``function(number)`` for every number below `size`, all at once, since the calls wait for each other.

    Parameters
    ----------
    function : callable
        The calling thread takes number 0.
    size : int
        At least 2.
    give_up : callable
        Called when one has failed, so that the others stop waiting for it.

    Returns
    -------
    bool
        False if nothing was called, because there are not as many threads.

    Raises
    ------
    BaseException
        What the first that failed raised.
    """
    helpers = size - 1
    if not _reserve(helpers):
        return False
    errors: dict[int, BaseException] = {}

    def member(number: int) -> None:
        try:
            function(number)
        except BaseException as error:  # handed to the caller below
            errors[number] = error
            give_up()

    futures: list[Future[None]] = []
    try:
        for number in range(1, size):
            futures.append(_team_workers().submit(member, number))
        member(0)
    except BaseException:
        give_up()
        raise
    finally:
        for future in futures:
            future.result()
        _reserve(-helpers)
    if errors:
        raise errors[min(errors)]
    return True


def _reserve(helpers: int) -> bool:
    """Take so many threads of those that teams may have at once: then each helper has one, and none waits for it."""
    global _team_helpers
    with _lock:
        if _team_helpers + helpers > _MOST_WORKERS:
            return False
        _team_helpers += helpers
        return True


def _team_workers() -> ThreadPoolExecutor:
    global _team_executor
    with _lock:
        if _team_executor is None:
            _team_executor = ThreadPoolExecutor(_MOST_WORKERS, thread_name_prefix="gatedsym-team")
        return _team_executor
