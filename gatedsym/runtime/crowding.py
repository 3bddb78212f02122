"""Whether other processes take the cores: threads that are kept from running make the others wait.

Where a core is shared with another process a thread runs half of the time, and everybody waits for it: a division among
threads then costs more than it gains, many times more where the threads wait for each other at every step. So each call
notes for how long one of its threads was kept from running, and after such a call one thread does the work alone for a
while. Then threads are tried again: what the trial can lose is small against the while.
"""

from __future__ import annotations

import time

_LEAST = 3e-4  # seconds that a thread is kept for, and not only woken
_SHARE = 0.2  # of a call
_WHILE = 16  # times the time that was lost


class Crowding:
    """What calls have met lately; times in seconds of one clock."""

    def __init__(self) -> None:
        self._until = float("-inf")

    def note(self, kept: float, call: float, now: float) -> None:
        """Note that a call took so long, and that one of its threads was kept from running for so long of it."""
        if kept > _LEAST and kept > _SHARE * call:
            self._until = max(self._until, now + _WHILE * kept)

    def lasts(self, now: float) -> bool:
        """Whether one thread had better do the work alone."""
        return now < self._until


class Watch:
    """How long the threads of a call are kept from running, from now on."""

    def __init__(self, threads: int) -> None:
        self._begin = time.perf_counter()
        self._kept = [0.0] * threads

    def finish(self, number: int, busy: float) -> None:
        """Note that a thread has done its part, in which it computed for so long."""
        self._kept[number] = time.perf_counter() - self._begin - busy

    def tell(self, crowding: Crowding) -> None:
        """Note what came of the call."""
        now = time.perf_counter()
        crowding.note(max(self._kept), now - self._begin, now)
