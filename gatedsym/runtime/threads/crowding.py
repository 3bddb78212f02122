"""Whether other processes take the cores, so that a division among threads costs more than it gains.

Where a core is shared with another process a thread runs half of the time, and everybody waits for it: at the end where
threads have rows of their own, at every step where they multiply together, which then takes many times as long. So each
call notes what it lost, and after one that lost much one thread does the work alone for a while. Then threads are tried
again: what the trial can lose is small against the while.
"""

from __future__ import annotations

import time

_LEAST = 3e-4  # seconds: more than it takes to wake a thread
_SHARE = 0.1  # of a call
_WHILE = 16  # times the time that was lost


class Crowding:
    """The time that calls have lost lately, in seconds of one clock."""

    def __init__(self) -> None:
        self._until = float("-inf")

    def note(self, lost: float, call: float, now: float) -> None:
        """Note that a call took so long, so much of it in vain."""
        if lost > _LEAST and lost > _SHARE * call:
            self._until = max(self._until, now + _WHILE * lost)

    def lasts(self, now: float) -> bool:
        """Whether one thread had better do the work alone."""
        return now < self._until


class Watch:
    """The time that the threads of a call compute, and the time that passes meanwhile, from now on.

    Parameters
    ----------
    threads : int
    together : bool
        Whether they wait for each other on the way.
    """

    def __init__(self, threads: int, together: bool) -> None:
        self._begin, self._together = time.perf_counter(), together
        self._taken, self._busy = [0.0] * threads, [0.0] * threads

    def finish(self, number: int, busy: float) -> None:
        """Note that a thread has done its part, in which it computed for so long."""
        self._taken[number], self._busy[number] = time.perf_counter() - self._begin, busy

    def tell(self, crowding: Crowding) -> None:
        """Note what came of the call."""
        now = time.perf_counter()
        call = now - self._begin
        crowding.note(self._kept() if self._together else call - self._alone(), call, now)

    def _kept(self) -> float:
        """For how long a thread was kept from running: the others waited, which looks like work."""
        return max(taken - busy for taken, busy in zip(self._taken, self._busy, strict=True))

    def _alone(self) -> float:
        """The time that the calling thread would have taken for all parts, kept from running as it was for its own."""
        slower = self._taken[0] / self._busy[0] if self._busy[0] > 0 else 1.0
        return sum(self._busy) * max(slower, 1.0)
