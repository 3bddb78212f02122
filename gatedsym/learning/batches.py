"""Sequences with targets, side by side: what a task gives at each update.

Arrays are (time, batch, feature), as everywhere. A batch of a task has

- ``inputs`` (T, B, m): what the network reads; where a task reads symbols, ``tokens`` (T, B) are their numbers and
  ``inputs`` shows them one-hot;
- ``targets``: the class at each step, (T, B) whole numbers, or the numbers wanted, (T, B, k); where no loss is, 0;
- ``weights`` (T, B): how much the loss of a step counts; 0 where there is none. The loss of a batch is
  ``(weights * loss of a step).sum() / weights.sum()``; the loss of a step is the cross-entropy in nats, or the squared
  distance from the target (no half, summed over its k entries);
- ``times``: the steps at which any weight is not 0, in order: a readout is needed there alone;
- ``lengths`` (B,): steps of each sequence. What stands behind the last of them is padding: 0, of weight 0;
- ``cues`` (C, B): the steps at which what must be remembered is shown; ``answers`` (C, B): the steps at which the loss
  needs it; ``lags`` (C, B), the difference: how far a gradient must reach back;
- ``parts`` (C, B): what each cue contributes to the target, where that is a number (adding: the marked value); else 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from gatedsym.typing import Array


@dataclass(frozen=True, eq=False)
class Batch:
    """Sequences with targets; the module's docstring says what each array holds.

    Attributes
    ----------
    numbers : array (T, B, m), optional
        Float inputs; None where a task reads symbols.
    tokens : array of int64 (T, B), optional
        Numbers of symbols; None where a task reads numbers.
    symbols : int
        How many there are; 0 without tokens.
    targets : array
        (T, B) int64 classes, or (T, B, k) numbers.
    weights : array (T, B)
        Of the loss at each step, not negative.
    lengths : array of int64 (B,)
    cues, answers : array of int64 (C, B)
    parts : array (C, B)

    Examples
    --------
    >>> import gatedsym as gs
    >>> batch = gs.tasks.adding(T=10).batch(0, 4)
    >>> batch.numbers.shape, batch.targets.shape
    ((10, 4, 2), (10, 4, 1))
    >>> batch.sequences([0, 2]).count, batch.equals(batch.astype("float64"))
    (2, False)
    """

    numbers: Array | None
    tokens: Array | None
    symbols: int
    targets: Array
    weights: Array
    lengths: Array
    cues: Array
    answers: Array
    parts: Array

    @cached_property
    def inputs(self) -> Array:
        """Features that the network reads, (T, B, m), of the type of the weights."""
        if self.tokens is None:
            assert self.numbers is not None
            return self.numbers
        return np.asarray(np.eye(self.symbols, dtype=self.weights.dtype)[self.tokens])

    @cached_property
    def times(self) -> Array:
        """Steps (S,) at which any sequence has a loss, ascending."""
        return np.flatnonzero(self.weights.any(axis=1))

    @property
    def lags(self) -> Array:
        """Steps from each cue to the answer that needs it, (C, B)."""
        return self.answers - self.cues

    @property
    def count(self) -> int:
        """Sequences B."""
        return int(self.weights.shape[1])

    @cached_property
    def ragged(self) -> bool:
        """Whether some sequence ends before the last step."""
        return bool((self.lengths < len(self.weights)).any())

    def astype(self, dtype: str) -> Batch:
        """The batch with floats of another type.

        Parameters
        ----------
        dtype : {"float32", "float64"}
        """
        return Batch(**{name: _converted(value, dtype) for name, value in self._arrays()})

    def sequences(self, chosen: Array) -> Batch:
        """The batch of some of its sequences; `chosen` are their numbers, an array of int (K,)."""
        return Batch(**{name: _taken(name, value, chosen) for name, value in self._arrays()})

    def neighbours(self, first: int, end: int) -> Batch:
        """The batch of some neighbouring sequences, in arrays of its own."""
        return Batch(**{name: _cut(name, value, first, end) for name, value in self._arrays()})

    def equals(self, other: Batch) -> bool:
        """Whether another batch has the same bits: `other`, array by array."""
        pairs = zip(self._arrays(), other._arrays())
        return all(_same(mine, others) for (_, mine), (_, others) in pairs)

    def _arrays(self) -> list[tuple[str, Any]]:
        return [(name, getattr(self, name)) for name in _NAMES]


_NAMES = tuple(field.name for field in fields(Batch))


def joined(batches: Sequence[Batch]) -> Batch:
    """The sequences of several batches of a task, side by side."""
    if len(batches) == 1:
        return batches[0]
    columns = zip(*(batch._arrays() for batch in batches))
    return Batch(**{given[0][0]: _beside(given[0][0], [value for _, value in given]) for given in columns})


_BATCH_FIRST = ("lengths",)
"""Arrays whose first axis is the batch; of others it is the second."""


def _taken(name: str, value: Any, chosen: Array) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    return value[chosen] if name in _BATCH_FIRST else value[:, chosen]


def _cut(name: str, value: Any, first: int, end: int) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    return (value[first:end] if name in _BATCH_FIRST else value[:, first:end]).copy()


def _beside(name: str, values: list[Any]) -> Any:
    if not isinstance(values[0], np.ndarray):
        return values[0]
    return np.concatenate(values, axis=0 if name in _BATCH_FIRST else 1)


def _converted(value: Any, dtype: str) -> Any:
    floats = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return value.astype(dtype, copy=False) if floats else value


def _same(mine: Any, others: Any) -> bool:
    if isinstance(mine, np.ndarray) and isinstance(others, np.ndarray):
        return mine.dtype == others.dtype and mine.shape == others.shape and mine.tobytes() == others.tobytes()
    return bool(mine is others or mine == others)


def at_the_end(
    lengths: Array, steps: int, values: Array, cues: Array, *, numbers: Array | None = None,
    tokens: Array | None = None, symbols: int = 0, parts: Array | None = None,
) -> Batch:  # fmt: skip
    """A batch whose loss is on the last step of each sequence alone.

    Parameters
    ----------
    lengths : array (B,)
    steps : int
        T.
    values : array (B,) or (B, k)
        The target there: a class, or numbers.
    cues : array (C, B)
    numbers, tokens, symbols, parts
        As in `Batch`.
    """
    count, last = len(lengths), lengths - 1
    columns = np.arange(count)
    targets = np.zeros((steps, *values.shape), values.dtype)
    targets[last, columns] = values
    weights = np.zeros((steps, count))
    weights[last, columns] = 1.0
    parts = np.zeros(cues.shape) if parts is None else parts
    return Batch(numbers, tokens, symbols, targets, weights, lengths, cues, np.broadcast_to(last, cues.shape), parts)


__all__ = ["Batch", "at_the_end", "joined"]
