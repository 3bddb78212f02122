"""A source of sequences of symbols → those of one side of a division, so that held-out ones are never trained on.

Which side a sequence belongs to is a hash of its symbols: the same sequence is on the same side whenever it is drawn.
What is drawn of the other side is left out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.learning.batches import Batch, joined
from gatedsym.learning.draws import FIXED, Draws
from gatedsym.typing import Array

SHARE_BITS = 4
"""One in 2**4 sequences is held out."""
FEWEST = 4096
"""Different sequences that a task must have: the shares of classes are then on both sides about those of all."""
_ROUND = 2048


class DividedSymbols(ABC):
    """A task's generator whose sequences of symbols are divided: a subclass draws, and never asks for a side."""

    @abstractmethod
    def draw(self, draws: Draws, count: int) -> Batch:
        """Sequences of both sides."""

    def __call__(self, draws: Draws, count: int, held_out: bool) -> Batch:
        """The first `count` of the sequences drawn which are held out, or which are not."""
        found: list[Batch] = []
        missing = count
        while missing > 0:
            wanted = missing << SHARE_BITS if held_out else missing
            batch = self.draw(draws, min(wanted + wanted // 8 + 4, max(_ROUND, missing)))
            kept = np.flatnonzero(is_held_out(batch) == held_out)[:missing]
            found.append(batch.sequences(kept))
            missing -= len(kept)
        return joined(found)


def require_many(name: str, kinds: float, mend: str) -> None:
    """Refuse a task whose different sequences are too few to divide.

    Parameters
    ----------
    kinds : float
        How many there are, at least.
    """
    if kinds < FEWEST:
        raise ArgumentError(
            f"{name} has {int(kinds)} different sequences with these settings, too few to hold some out (at least "
            f"{FEWEST}): {mend}"
        )


def is_held_out(batch: Batch) -> Array:
    """Whether each sequence is on the side that is held out, (B,)."""
    assert batch.tokens is not None
    factors = _factors(len(batch.tokens))
    # The sum wraps around at 2**64, as is meant; its upper bits depend on every symbol.
    hashed = ((batch.tokens.astype(np.uint64) + np.uint64(1)) * factors[:, None]).sum(axis=0)
    return np.asarray(hashed >> np.uint64(64 - SHARE_BITS) == 0)


@cache
def _factors(steps: int) -> Array:
    return Draws("division", 0, 0, FIXED).words(steps) | np.uint64(1)


__all__ = ["FEWEST", "SHARE_BITS", "DividedSymbols", "is_held_out", "require_many"]
