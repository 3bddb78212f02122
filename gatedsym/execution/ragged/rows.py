"""Episodes of unlike length → rows of arrays without padding, and the pieces in which kernels take them.

Episodes are sorted by length and put into groups; those of a group begin together. A step has a block of rows, one for
each episode that is not over: the last ones, because the shortest come first. Blocks of steps in which none ends lie
side by side and have the same number of rows, so they are an array (steps, rows, …) as kernels take it: a piece. A
history has one more block in front, the past. Its block before a piece ends with the rows that live on: the histories
of pieces overlap as those of steps do, and nothing is handed on.

That holds for a past of one step. Where it is longer, and inputs have one, the episodes of a group are equally long.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from gatedsym.execution.ragged.lengths import Episodes
from gatedsym.typing import Array


class Piece(NamedTuple):
    """Steps in which none of a group's episodes ends.

    Attributes
    ----------
    steps, rows : int
    first : int
        The row of its first step, in arrays that have one for each step.
    skipped : int
        Rows of the past in front: those of groups before, and those of episodes that are over.
    """

    steps: int
    rows: int
    first: int
    skipped: int

    def slice_of(self, delay: int) -> slice:
        """The rows of a history with so many blocks of the past, or of an array of steps with none."""
        start = self.first + delay * self.skipped
        return slice(start, start + (self.steps + delay) * self.rows)


class RowGroup(NamedTuple):
    """Episodes that are computed together.

    Attributes
    ----------
    first, total : int
        Rows of its steps: the first one, and how many.
    before, rows : int
        Episodes of groups before it, and its own.
    pieces : list of Piece
    """

    first: int
    total: int
    before: int
    rows: int
    pieces: list[Piece]


class PackedRows:
    """The rows of a batch of episodes.

    Parameters
    ----------
    episodes : Episodes
    size : int
        Episodes of a group, at most.
    equal : bool
        Whether those of a group must be equally long.

    Attributes
    ----------
    count : int
        Steps of all episodes: rows of an array of steps.
    time, sequence : array (count,) of int
        Where each row stands in the arrays that a caller sees.
    now, then : array (count,) of int
        Where the history of a state has the row before a step, and the one after it, if its past is one row.
    """

    def __init__(self, episodes: Episodes, size: int, equal: bool) -> None:
        self.episodes = episodes
        order = np.argsort(-episodes.length, kind="stable")
        group_of = _group_of(episodes.length[order], size, equal)
        order = order[np.lexsort((episodes.length[order], group_of))]
        self.order, length = order, episodes.length[order]
        before = np.searchsorted(group_of, np.arange(group_of[-1] + 2 if len(group_of) else 1))
        rows, longest = np.diff(before), length[before[1:] - 1]
        # Blocks of all groups, one after the other: when each is, and how many episodes are not over then.
        block = np.append(0, np.cumsum(longest))
        group = np.repeat(np.arange(len(rows)), longest)
        time = np.arange(block[-1]) - block[group]
        ends = (block[group_of] + length)[length < longest[group_of]]
        over = np.cumsum(np.bincount(ends, minlength=block[-1]))
        over = over - np.append(0, over)[block[group]]
        living = rows[group] - over
        # Rows of all blocks.
        first = np.append(0, np.cumsum(living))
        number = np.repeat(np.arange(len(living)), living)
        inside = np.arange(first[-1]) - first[number] + over[number]
        episode = order[before[group[number]] + inside]
        self.count = int(first[-1])
        self.time, self.sequence = episodes.start[episode] + time[number], episodes.sequence[episode]
        skipped = before[group] + over
        self.now = np.arange(self.count) + skipped[number]
        self.then = np.arange(self.count) + before[group + 1][number]
        self.groups = _divide(group, living, first, skipped, before)

    @property
    def episode_count(self) -> int:
        """The number of episodes."""
        return len(self.order)

    @property
    def largest(self) -> int:
        """Episodes of the largest group."""
        return max((group.rows for group in self.groups), default=0)

    def after(self, delay: int) -> Array:
        """The rows that a history has for the steps, if its past has so many blocks; (count,)."""
        return np.arange(self.count) + delay * (self.then - np.arange(self.count))

    @cached_property
    def _of_episodes(self) -> tuple[Array, Array, Array]:
        """For each episode, in order, the rows of steps and the episodes before its group, and episodes in it."""
        facts = [(g.first, g.before, g.rows) for g in self.groups for _ in range(g.rows)]
        first, before, rows = np.array(facts, np.intp).reshape((-1, 3)).T
        return first, before, rows

    def past(self, delay: int) -> Array:
        """The rows that a history has for the past of the episodes in order; (delay, episodes)."""
        first, before, rows = self._of_episodes
        inside = np.arange(self.episode_count) - before
        return np.asarray(first + delay * before + np.arange(delay)[:, None] * rows + inside)

    @cached_property
    def begins(self) -> Array:
        """For each sequence the place in `order` of its first episode."""
        place = np.empty(self.episode_count, np.intp)
        place[self.order] = np.arange(self.episode_count)
        first = np.searchsorted(self.episodes.sequence, np.arange(self.episodes.batch))
        return place[first]

    def trajectory(self, delay: int) -> Array:
        """The rows of a state's history, (T + 1, B): the initial one, each step's, and after the end the last one."""
        steps, batch, lengths = self.episodes.steps, self.episodes.batch, self.episodes.lengths
        places = np.zeros((steps + 1, batch), np.intp)
        places[:1] = self.past(delay)[delay - 1, self.begins]
        places[self.time + 1, self.sequence] = self.after(delay)
        last = places[lengths, np.arange(batch)]
        return np.where(np.arange(steps + 1)[:, None] <= lengths, places, last)

    def spread(self, rows: Array, ahead: int = 0) -> Array:
        """The rows of steps where a caller sees them, (T + ahead, B, …), zeros where there is no step."""
        shape = (self.episodes.steps + ahead, self.episodes.batch)
        found = np.zeros((*shape, *rows.shape[2:]), rows.dtype)
        found[self.time + ahead, self.sequence] = rows[:, 0]
        return found


def _group_of(lengths: Array, size: int, equal: bool) -> Array:
    """The number of each episode's group; the longest episode comes first."""
    if not equal:
        return np.arange(len(lengths)) // max(size, 1)
    starts = np.flatnonzero(np.append(True, lengths[1:] != lengths[:-1])) if len(lengths) else np.arange(0)
    inside = np.arange(len(lengths)) - np.repeat(starts, np.diff(np.append(starts, len(lengths))))
    return np.cumsum(inside % max(size, 1) == 0) - 1


def _divide(group: Array, living: Array, first: Array, skipped: Array, before: Array) -> list[RowGroup]:
    """The groups with their pieces: blocks that stand together as long as they are alike."""
    same = (group[1:] == group[:-1]) & (living[1:] == living[:-1])
    starts = np.flatnonzero(np.append(True, ~same)) if len(group) else np.arange(0)
    steps = np.diff(np.append(starts, len(group)))
    pieces: Sequence[list[Piece]] = [[] for _ in before[1:]]
    columns = (steps, living[starts], first[starts], skipped[starts])
    for number, *piece in zip(group[starts].tolist(), *(column.tolist() for column in columns), strict=True):
        pieces[number].append(Piece(*piece))
    found, row = [], 0
    for number, (start, stop) in enumerate(zip(before[:-1].tolist(), before[1:].tolist(), strict=True)):
        total = sum(piece.steps * piece.rows for piece in pieces[number])
        found.append(RowGroup(row, total, start, stop - start, pieces[number]))
        row += total
    return found
