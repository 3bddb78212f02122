"""The partition of a batch among threads: each with rows of its own, or a team on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from gatedsym.runtime.threads.pool import run_together, usable_cores
from gatedsym.runtime.threads.team import ALONE, Team
from gatedsym.typing import Array

_ROWS = 8  # of the tallest tile: a share is a multiple of it
_AT_ONCE = 192  # rows of all threads together that a product over several steps takes at once
_LONGEST = 96  # steps
_CACHE = 1 << 21  # bytes of weights: with more, a core has read others before it comes to the same again
_FEW_ROWS = 64  # of a thread: weights that come from farther away serve so few that it shows


Chunk = tuple[int, ...]
"""The first row and the row after the last; where directions of rows are divided too, the same of these."""


class Partition(NamedTuple):
    """A division of a batch among threads.

    Attributes
    ----------
    chunks : list of Chunk
        For each thread.
    is_team : bool
        Whether threads share the products of all rows.
    """

    chunks: list[Chunk]
    is_team: bool


def batch_share(batch: int) -> int:
    """The number of rows whose contributions to gradients are one sum: by the size of the batch alone."""
    return _ROWS * max(1, min(4, batch // 32), -(-batch // (64 * _ROWS)))


def rows_together(batch: int, weights: int) -> int:
    """The number of rows that are carried through time together where not all have the same number of steps.

    Few, so that threads have equal shares; many where weights, of so many bytes, come from farther away.
    """
    return max(batch_share(batch), _FEW_ROWS if weights > _CACHE else 0)


def segment_steps(batch: int) -> int:
    """The number of steps that are taken together where nothing in them waits: by the size of the batch alone."""
    return max(1, min(_LONGEST, _AT_ONCE // max(batch, 1)))


def divide_batch(batch: int, share: int, threads: int, weights: int, directions: int = 0) -> Partition:
    """Divide a batch among threads.

    Parameters
    ----------
    batch : int
    share : int
        Rows that stay together.
    threads : int
    weights : int
        Bytes of the weights that a thread reads at each step; 0 where no team can help.
    directions : int
        Of each row, where they are carried along; they are divided where shares of the batch are too few.
    """
    shares = -(-batch // share)
    size = min(threads, usable_cores())
    if shares_products(batch, shares, size, weights):
        return Partition(list(_cut(batch, share, size)), True)
    if directions and shares < threads and directions > _ROWS:
        parts = [c for c in _cut(directions, _ROWS, threads) if c[0] < c[1]]
        return Partition([(0, batch, *part) for part in parts], False)
    whole = (0, directions) if directions else ()
    return Partition([(*c, *whole) for c in _cut(batch, share, min(threads, shares)) if c[0] < c[1]], False)


def shares_products(batch: int, shares: int, size: int, weights: int) -> bool:
    """Whether so many threads are to share the products of all rows, of which there are so many shares."""
    few = batch < _FEW_ROWS * size
    return size > 1 and few and (weights > _CACHE or (shares < size and weights > _CACHE // 16))


def _cut(batch: int, share: int, parts: int) -> list[tuple[int, int]]:
    """Whole shares for each of some parts; those of a team may be empty."""
    shares = -(-batch // share)
    edges = [min(batch, share * (shares * part // max(parts, 1))) for part in range(parts + 1)]
    return [(edges[part], edges[part + 1]) for part in range(parts)]


def run_partition(call: Callable[[Chunk, tuple[Array, ...]], object], partition: Partition, has_team: bool) -> None:
    """Call ``call(chunk, team)`` for every thread; `team` is empty for kernels that know of none."""
    chunks, is_team = partition
    alone = (ALONE,) if has_team else ()
    if len(chunks) > 1:
        team = Team(len(chunks), chunks[0][0], chunks[-1][1], is_team)
        members = [(member,) if has_team else () for member in team.members]
        jobs = [partial(call, chunk, member) for chunk, member in zip(chunks, members, strict=True)]
        if run_together(jobs, team.begun if has_team else 0, team.give_up, is_team):
            return
    for chunk in chunks:
        call(chunk, alone)
