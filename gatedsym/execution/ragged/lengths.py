"""Lengths and resets of sequences, checked, → episodes: stretches of steps that begin with the initial state."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.arguments import as_array
from gatedsym.typing import Array


class Episodes(NamedTuple):
    """The episodes of a batch; each sequence has one at least, which may have no step.

    Attributes
    ----------
    sequence : array of int
        The row of the batch that each is a part of.
    start, length : array of int
        Its first step, and how many it has.
    lengths : array (B,) of int
        Of whole sequences.
    steps, batch : int
        T and B of the arrays that a caller sees.
    """

    sequence: Array
    start: Array
    length: Array
    lengths: Array
    steps: int
    batch: int

    @property
    def are_whole(self) -> bool:
        """Whether each sequence is one episode."""
        return len(self.sequence) == self.batch


def divide_sequences(lengths: object, resets: object, steps: int, batch: int, batch_first: bool) -> Episodes:
    """The episodes that a caller's lengths and resets make.

    Parameters
    ----------
    lengths : (B,) array of int, or None
        None: all steps.
    resets : (T, B) array of bool, or None
        ``(B, T)`` if `batch_first`. True: an episode begins with this step. What it says of steps after the end of a
        sequence, and of step 0, where one begins anyway, changes nothing.
    steps, batch : int
    batch_first : bool

    Raises
    ------
    ArgumentError
        If one of them is of another shape or type, or a length is negative or beyond the steps.
    """
    found = np.full(batch, steps) if lengths is None else check_lengths(lengths, steps, batch)
    if resets is None:
        return Episodes(np.arange(batch), np.zeros(batch, int), found, found, steps, batch)
    begins = _checked_resets(resets, steps, batch, batch_first) & (np.arange(steps)[:, None] < found)
    begins[:1] = False
    sequence, start = np.nonzero(begins.T)
    sequence, start = np.append(np.arange(batch), sequence), np.append(np.zeros(batch, int), start)
    order = np.lexsort((start, sequence))
    sequence, start = sequence[order], start[order]
    is_last = np.append(sequence[1:] != sequence[:-1], np.ones(min(batch, 1), bool))
    stop = np.where(is_last, found[sequence], np.append(start[1:], np.zeros(min(batch, 1), int)))
    return Episodes(sequence, start, stop - start, found, steps, batch)


def check_lengths(given: object, steps: int, batch: int) -> Array:
    """The lengths of sequences, (B,).

    Raises
    ------
    ArgumentError
        If they are of another shape or type, or one is negative or beyond the steps.
    """
    lengths = as_array("lengths", given)
    if lengths.dtype.kind not in "iu":
        raise ArgumentError(f"lengths is {lengths.dtype}; it must be integers, the number of steps of each sequence.")
    if lengths.shape != (batch,):
        raise ArgumentError(f"lengths has shape {lengths.shape}; it must be {(batch,)}, one for each sequence.")
    if len(lengths) and (lengths.min() < 0 or lengths.max() > steps):
        wrong = np.flatnonzero((lengths < 0) | (lengths > steps))
        raise ArgumentError(
            f"lengths[{wrong[0]}] is {lengths[wrong[0]]}; there are {steps} steps, so give one of 0 … {steps}."
        )
    return lengths.astype(np.intp)


def _checked_resets(given: object, steps: int, batch: int, batch_first: bool) -> Array:
    resets = as_array("resets", given)
    if resets.dtype != np.bool_:
        raise ArgumentError(f"resets is {resets.dtype}; it must be booleans, True where an episode begins.")
    needed = (batch, steps) if batch_first else (steps, batch)
    if resets.shape != needed:
        raise ArgumentError(f"resets has shape {resets.shape}; it must be {needed}, one for each step.")
    return resets.T if batch_first else resets
