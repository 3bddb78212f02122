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
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from gatedsym.memory import aligned
from gatedsym.runtime.linked import linked
from gatedsym.runtime.spin import FOREVER, count_up, wait_until

_SIZE, _NUMBER, _FIRST, _LAST, _WAITED, _SHARED = range(6)
_LINE = 64  # bytes of a cache line
_SHARED_LINES = 3

ALONE = np.array([1, 0, 0, 0, 0, 0, 0, 0], np.int64)
"""Of a thread that shares nothing with others."""


class Team:
    """What threads share that run one kernel at once.

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


@linked("p", types.int64)
def _wait(team: Any) -> None:
    """Wait until all members of a team have come here."""
    waited, shared = team[_WAITED] + 1, team[_SHARED]
    team[_WAITED] = waited
    count_up(shared)
    wait_until(shared, waited * team[_SIZE], shared + _LINE, FOREVER)


def begin(team: Any) -> None:
    """Say that a kernel has begun: its thread does not hold the interpreter's lock any more."""


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


@_in_team(begin)  # type: ignore[untyped-decorator]
def _begin_in(team: Any) -> Any:
    def in_team(team: Any) -> Any:
        if team[_SHARED] != 0:
            count_up(team[_SHARED] + 2 * _LINE)

    return in_team


@_in_team(wait)  # type: ignore[untyped-decorator]
def _wait_in(team: Any) -> Any:
    from gatedsym.runtime.products import address  # which imports this module

    def in_team(team: Any) -> Any:
        if team[_SIZE] > 1:
            _wait((address(team),))

    def without(team: Any) -> Any:
        return None

    return in_team if isinstance(team, types.Array) else without


@_in_team(share)  # type: ignore[untyped-decorator]
def _share_in(team: Any, count: Any) -> Any:
    def in_team(team: Any, count: Any) -> Any:
        size, number = team[_SIZE], team[_NUMBER]
        if size == 1:
            return np.int64(0), np.int64(count)
        return count * number // size, count * (number + 1) // size

    def without(team: Any, count: Any) -> Any:
        return np.int64(0), np.int64(count)

    return in_team if isinstance(team, types.Array) else without


@_in_team(rows)  # type: ignore[untyped-decorator]
def _rows_in(team: Any, b0: Any, b1: Any) -> Any:
    def in_team(team: Any, b0: Any, b1: Any) -> Any:
        if team[_SIZE] > 1:
            return team[_FIRST], team[_LAST]
        return np.int64(b0), np.int64(b1)

    def without(team: Any, b0: Any, b1: Any) -> Any:
        return np.int64(b0), np.int64(b1)

    return in_team if isinstance(team, types.Array) else without
