"""Threads that carry one part of a batch through time together, each with some columns of every product.

Rows of a batch need nothing of each other, so threads usually take rows of their own and never wait. Where weights are
large and rows are few that is slow: every thread reads all weights at each step. The members of a team run the same
kernel on the same rows; each multiplies with its own share of the weights, which stay in its cache, computes what is
elementwise for rows of its own, and waits for the others before and after each product.

A thread has an array of eight integers, which kernels hand on as `team`:

    0  how many members there are; with one, nothing waits
    1  its number
    2  the first row of the team, 3  the row after its last
    4  how often it has waited
    5  the address of what all threads share, or 0: on lines of their own, how often members have arrived, whether to
       give up, and how many kernels have begun

What follows takes the address of that array, or 0 where there is none.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gatedsym.runtime.jit.compile import inlined
from gatedsym.runtime.matmul.addresses import address, integer_of
from gatedsym.runtime.memory import aligned
from gatedsym.runtime.threads.spin import FOREVER, count_up, integer_at, set_integer_at, wait_until

_SIZE, _NUMBER, _FIRST, _LAST, _WAITED, _SHARED = range(0, 48, 8)  # bytes from the address
_LINE = 64  # bytes of a cache line
_SHARED_LINES = 3

ALONE = np.array([1, 0, 0, 0, 0, 0, 0, 0], np.int64)
"""Of a thread that shares nothing with others."""


class Team:
    """Memory shared by threads that run one kernel at once.

    Parameters
    ----------
    size : int
    first, last : int
        The rows of the team.
    together : bool
        Whether they multiply together, or each its own rows.

    Attributes
    ----------
    members : list of array
        For each thread what its kernel takes.
    begun : int
        The address of how many kernels have begun.
    """

    def __init__(self, size: int, first: int, last: int, together: bool = True) -> None:
        self._lines = aligned((_SHARED_LINES + size) * _LINE).view(np.int64).reshape((_SHARED_LINES + size, 8))
        self._lines.fill(0)
        shared = self._lines.ctypes.data
        self.begun = shared + 2 * _LINE
        self.members = list(self._lines[_SHARED_LINES:])
        for number, member in enumerate(self.members):
            member[:6] = (size if together else 1, number, first, last, 0, shared)

    def give_up(self) -> None:
        """Let nobody wait any more: a member has failed, and results are lost."""
        self._lines[1, 0] = 1


@inlined
def has_others(team: int) -> bool:
    """Whether products are shared with other members."""
    return team != 0 and integer_at(team + _SIZE) > 1


@inlined
def wait(team: int) -> None:
    """Wait until all members have come here."""
    if has_others(team):
        waited, shared = integer_at(team + _WAITED) + 1, integer_at(team + _SHARED)
        set_integer_at(team + _WAITED, waited)
        count_up(shared)
        wait_until(shared, waited * integer_at(team + _SIZE), shared + _LINE, FOREVER)


@inlined
def share(team: int, count: int) -> Any:
    """Of `count` panels the first of a member, and the one after its last."""
    if not has_others(team):
        return 0, count
    size, number = integer_at(team + _SIZE), integer_at(team + _NUMBER)
    return count * number // size, count * (number + 1) // size


@inlined
def rows(team: int, b0: int, b1: int) -> Any:
    """The rows that a product covers: those of the team, or b0 to b1."""
    if not has_others(team):
        return b0, b1
    return integer_at(team + _FIRST), integer_at(team + _LAST)


@inlined
def signal_started(team: Any) -> None:
    """Say that a kernel has begun: its thread does not hold the interpreter's lock any more."""
    shared = integer_at(integer_of(address(team)) + _SHARED)
    if shared != 0:
        count_up(shared + 2 * _LINE)
