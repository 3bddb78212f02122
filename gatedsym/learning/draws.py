"""A seed and the number of a batch → random numbers with the same bits on every machine.

They are the raw words of Philox, whose stream NumPy promises to keep, turned into numbers by operations that IEEE 754
rounds correctly. NumPy's own distributions may change from version to version, and some call the machine's ``log``.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache

import numpy as np

from gatedsym.typing import Array

TRAINING, HELD_OUT, FIXED = 0, 1, 2
"""Streams of a task: batches to train on, batches to judge by, and what is drawn once (a permutation, a division)."""


class Draws:
    """Random numbers of one batch, drawn one after another.

    Philox maps (key, counter) to words one to one. The key is the seed and the name of the task; the number of the
    batch and the stream are the upper half of the counter: no two batches share a word of it, in whatever order they
    are drawn.

    Parameters
    ----------
    name : str
        Of the task.
    seed, number : int
        At least 0, below 2**64.
    stream : int
        `TRAINING`, `HELD_OUT` or `FIXED`.
    """

    def __init__(self, name: str, seed: int, number: int = 0, stream: int = TRAINING) -> None:
        counter = np.array([0, 0, number, stream], dtype=np.uint64)
        self._words = np.random.Philox(key=np.array([seed, _number_of(name)], dtype=np.uint64), counter=counter)

    def words(self, *shape: int) -> Array:
        """64 random bits each, uint64."""
        return self._words.random_raw(shape)

    def uniform(self, *shape: int) -> Array:
        """Multiples of 2**-53 in [0, 1), float64."""
        return (self.words(*shape) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def coarse(self, *shape: int) -> Array:
        """Multiples of 2**-32 in [0, 1), float64, two of each word: for noise, which float32 rounds further."""
        return self._halves(*shape) * 2.0**-32

    def below(self, limit: int | Array, *shape: int) -> Array:
        """Whole numbers in [0, limit), int64; one is at most 2**-32 more likely than another.

        Parameters
        ----------
        limit : int or array
            At most 2**31; an array is broadcast against `shape`.
        """
        halves = self._halves(*shape).astype(np.uint64)
        return ((halves * np.asarray(limit, dtype=np.uint64)) >> np.uint64(32)).view(np.int64)

    def _halves(self, *shape: int) -> Array:
        """32 random bits each, uint32: the lower half of a word, then its upper half."""
        count = math.prod(shape)
        words = self.words(-(-count // 2)).astype("<u8", copy=False)
        return words.view("<u4")[:count].reshape(shape)

    def orders(self, count: int, length: int) -> Array:
        """Permutations of 0 … length - 1, one in each column, (length, count)."""
        return np.argsort(self.words(length, count), axis=0, kind="stable")


@cache
def _number_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
