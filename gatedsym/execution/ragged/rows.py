"""Episodes of unlike length → rows of arrays without padding, and the pieces in which kernels take them.

Episodes are sorted by length and put into groups; those of a group begin together. A step has a block of rows, one for
each episode that is not over: the last ones, because the shortest come first. Blocks of steps in which none ends lie
side by side and have the same number of rows, so they are an array (steps, rows, …) as kernels take it: a piece. A
history has one more block in front, the past. Its block before a piece ends with the rows that live on: the histories
of pieces overlap as those of steps do, and nothing is handed on.

That holds for a past of one step. Where it is longer, and inputs have one, the episodes of a group are equally long.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from gatedsym.execution.memo import Memo
from gatedsym.execution.partitions import batch_share, segment_steps
from gatedsym.execution.ragged.lengths import Episodes
from gatedsym.runtime.jit.pieces import (
    BEFORE,
    FIRST,
    GROUP,
    INPUTS,
    ROWS,
    SEGMENT,
    SHARE,
    SKIPPED,
    STEPS,
    TABLE_WIDTH,
)
from gatedsym.typing import Array


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
    order : array of int
        The episodes, group by group.
    time, sequence : array (count,) of int
        Where each row stands in the arrays that a caller sees.
    first : array (groups + 1,) of int
        The first row of each group's steps, and the row after the last.
    before : array (groups + 1,) of int
        Episodes of groups before each, and of all.
    table : array (pieces, `TABLE_WIDTH`) of int
        The pieces, group by group, as `run_pieces` takes them.
    shares : int
        Rows of a group whose contributions to gradients are one sum make a share: at most so many a group has.
    pieces : array (groups + 1,) of int
        The first piece of each group, and how many there are.
    memo : Memo
        What has been found out of these rows.
    """

    def __init__(self, episodes: Episodes, size: int, equal: bool) -> None:
        self.episodes, self.memo = episodes, Memo()
        order = np.argsort(-episodes.length, kind="stable")
        group_of = _group_of(episodes.length[order], size, equal)
        order = order[np.lexsort((episodes.length[order], group_of))]
        self.order, length = order, episodes.length[order]
        before = np.searchsorted(group_of, np.arange(group_of[-1] + 2 if len(group_of) else 1))
        rows, longest = before[1:] - before[:-1], length[before[1:] - 1]
        # Blocks of all groups, one after the other: when each is, and how many episodes are over then.
        block = _sums(longest)
        group = np.repeat(np.arange(len(rows)), longest)
        time = np.arange(block[-1]) - block[group]
        ends = (block[group_of] + length)[length < longest[group_of]]
        over = _sums(np.bincount(ends, minlength=block[-1]))
        over = over[1:] - over[block[group]]
        living = rows[group] - over
        # Rows of all blocks.
        first = _sums(living)
        skipped = before[group] + over
        self.count, self.before, self.first = int(first[-1]), before, first[block]
        self._numbers, self._living = np.arange(self.count), np.repeat(living, living)
        self._skipped = np.repeat(skipped, living)
        episode = order[np.repeat(skipped - first[:-1], living) + self._numbers]
        self.time, self.sequence = np.repeat(time, living), episodes.sequence[episode]
        if not episodes.are_whole:
            self.time += episodes.start[episode]
        is_new = np.ones(len(group), bool)
        np.logical_or(group[1:] != group[:-1], over[1:] != over[:-1], out=is_new[1:])
        begins = np.flatnonzero(is_new)
        self.pieces = np.searchsorted(group[begins], np.arange(len(before)))
        self.table = table = np.empty((len(begins), TABLE_WIDTH), np.int64)
        group, over = group[begins], over[begins]
        table[:-1, STEPS] = begins[1:] - begins[:-1]
        table[-1:, STEPS] = block[-1] - begins[-1:]
        table[:, ROWS] = living[begins]
        table[:, FIRST], table[:, SKIPPED], table[:, BEFORE] = first[begins], skipped[begins], before[group]
        shares = [batch_share(number) for number in rows.tolist()]
        self.shares = max((-(-number // share) for number, share in zip(rows.tolist(), shares, strict=True)), default=1)
        table[:, GROUP], table[:, SHARE], table[:, INPUTS] = group, np.array(shares, np.int64)[group], 1
        # One for all: kernels have scratch memory for so many steps of so many rows.
        table[:, SEGMENT] = segment_steps(max(1, self.largest))

    @cached_property
    def now(self) -> Array:
        """Places in the history of a state of the row before each step, if its past is one row; (count,)."""
        found: Array = self._numbers + self._skipped
        return found

    @cached_property
    def then(self) -> Array:
        """Places there of the row after each step; (count,)."""
        found: Array = self.now + self._living
        return found

    @cached_property
    def longest_segment(self) -> int:
        """Rows of the most steps of a piece that are taken together."""
        table = self.table
        return int((np.minimum(table[:, SEGMENT], table[:, STEPS]) * table[:, ROWS]).max(initial=0))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "memo": Memo()}

    @property
    def episode_count(self) -> int:
        """The number of episodes."""
        return len(self.order)

    @cached_property
    def largest(self) -> int:
        """Episodes of the largest group."""
        return int(np.diff(self.before).max(initial=0))

    @property
    def group_count(self) -> int:
        """The number of groups."""
        return len(self.before) - 1

    def total(self, groups: Iterable[int]) -> int:
        """Rows of the steps of some groups."""
        if isinstance(groups, range) and groups.step == 1 and groups:
            return int(self.first[groups.stop] - self.first[groups.start])
        return sum(int(self.first[number + 1] - self.first[number]) for number in groups)

    def after(self, delay: int) -> Array:
        """The rows that a history has for the steps, if its past has so many blocks; (count,)."""

        def find() -> Array:
            found: Array = self._numbers + delay * (self._skipped + self._living)
            return found

        return self.memo.of(("after", delay), find)

    def ahead(self, delay: int, blocks: int) -> Array:
        """Of what a step reads of a history whose past has `delay` blocks, the row in one of them; (count,).

        Block 0 is the oldest, block `delay` that which `after` tells.
        """
        found: Array = self._numbers + delay * self._skipped + blocks * self._living
        return found

    def stretches(self, delay: int) -> list[tuple[int, int, int]]:
        """The same in stretches: the first row of some steps, the one after their last, how far behind they lie."""

        def find() -> list[tuple[int, int, int]]:
            edges, ahead = self.first.tolist(), (delay * self.before[1:]).tolist()
            return list(zip(edges[:-1], edges[1:], ahead, strict=True))

        return self.memo.of(("stretches", delay), find) if delay else [(0, self.count, 0)]

    def places(self, turned: bool) -> Array:
        """For each row its place among the steps of an array (T, B, …), or (B, T, …) where it is turned; (count,)."""

        def find() -> Array:
            steps, batch = self.episodes.steps, self.episodes.batch
            found: Array = self.sequence * steps + self.time if turned else self.time * batch + self.sequence
            return found

        return self.memo.of(("places", turned), find)

    def past(self, delay: int) -> Array:
        """The rows that a history has for the past of the episodes in order; (delay, episodes)."""
        return self.memo.of(("past", delay), lambda: self._past(delay))

    def _past(self, delay: int) -> Array:
        rows = np.diff(self.before)
        begin = np.repeat(self.first[:-1] + (delay - 1) * self.before[:-1], rows) + np.arange(self.episode_count)
        return np.asarray(begin + np.arange(delay)[:, None] * np.repeat(rows, rows))

    @cached_property
    def begin_with(self) -> Array:
        """For each sequence the place of its first episode in `order`; (B,)."""
        found: Array = self.place[np.searchsorted(self.episodes.sequence, np.arange(self.episodes.batch))]
        return found

    @property
    def is_over(self) -> Array:
        """Whether a sequence is over at a step; (T, B)."""
        return np.arange(self.episodes.steps)[:, None] >= self.episodes.lengths

    @property
    def owner(self) -> Array:
        """The sequence of each episode in order; (episodes,)."""
        return self.episodes.sequence[self.order]

    @cached_property
    def place(self) -> Array:
        """For each episode its place in `order`."""
        place = np.empty(self.episode_count, np.intp)
        place[self.order] = np.arange(self.episode_count)
        return place

    def steps(self, delay: int) -> Array:
        """The row that a history has for each step, (T, B); -1 where there is no step."""
        return self.memo.of(("steps", delay), lambda: self._steps(delay))

    def _steps(self, delay: int) -> Array:
        places = np.full((self.episodes.steps, self.episodes.batch), -1, np.intp)
        places[self.time, self.sequence] = self.after(delay)
        return places

    def trajectory(self, delay: int) -> Array:
        """The rows of a state's history, (T + 1, B): the initial one, each step's, and after the end the last one."""
        steps, batch, lengths = self.episodes.steps, self.episodes.batch, self.episodes.lengths
        places = np.concatenate([self.past(delay)[delay - 1 :, self.begin_with], self.steps(delay)])
        last = places[lengths, np.arange(batch)]
        return np.where(np.arange(steps + 1)[:, None] <= lengths, places, last)

    def final(self, delay: int) -> Array:
        """The rows of a history with which each sequence ends, oldest first; (delay, B)."""
        episodes, batch = self.episodes, self.episodes.batch
        last = np.searchsorted(episodes.sequence, np.arange(batch), side="right") - 1
        steps = episodes.length[last] - delay + np.arange(delay)[:, None]
        past: Array = self.past(delay)[np.minimum(steps, -1) + delay, self.place[last]]
        if not episodes.steps:
            return past
        times = np.maximum(episodes.start[last] + steps, 0)
        return np.where(steps < 0, past, self.steps(delay)[times, np.arange(batch)])

    def summed(self, past: Array) -> Array:
        """Of rows of the past of episodes in order, (delay, episodes, …), the sums of each sequence, (delay, B, …)."""
        found = np.zeros((len(past), self.episodes.batch, *past.shape[2:]), past.dtype)
        if self.episodes.are_whole:
            found[:, self.owner] = past
        else:
            for total, own in zip(found, past, strict=True):
                np.add.at(total, self.owner, own)
        return found

    def spread(self, rows: Array, ahead: int = 0) -> Array:
        """The rows of steps where a caller sees them, (T + ahead, B, …), zeros where there is no step."""
        shape = (self.episodes.steps + ahead, self.episodes.batch)
        found = np.zeros((*shape, *rows.shape[2:]), rows.dtype)
        found[self.time + ahead, self.sequence] = rows[:, 0]
        return found


def _sums(numbers: Array) -> Array:
    """Zero, and the sums of the first numbers, of the first two, …, of all."""
    found = np.zeros(len(numbers) + 1, np.intp)
    np.cumsum(numbers, out=found[1:])
    return found


def _group_of(lengths: Array, size: int, equal: bool) -> Array:
    """The number of each episode's group; the longest episode comes first."""
    if not equal:
        return np.arange(len(lengths)) // max(size, 1)
    starts = np.flatnonzero(np.append(True, lengths[1:] != lengths[:-1])) if len(lengths) else np.arange(0)
    inside = np.arange(len(lengths)) - np.repeat(starts, np.diff(np.append(starts, len(lengths))))
    return np.cumsum(inside % max(size, 1) == 0) - 1
