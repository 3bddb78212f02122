"""Run a kernel over chunks of the batch on several threads: one pool for the process, which survives forks.

Kernels release the interpreter's lock, so Python threads run them side by side. What is computed for a row does not
depend on its chunk: results are the same for any number of threads.

A call takes its helpers from the pool for itself, so calls from many threads at once, or from within a chunk, cannot
wait for each other. A helper that has done its work looks out for more, for a fraction of a millisecond and without the
lock, before it sleeps; and it goes on when the thread before it has begun its kernel and so let go of the lock. With
locks alone two threads lose 90 µs at each call, to three wakings one after the other.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import is_whole
from gatedsym.runtime.jit.compile import kernel
from gatedsym.runtime.memory import aligned
from gatedsym.runtime.threads.crowding import Crowding, Watch
from gatedsym.runtime.threads.spin import count_up, wait_until

Chunk = tuple[int, int]
Job = Callable[[], object]

_MOST_HELPERS = 256
_LOOKS_FOR_WORK, _LOOKS_FOR_TURN, _LOOKS_FOR_END = 10_000, 2_000, 30_000  # of about 25 ns
_NAP = 2e-4  # seconds between looks for the end of what takes long
WORTH_WAKING = 2e6
"""Multiply-adds of a call from which on further threads pay.

To hand work to another thread and wait for it takes 10 to 40 µs, in which a core does one or a few million of them.
"""

_crowding = Crowding()
_lock = threading.Lock()
_idle: list[_Helper] = []
_helpers = 0


def _forget_threads() -> None:
    """In a forked child: threads do not survive a fork, and a lock may have been held."""
    global _idle, _helpers, _lock, _crowding
    _idle, _helpers, _lock, _crowding = [], 0, threading.Lock(), Crowding()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)


# What a helper and its caller share: how many jobs there have been, where the kernels of this one are counted that have
# begun, and how many of them are waited for; on the next line how many jobs are done; on the third always 0.


@kernel
def _post(shared: Any, address: int, begun: int, before: int) -> None:
    shared[1], shared[2] = begun, before
    count_up(address)


@kernel
def _rest(shared: Any, address: int, jobs: int) -> Any:
    """Say that so many jobs are done, and look out for the next, and for its turn; False if none came for long."""
    if jobs > 0:
        count_up(address + 64)
    never = address + 128
    if not wait_until(address, jobs + 1, never, _LOOKS_FOR_WORK):
        return False
    if shared[1] != 0:
        wait_until(shared[1], shared[2], never, _LOOKS_FOR_TURN)
    return True


@kernel
def _look_for_end(address: int, jobs: int) -> Any:
    return wait_until(address + 64, jobs, address + 128, _LOOKS_FOR_END)


class _Helper:
    """A thread that does one job at a time for whoever has taken it from the pool."""

    def __init__(self) -> None:
        self._shared = aligned(3 * 64).view(np.int64)
        self._shared.fill(0)
        self._address = self._shared.ctypes.data
        self._job: Job | None = None
        self._jobs = 0
        self._gate = threading.Lock()
        self._gate.acquire()
        threading.Thread(target=self._live, name="gatedsym", daemon=True).start()

    def begin(self, job: Job, begun: int, before: int) -> None:
        """Have a job done, when `before` kernels have begun as counted at the address `begun`, if that is soon."""
        self._job = job
        self._jobs += 1
        _post(self._shared, self._address, begun, before)
        self._gate.release()

    def end(self) -> None:
        """Wait until the job is done."""
        while not _look_for_end(self._address, self._jobs):
            time.sleep(_NAP)

    def _live(self) -> None:
        jobs = 0
        while True:
            _rest(self._shared, self._address, jobs)
            self._gate.acquire()
            job, self._job = self._job, None
            if job is not None:
                job()
            del job  # what it refers to is not kept while the helper sleeps
            jobs += 1


def _take(count: int) -> list[_Helper]:
    """So many helpers, or as many as there can be."""
    global _helpers
    with _lock:
        taken = [_idle.pop() for _ in range(min(count, len(_idle)))]
        while len(taken) < count and _helpers < _MOST_HELPERS:
            taken.append(_Helper())
            _helpers += 1
    return taken


def _give_back(helpers: Sequence[_Helper]) -> None:
    with _lock:
        _idle.extend(reversed(helpers))


def usable_cores() -> int:
    """The number of cores that this process may run on."""
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
        if not is_whole(threads) or threads < 1:
            raise ArgumentError(f"threads must be an integer of at least 1, not {threads!r}.")
        return int(threads)
    if work < WORTH_WAKING:
        return 1
    text = os.environ.get("GATEDSYM_THREADS", "")
    if not text:
        return usable_cores()
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentError(f"GATEDSYM_THREADS is {text!r}; set it to a positive integer, or unset it.")
    return int(text)


def threads_for_call(threads: int | None = None, work: float = math.inf) -> int:
    """The number of threads for a call that begins now: `thread_count`, or one while other processes take cores.

    Parameters are those of `thread_count`: a number that is given is taken at its word.
    """
    count = thread_count(threads, work)
    return 1 if threads is None and count > 1 and _crowding.lasts(time.perf_counter()) else count


def run_together(
    jobs: Sequence[Job], begun: int = 0, give_up: Callable[[], None] | None = None, together: bool = False
) -> bool:
    """Do some jobs at once, the first in the calling thread; return when all are done.

    Parameters
    ----------
    jobs : sequence of callable
    begun : int
        The address of a count of the kernels that have begun (see `runtime.team`), or 0.
    give_up : callable, optional
        Called when a job has failed for which others may be waiting.
    together : bool
        Whether jobs wait for each other on the way.

    Returns
    -------
    bool
        False if nothing was done, because there are not as many threads.

    Raises
    ------
    BaseException
        What the first of the jobs that failed raised.
    """
    helpers = _take(len(jobs) - 1)
    if len(helpers) < len(jobs) - 1:
        _give_back(helpers)
        return False
    errors: dict[int, BaseException] = {}
    watch = Watch(len(jobs), together)

    def guarded(number: int) -> Job:
        def job() -> None:
            begin = time.thread_time()
            try:
                jobs[number]()
            except BaseException as error:  # handed to the caller below
                errors[number] = error
                if give_up is not None:
                    give_up()
            watch.finish(number, time.thread_time() - begin)

        return job

    for number, helper in enumerate(helpers, 1):
        helper.begin(guarded(number), begun, number)
    guarded(0)()
    for helper in helpers:
        helper.end()
    _give_back(helpers)
    watch.tell(_crowding)
    if errors:
        raise errors[min(errors)]
    return True


class _Work:
    """The chunks of one call that no thread has taken yet."""

    def __init__(self, function: Callable[[int, int], object], chunks: Sequence[Chunk]) -> None:
        self._function = function
        self._rest: Iterator[Chunk] = iter(chunks)
        self._lock = threading.Lock()
        self._failed = False

    def _take(self) -> Chunk | None:
        with self._lock:
            return None if self._failed else next(self._rest, None)

    def drain(self) -> None:
        """Run chunks until none is left, or one has failed."""
        try:
            while (chunk := self._take()) is not None:
                self._function(*chunk)
        except BaseException:
            self._failed = True
            raise


def run_chunks(
    function: Callable[[int, int], object],
    chunks: Sequence[Chunk],
    threads: int | None = None,
    work: float = math.inf,
) -> None:
    """Call ``function(start, stop)`` for every chunk, on several threads; return when all are done.

    Chunks are started in order; after one has failed no further one is started.

    Parameters
    ----------
    function : callable
        Calls a kernel that writes to the rows from start to stop, and to nothing that another chunk touches.
    chunks : sequence of (start, stop)
    threads, work
        How many at once; see `threads_for_call`.

    Raises
    ------
    BaseException
        What one of the chunks raised.
    """
    count = min(threads_for_call(threads, work), len(chunks))
    rest = _Work(function, chunks)
    while count > 1 and not run_together([rest.drain] * count):
        count //= 2
    rest.drain()
