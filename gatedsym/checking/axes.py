"""Axes of a person's arrays: where time, sequences and features stand; ours are (time, sequences, features)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gatedsym.typing import Array


@dataclass(frozen=True)
class Axes:
    """An order of axes, told by letters.

    Attributes
    ----------
    letters : str
        ``B.``: sequences, then features; ``.B``: features, then sequences; ``.``: one sequence alone; with a T for
        whole sequences, ``TB.``, ``.BT``.
    listed : bool
        True for a list with an array for each step; the letters are then those of a step.
    alone : bool
        True where the axis of sequences has length 1.
    """

    letters: str
    listed: bool = False
    alone: bool = False

    @property
    def batched(self) -> bool:
        """Whether several sequences may come at once."""
        return "B" in self.letters and not self.alone

    @property
    def step(self) -> Axes:
        """The axes of one step."""
        return Axes(self.letters.replace("T", ""), alone=self.alone)

    def arrange(self, array: Array, rank: int) -> Array:
        """An array of ours, (T, B, …) or (B, …), with `rank` axes of features, as she has it.

        In a list time stays in front.
        """
        timed = array.ndim == rank + 2
        letters = ("T" if timed and (self.listed or "T" not in self.letters) else "") + self.letters
        letters = letters if timed else letters.replace("T", "")
        if "B" not in letters:
            array = array[:, 0] if timed else array[0]
        here = ("T" if timed else "") + ("B" if "B" in letters else "")
        sources = {c: n for n, c in enumerate(here)}
        order: list[int] = []
        for c in letters:
            order += range(len(here), len(here) + rank) if c == "." else [sources[c]]
        return np.transpose(array, order)

    def restore(self, array: Array, rank: int, timed: bool) -> Array | None:
        """An array of hers as ours, or None if it has another number of axes."""
        letters = ("T" if timed and (self.listed or "T" not in self.letters) else "") + self.letters
        letters = letters if timed else letters.replace("T", "")
        if array.ndim != len(letters) - 1 + rank:
            return None
        places: dict[str, int] = {}
        features: list[int] = []
        at = 0
        for c in letters:
            if c == ".":
                features = list(range(at, at + rank))
                at += rank
            else:
                places[c] = at
                at += 1
        front = [places[c] for c in ("TB" if timed else "B") if c in places]
        ours = np.transpose(array, [*front, *features])
        return ours if "B" in letters else np.expand_dims(ours, 1 if timed else 0)


STEP = (Axes("B."), Axes(".B"), Axes("."))
SEQUENCE = (
    Axes("TB."), Axes("BT."), Axes(".BT"), Axes("T.B"), Axes("T."), Axes(".T"), Axes(".TB"),
    Axes("B.", True), Axes(".B", True), Axes(".", True),
)  # fmt: skip


def restorations(array: Array, shape: tuple[int, ...], rank: int, first: Axes) -> Iterator[Array]:
    """The readings of an array under which it has a shape of ours, that of `first` before others."""
    timed = len(shape) == rank + 2
    for axes in dict.fromkeys((first, *(SEQUENCE if timed else STEP))):
        ours = axes.restore(array, rank, timed)
        if ours is not None and ours.shape == shape:
            yield ours
